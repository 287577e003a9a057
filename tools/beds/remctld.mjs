// Debian's remctld on a loopback port, with commands that show what arrives and produce what a client must cope with.

import fs from "node:fs";
import path from "node:path";
import { ensurePeers } from "../peers/index.mjs";
import {
  acceptsTcp,
  clockOffsetEnv,
  freePort,
  makeFolder,
  removeFolder,
  runProgram,
  startDaemon,
  waitUntil,
} from "./process.mjs";

/**
 * @typedef {object} RemctldOptions
 * @property {{ realm: string, krb5Conf: string, keytab: { service: string } }} bed a realm bed, MIT or Heimdal
 * @property {string} [keytab] default the bed's service keytab
 * @property {string} [service] accept tickets for this principal only (remctld -s); default any in the keytab
 * @property {number} [clockOffsetSeconds] moves remctld's clock (needs the peer "faketime")
 * @property {string[]} [bindAddresses] default 127.0.0.1
 * @property {boolean} [replayCache] default true: a real one in the bed's folder
 * @property {[command: string, subcommand: string, script: string][]} [commands] more commands, each the text of a
 *   /bin/sh script
 * @property {string[]} [conf] extra configuration lines, before the others
 * @property {(folder: string) => string[]} [onlyConf] the whole configuration instead; it gets the folder of the scripts
 *
 * @typedef {object} Remctld
 * @property {string} host 127.0.0.1's name that the service principal has: "localhost"
 * @property {number} port
 * @property {number} pid
 * @property {string} service the principal to ask a ticket for: host/localhost@REALM
 * @property {string} dir
 * @property {() => string} logs
 * @property {(env: Record<string, string>, command: string[], options?: { args?: string[], timeoutMs?: number })
 *   => Promise<{ status: number, stdout: Buffer, stderr: Buffer, text: string }>} run the C client `remctl` with the
 *   environment of a native login (`(await bed.kinit(...)).env`)
 * @property {() => Promise<void>} close
 */

// Each is a /bin/sh script. $1 is the subcommand; remctld gives the command's own name in REMCTL_COMMAND only.
/** @type {Record<string, string>} */
const SCRIPTS = {
  hello: "echo 'hello world'",
  status: 'exit "$2"',
  "no-output": ":",
  mixed: "echo out1; echo err1 >&2; echo out2; exit 7",
  stderr: 'shift; echo "$*" >&2',
  // The pauses let a client prove that output arrives before the command ends.
  streaming: `echo 'This is the first line'
sleep 0.1
echo 'This is the second line' >&2
sleep 0.1
echo 'This is the third line'`,
  env: 'printenv "$2"',
  // How many arguments, the subcommand not counted; nothing to shift when there is no subcommand.
  argv: '[ $# -gt 0 ] && shift; echo "$#"',
  // Each argument after the subcommand as hex on a line of its own: byte exact, also when empty.
  "echo-args": `shift
for arg; do
  printf %s "$arg" | od -An -v -tx1 | tr -d ' \\n'
  echo
done`,
  // Whether remctld leaked a descriptor (above 2), and whether stdin is at its end.
  closed: `for fd in /proc/self/fd/*; do
  # 3 is the shell's own reading of /proc; a leak would be a socket.
  case "$(readlink "$fd")" in socket:*) [ "\${fd##*/}" -gt 2 ] && { echo "descriptor \${fd##*/} is open"; exit 1; } ;; esac
done
if read -r line; then echo "stdin has data"; exit 1; fi
echo Okay`,
  // The child keeps stdout open; the command has ended all the same.
  background: "(sleep 10; echo Child) & echo Parent",
  stdin: `case "$2" in
  read) cat ;;
  write) echo Okay; cat >/dev/null ;;
  exit) echo Okay ;;
  close) exec <&-; sleep 0.2; echo Okay ;;
  slow) n=0; while :; do c=$(head -c 65536 | wc -c); [ "$c" -eq 0 ] && break; n=$((n + c)); sleep 0.02; done; echo "$n" ;;
  *) echo "no such mode" >&2; exit 1 ;;
esac`,
  // Octets and SHA-256 of the last argument, which arrives on stdin.
  "count-stdin": `f=$(mktemp "$BED_DIR/stdin.XXXXXX") || exit 1
cat >"$f"
wc -c <"$f" | tr -d ' '
sha256sum <"$f" | cut -d ' ' -f 1
rm -f "$f"`,
  cat: "cat",
  sleep: '[ -n "$2" ] && echo "$2"; sleep 3',
  // sleep-for SECONDS WORD: prints the word afterwards.
  "sleep-for": 'sleep "$2"; echo "$3"',
  "large-output": "yes 'a line of large output, 40 octets long.' | head -c \"$2\"",
  "large-stderr": "yes 'a line of large output, 40 octets long.' | head -c \"$2\" >&2",
  binary: 'cat "$BED_DIR/octets"',
  "no-newline": "printf 'no newline'",
  sigpipe: "kill -s PIPE $$",
  killed: "echo before; kill -s KILL $$",
  help: `case "$1:$2" in
  summary:) echo 'summary text' ;;
  summary:*) echo 'subcommand summary' ;;
  help:) echo 'help text' ;;
  help:*) echo 'subhelp text' ;;
esac`,
};

/** What `test large-output N` prints. @param {number} size @returns {Buffer} */
export function largeOutput(size) {
  return Buffer.alloc(size, "a line of large output, 40 octets long.\n");
}

/**
 * Starts a remctld for a realm bed. Its commands:
 *
 *     test test                 prints "hello world"
 *     test status N             exits with N
 *     test no-output            nothing, 0
 *     test mixed                out1, err1 (stderr), out2; exits with 7
 *     test stderr WORDS..       prints them on stderr
 *     test streaming            stdout, 0.1 s, stderr, 0.1 s, stdout
 *     test env VAR              prints the variable
 *     test argv ARGS..          prints how many
 *     test echo-args ARGS..     prints each as a line of hex
 *     test closed               "Okay" when no descriptor leaked and stdin is at its end
 *     test background           "Parent"; a child holds stdout for 10 s more
 *     test stdin MODE DATA      MODE read, write, exit, close, slow; DATA on stdin
 *     test count-stdin DATA     octets, then SHA-256, of DATA
 *     test cat DATA             DATA back
 *     test sleep [WORD]         WORD, then 3 s
 *     test sleep-for S WORD     S seconds, then WORD
 *     test large-output N       N octets, as largeOutput(N); large-stderr the same on stderr
 *     test binary               octets 0 to 255
 *     test no-newline | sigpipe | killed
 *     test nonexistent          the program is missing;  test noauth | noacl: access denied
 *     test alice-only           "hello world" for alice@REALM only
 *     helpme ALL, helpme-sub subcommand   have help= and summary=
 *     empty EMPTY, all ALL, ALL bar       print the argument count
 *
 * @param {RemctldOptions} options
 * @returns {Promise<Remctld>}
 */
export async function startRemctld(options) {
  const { mit } = await ensurePeers(["mit"]);
  if (!mit.available) throw new Error(`remctld comes with the MIT packages: ${mit.reason}`);
  const { bed } = options;
  const dir = makeFolder("remctld");
  const file = (/** @type {string} */ name) => path.join(dir, name);
  for (const [name, text] of Object.entries(SCRIPTS)) {
    fs.writeFileSync(file(name), `#!/bin/sh\nBED_DIR=${dir}\n${text}\n`, { mode: 0o755 });
  }
  const added = (options.commands ?? []).map(([command, subcommand, text], index) => {
    fs.writeFileSync(file(`added-${index}`), `#!/bin/sh\nBED_DIR=${dir}\n${text}\n`, { mode: 0o755 });
    return `${command} ${subcommand} ${file(`added-${index}`)} ANYUSER`;
  });
  fs.writeFileSync(
    file("octets"),
    Uint8Array.from({ length: 256 }, (_, index) => index),
  );
  const line = (/** @type {string} */ subcommand, program = subcommand, option = "") =>
    `test ${subcommand} ${file(program)} ${option} ANYUSER`;
  fs.writeFileSync(
    file("conf"),
    (
      options.onlyConf?.(dir) ?? [
        ...(options.conf ?? []),
        ...added,
        line("test", "hello"),
        ...["status", "no-output", "mixed", "stderr", "streaming", "env", "argv", "echo-args", "closed"].map((n) =>
          line(n),
        ),
        ...["background", "sleep", "sleep-for", "large-output", "large-stderr", "binary"].map((n) => line(n)),
        ...["no-newline", "sigpipe", "killed"].map((n) => line(n)),
        ...["stdin", "count-stdin", "cat"].map((n) => line(n, n, "stdin=last")),
        line("nonexistent", "no-such-program"),
        `test noauth ${file("hello")} princ:nobody@${bed.realm}`,
        `test noacl ${file("hello")} file:${file("no-such-acl")}`,
        `test alice-only ${file("hello")} princ:alice@${bed.realm}`,
        `helpme ALL ${file("help")} summary=summary help=help ANYUSER`,
        `helpme-sub subcommand ${file("help")} summary=summary help=help ANYUSER`,
        `empty EMPTY ${file("argv")} ANYUSER`,
        `all ALL ${file("argv")} ANYUSER`,
        `ALL bar ${file("argv")} ANYUSER`,
        "",
      ]
    ).join("\n"),
  );
  const clock = options.clockOffsetSeconds
    ? clockOffsetEnv((await ensurePeers(["faketime"])).faketime, options.clockOffsetSeconds)
    : {};
  const env = {
    ...mit.env,
    KRB5_CONFIG: bed.krb5Conf,
    KRB5RCACHEDIR: dir,
    ...(options.replayCache === false ? { KRB5RCACHENAME: "none:" } : {}),
    ...clock,
  };
  const addresses = options.bindAddresses ?? ["127.0.0.1"];
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const daemon = startDaemon(
      mit.bin("remctld"),
      [
        ...["-m", "-d", "-F", "-S", "-p", String(port), "-f", file("conf"), "-P", file("pid")],
        ...["-k", options.keytab ?? bed.keytab.service],
        ...addresses.flatMap((address) => ["-b", address]),
        ...(options.service ? ["-s", options.service] : []),
      ],
      { env, cwd: dir },
    );
    try {
      // The pid file is written after bind(); the connection proves listen(), and remctld takes it for a lost client.
      await waitUntil(daemon, "remctld", () => fs.existsSync(file("pid")) && acceptsTcp(port, addresses[0]));
    } catch (error) {
      await daemon.stop();
      if (attempt < 3 && /in use|cannot bind/.test(daemon.output())) continue;
      removeFolder(dir);
      throw error;
    }
    return {
      host: "localhost",
      port,
      pid: daemon.pid,
      service: options.service ?? `host/localhost@${bed.realm}`,
      dir,
      logs: daemon.output,
      run: (loginEnv, command, more = {}) =>
        runProgram(
          mit.bin("remctl"),
          [
            "-p",
            String(port),
            "-s",
            options.service ?? "host/localhost",
            ...(more.args ?? []),
            "localhost",
            ...command,
          ],
          { env: loginEnv, ...(more.timeoutMs === undefined ? {} : { timeoutMs: more.timeoutMs }) },
        ),
      close: async () => {
        await daemon.stop();
        removeFolder(dir);
      },
    };
  }
}
