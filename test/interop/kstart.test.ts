// k5start and krenew beside Debian's kstart: the same command lines have the same status, output, caches and environment.

import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { decodeCcacheFile } from "../../src/credentials/index.ts";
import { formatPrincipal } from "../../src/krb5/index.ts";
import { startMitBed } from "../../tools/beds/index.mjs";
import { installCli } from "../support/cli.ts";
import { describeLive, peers, useBed, wholeTable } from "../support/live.ts";

type Side = "theirs" | "ours";

interface Row {
  readonly run: string;
  /** kinit's words that make `$W/cc` before. */
  readonly before?: string;
  readonly input?: string;
  /** A signal for the program itself, a second after it has a ticket or its command runs. */
  readonly signal?: NodeJS.Signals;
}

const ROBOT = "-f $KT robot";
const RENEWABLE = "-k -t $KT -l 10m -r 5h robot";
const SHOW = `sh -c 'echo $KRB5CCNAME; stat -c %a \${KRB5CCNAME#FILE:}; $KLIST | grep -c krbtgt; exit 7'`;
/** Whether the file of the cache is another one after ALRM. */
const ALARM = `sh -c 'C=\${KRB5CCNAME#FILE:}; cp $C $W/one; sleep 1.1; kill -ALRM $PPID; sleep 1; cmp -s $W/one $C || echo anew'`;

/** The cache of the command goes away, and then the ticket is looked at. */
const GONE = `sh -c 'rm \${KRB5CCNAME#FILE:}; kill -ALRM $PPID; sleep 1; $KLIST | grep -c krbtgt; exit 5'`;

/** Whether both files come, of which the command's own is written while it runs already. */
const PIDS = `sh -c 'for i in 1 2 3 4 5 6 7 8 9; do test -s $W/child || sleep 1; done; test -s $W/pid && test -s $W/child; echo $?'`;

/** One good and one refused row of each for a plain `npm test`. */
const PLAIN: readonly Row[] = [
  { run: `k5start ${ROBOT} -- ${SHOW}` },
  { run: "k5start -x -f $KT nobody -- true" },
  { run: `krenew -- ${SHOW}`, before: RENEWABLE },
  { run: "krenew -- true", before: "-k -t $KT -l 10m robot" },
];

const REST: readonly Row[] = [
  { run: `k5start ${ROBOT}` },
  { run: `k5start -q ${ROBOT}` },
  { run: `k5start -v ${ROBOT}` },
  { run: "k5start -U -f $KT" },
  { run: "k5start -U -f $KT -- sh -c 'exit 3'" },
  { run: "k5start -u robot -f $KT" },
  { run: "k5start -u robot -f $KT -- sh -c 'exit 4'" },
  { run: `k5start -l 7m ${ROBOT}` },
  { run: `k5start -F -P ${ROBOT}` },
  { run: `k5start -m 640 ${ROBOT}` },
  { run: `k5start -k $W/other -m 444 -o root -g 1 ${ROBOT}` },
  { run: `k5start -k $W/other ${ROBOT} -- ${SHOW}` },
  { run: `k5start -k FILE:$W/other ${ROBOT} -- ${SHOW}` },
  { run: `k5start -S host -I localhost ${ROBOT}` },
  { run: `k5start -r EXAMPLE.TEST ${ROBOT}` },
  { run: "k5start -s alice", input: "alice-password\n" },
  { run: "k5start -s -q alice", input: "alice-password\n" },
  { run: "k5start -s alice", input: "wrong\n" },
  { run: `k5start -H 5 ${ROBOT}`, before: RENEWABLE },
  { run: `k5start -H 30 ${ROBOT}`, before: RENEWABLE },
  { run: "k5start -f $W/nosuch robot" },
  { run: "k5start -U -f $W/nosuch" },
  // Without -K a first login that fails is the end, whatever kstart's manual says of a command.
  { run: "k5start -f $KT nobody -- true" },
  { run: "k5start -a -f $KT nobody -- true" },
  { run: `k5start ${ROBOT} -- $W/nosuch` },
  { run: `k5start ${ROBOT} -- sh -c 'kill -KILL $$'` },
  { run: `k5start -p $W/pid -c $W/child ${ROBOT} -- ${PIDS}` },
  {
    run: `k5start ${ROBOT} -- sh -c 'trap "exit 9" TERM; touch $W/one; while :; do sleep 0.1; done'`,
    signal: "SIGTERM",
  },
  { run: `k5start ${ROBOT} -- sh -c 'trap "exit 9" HUP; touch $W/one; while :; do sleep 0.1; done'`, signal: "SIGHUP" },
  { run: `k5start ${ROBOT} -- sh -c 'trap "exit 9" INT; touch $W/one; while :; do sleep 0.1; done'`, signal: "SIGINT" },
  {
    run: `k5start ${ROBOT} -- sh -c 'trap "exit 9" QUIT; touch $W/one; while :; do sleep 0.1; done'`,
    signal: "SIGQUIT",
  },
  { run: `k5start -K 5 -p $W/pid ${ROBOT}`, signal: "SIGTERM" },
  { run: `k5start ${ROBOT} -- ${ALARM}` },
  { run: `k5start -a -K 5 ${ROBOT}`, signal: "SIGTERM" },
  { run: `k5start -n ${ROBOT}` },
  { run: "k5start -u robot -i nosuch -f $KT" },
  { run: "k5start -u robot/nosuch -i nosuch -f $KT" },
  { run: "k5start -U -u robot -f $KT" },
  { run: "k5start -U" },
  { run: "k5start -s -f $KT robot", input: "alice-password\n" },
  { run: "k5start -K 5 alice", input: "alice-password\n" },
  { run: "k5start -b alice", input: "alice-password\n" },
  { run: "k5start -s alice -- true", input: "alice-password\n" },
  { run: `k5start -l nonsense ${ROBOT}` },
  { run: `k5start -K 700 ${ROBOT}` },
  { run: `k5start -Z ${ROBOT}` },
  { run: "krenew", before: RENEWABLE },
  { run: "krenew -Z", before: RENEWABLE },
  { run: "krenew -a -K 5", before: RENEWABLE, signal: "SIGTERM" },
  { run: "krenew -x -- true", before: "-k -t $KT -l 10m robot" },
  {
    run: `krenew -p $W/pid -c $W/child -- ${PIDS}`,
    before: RENEWABLE,
  },
  { run: "krenew -v", before: RENEWABLE },
  { run: "krenew -H 5", before: RENEWABLE },
  { run: "krenew -H 5", before: "-k -t $KT -l 10m robot" },
  { run: "krenew -H 30", before: RENEWABLE },
  { run: "krenew -H 400", before: RENEWABLE },
  { run: "krenew", before: "-k -t $KT -l 10m robot" },
  { run: "krenew -x -K 5", before: "-k -t $KT -l 10m robot" },
  { run: "krenew -k $W/nosuch" },
  { run: "krenew -k $W/nosuch -- true" },
  { run: `krenew -k $W/cc -- ${SHOW}`, before: RENEWABLE },
  { run: `krenew -- ${ALARM}`, before: RENEWABLE },
  { run: "krenew -- sh -c 'kill -TERM $$'", before: RENEWABLE },
  { run: "krenew -K 5", before: RENEWABLE, signal: "SIGTERM" },
  // An examiner's: words that are glued together, names with realms, caches without the ticket, files that cannot be.
  { run: "k5start -qf $KT robot" },
  { run: "k5start -f$KT -urobot" },
  { run: "k5start -vUf $KT" },
  { run: "k5start -U -f $KT true" },
  { run: "k5start -l 1h30m -u robot -f $KT" },
  // Whole minutes.
  { run: `k5start -l 90 ${ROBOT}` },
  { run: `k5start -l 1h59s ${ROBOT}` },
  { run: `k5start -l 0m ${ROBOT}` },
  { run: "k5start -f $KT robot@EXAMPLE.TEST" },
  { run: "k5start -f $KT robot@NOSUCH.TEST" },
  { run: "k5start -f $KT -u robot -i admin" },
  { run: "k5start -f $KT nosuch/user/name" },
  { run: `k5start -S nosuch -I localhost ${ROBOT}` },
  { run: `k5start -r NOSUCH.TEST ${ROBOT}` },
  { run: `k5start -k $W/nosuch/cc ${ROBOT}` },
  { run: `k5start -k NOSUCH:$W/cc ${ROBOT}` },
  { run: `k5start -p $W/nosuch/pid ${ROBOT}` },
  { run: `k5start -H 5 ${ROBOT}`, before: "-k -t $KT -S host/localhost robot" },
  { run: `k5start -H 5x ${ROBOT}`, before: RENEWABLE },
  { run: `k5start -m 0640 -o 1 ${ROBOT}` },
  { run: `k5start -m 1777 ${ROBOT}` },
  { run: `k5start -a -x -K 1 ${ROBOT} -- sh -c 'sleep 1; exit 5'` },
  { run: "k5start -f $KT", input: "" },
  { run: "krenew -vk $W/cc", before: RENEWABLE },
  { run: "krenew -k FILE:$W/cc -- sh -c 'exit 6'", before: RENEWABLE },
  { run: "krenew -K 5x", before: RENEWABLE },
  { run: "krenew -H 0", before: RENEWABLE },
  { run: "krenew -- $W/nosuch", before: RENEWABLE },
  { run: "krenew", before: "-k -t $KT -S host/localhost robot" },
  // Of a second examiner.
  { run: `k5start -v -K 10 ${ROBOT} -- true` },
  { run: `k5start -av ${ROBOT} -- sh -c 'exit 255'` },
  { run: `k5start -H 20 ${ROBOT}`, before: "-k -t $KT -l 10m robot" },
  { run: `k5start -H 60 ${ROBOT} -- ${SHOW}`, before: RENEWABLE },
  { run: `k5start -H 5 -k $W/cc ${ROBOT} -- ${SHOW}`, before: RENEWABLE },
  { run: `k5start -H -5 ${ROBOT}`, before: RENEWABLE },
  { run: `k5start -H 5 -K 10 ${ROBOT}`, signal: "SIGTERM" },
  { run: `k5start -g 0 ${ROBOT}` },
  { run: `k5start -g nosuchgroup ${ROBOT}` },
  { run: `k5start -o nosuchuser ${ROBOT}` },
  { run: `k5start -o root -g root -m 600 -k $W/other ${ROBOT}` },
  { run: `k5start -l 1d2h3m4s ${ROBOT}` },
  { run: `k5start -l '' ${ROBOT}` },
  { run: `k5start -K 0 ${ROBOT}` },
  { run: `k5start -K -1 ${ROBOT}` },
  { run: `k5start -K ten ${ROBOT}` },
  { run: `k5start ${ROBOT} -- sh -c 'kill -HUP $$'` },
  { run: `k5start ${ROBOT} -- sh -c 'kill -PIPE $$'` },
  { run: `k5start ${ROBOT} -- sh -c 'exit 0'` },
  { run: `k5start ${ROBOT} -- sh -c 'exit 128'` },
  { run: `k5start ${ROBOT} sh -c 'exit 3'` },
  { run: `k5start ${ROBOT} -- $W` },
  { run: `k5start ${ROBOT} extra` },
  { run: "k5start -u alice -s -l 5m -- sh -c 'exit 3'", input: "alice-password" },
  { run: "k5start -s alice", input: "" },
  { run: "k5start -i host -S host -I localhost -u robot -f $KT" },
  { run: "k5start -S host -f $KT robot" },
  { run: "k5start -I localhost -f $KT robot" },
  { run: "k5start -U -f $KT -H 5", before: RENEWABLE },
  { run: "krenew -i -K 5", before: RENEWABLE, signal: "SIGTERM" },
  { run: "krenew -i -K 60 -- sh -c 'exit 4'", before: "-k -t $KT -l 10m robot" },
  { run: "krenew -ai -- sh -c 'exit 4'" },
  { run: "krenew -s -- true", before: RENEWABLE },
  { run: "krenew -H 20", before: "-k -t $KT -l 10m robot" },
  { run: "krenew -xH 5 -- sh -c 'exit 5'", before: RENEWABLE },
  { run: "krenew -v -- true", before: RENEWABLE },
  { run: "krenew -K 0", before: RENEWABLE },
  { run: "krenew true", before: RENEWABLE },
  { run: "krenew extra words", before: RENEWABLE },
  { run: "krenew -k ''", before: RENEWABLE },
  { run: "krenew -k NOSUCH:$W/cc", before: RENEWABLE },
  { run: "krenew -- sh -c 'kill -KILL $$'", before: RENEWABLE },
  {
    run: `krenew -- sh -c 'trap "exit 9" HUP; touch $W/one; while :; do sleep 0.1; done'`,
    before: RENEWABLE,
    signal: "SIGHUP",
  },
  {
    run: `krenew -- sh -c 'trap "exit 9" QUIT; touch $W/one; while :; do sleep 0.1; done'`,
    before: RENEWABLE,
    signal: "SIGQUIT",
  },
  // Of a third examiner: a cache that goes away, signals without a command, files and owners that cannot be.
  { run: `k5start ${ROBOT} -- ${GONE}` },
  { run: `k5start -x ${ROBOT} -- ${GONE}` },
  { run: `krenew -- ${GONE}`, before: RENEWABLE },
  { run: `krenew -i -- ${GONE}`, before: RENEWABLE },
  { run: `krenew -x -- ${GONE}`, before: RENEWABLE },
  {
    run: `krenew -s -- sh -c 'trap "exit 9" HUP; rm \${KRB5CCNAME#FILE:}; kill -ALRM $PPID; sleep 1; exit 5'`,
    before: RENEWABLE,
  },
  { run: `k5start -K 5 -p $W/pid ${ROBOT}`, signal: "SIGHUP" },
  { run: `k5start -K 5 ${ROBOT}`, signal: "SIGINT" },
  { run: `k5start -K 5 ${ROBOT}`, signal: "SIGQUIT" },
  { run: "krenew -K 5 -p $W/pid", before: RENEWABLE, signal: "SIGHUP" },
  { run: "krenew -K 5", before: RENEWABLE, signal: "SIGINT" },
  { run: `k5start ${ROBOT} -- sh -c 'trap "" TERM; touch $W/one; sleep 3; exit 6'`, signal: "SIGTERM" },
  { run: `k5start ${ROBOT} -- sh -c 'touch $W/one; exec sleep 20'`, signal: "SIGTERM" },
  { run: `k5start ${ROBOT} -- sh -c 'kill -USR1 $$'` },
  { run: `k5start ${ROBOT} -- sh -c 'kill -TERM $PPID; sleep 1; exit 4'` },
  { run: `k5start -m 0 ${ROBOT}` },
  { run: `k5start -o 4711 -g 4712 ${ROBOT}` },
  { run: `k5start -o -1 ${ROBOT}` },
  { run: `k5start -m 640 ${ROBOT} -- ${SHOW}` },
  { run: `k5start -o root -m 640 -k $W/other ${ROBOT} -- ${SHOW}` },
  { run: `k5start -c $W/nosuch/child ${ROBOT} -- true` },
  { run: `k5start -p $W/pid ${ROBOT}` },
  { run: `k5start -c $W/child ${ROBOT}` },
  { run: `krenew -c $W/nosuch/child -- true`, before: RENEWABLE },
  { run: `krenew -p $W/nosuch/pid`, before: RENEWABLE },
  { run: "k5start -r EXAMPLE.TEST -u robot@EXAMPLE.TEST -f $KT" },
  { run: "k5start -r NOSUCH.TEST -u robot@EXAMPLE.TEST -f $KT" },
  { run: "k5start -u robot -i '' -f $KT" },
  { run: `k5start -I '' ${ROBOT}` },
  { run: `k5start -S krbtgt -I EXAMPLE.TEST ${ROBOT}` },
  { run: `k5start -S host/localhost ${ROBOT}` },
  { run: "k5start -u alice -f $KT" },
  { run: "k5start -U -f $KT -k $W/other -- sh -c 'exit 2'" },
];

describeLive(["mit", "kstart"], "k5start and krenew beside kstart", () => {
  const bed = useBed(() => startMitBed());
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "krb5-remctl-kstart-"));
  const folder = (side: Side): string => path.join(root, side);
  let bin = "";
  beforeAll(async () => {
    bin = await installCli(root);
  });
  afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

  function fill(text: string, side: Side): string {
    const names: Readonly<Record<string, string>> = {
      W: folder(side),
      KT: bed().keytab.robot,
      KLIST: peers.mit.bin("klist"),
    };
    return text.replace(/\$([A-Z]+)\b/g, (whole, name: string) => names[name] ?? whole);
  }

  /** When the cache, and the file that a command makes when it runs, were written. */
  function marks(side: Side): string {
    const timeOf = (name: string) => fs.statSync(path.join(folder(side), name), { throwIfNoEntry: false })?.mtimeMs;
    return ["cc", "one"].map(timeOf).join();
  }

  function runOn(side: Side, file: string, text: string, row: Pick<Row, "input" | "signal">) {
    const words = (fill(text, side).match(/'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^'(.*)'$/, "$1"));
    const before = marks(side);
    const child = spawn(file, words, {
      cwd: folder(side),
      env: { PATH: process.env.PATH, LC_ALL: "C", TZ: "UTC", ...bed().env, KRB5CCNAME: `FILE:${folder(side)}/cc` },
      timeout: 60_000,
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (data) => {
      stdout += data;
    });
    child.stderr.on("data", (data) => {
      stderr += data;
    });
    child.stdin.on("error", () => {});
    child.stdin.end(row.input ?? "");
    const { signal } = row;
    if (signal !== undefined) {
      const wait = setInterval(() => {
        if (marks(side) === before) return;
        clearInterval(wait);
        setTimeout(() => child.kill(signal), 1_500);
      }, 50);
      child.on("close", () => clearInterval(wait));
    }
    return new Promise<{ status: number | null; by: string | null; stdout: string; stderr: string }>(
      (resolve, reject) => {
        child.on("error", reject);
        child.on("close", (status, by) => resolve({ status, by, stdout, stderr }));
      },
    );
  }

  /** What is left in the side's folder: of a cache its principals, flags, times relative to its login, and its mode. */
  function left(side: Side) {
    return fs
      .readdirSync(folder(side))
      .filter((name) => name !== "one")
      .sort()
      .map((name) => {
        const file = path.join(folder(side), name);
        const { mode, uid, gid } = fs.statSync(file);
        const { principal, credentials } = decodeCcacheFile(new Uint8Array(fs.readFileSync(file)));
        return {
          ...{ name, mode, uid, gid, client: formatPrincipal(principal) },
          tickets: credentials
            .filter(({ server }) => server.realm !== "X-CACHECONF:")
            .map(({ client, server, flags, startTime, authTime, endTime, renewTill }) => ({
              names: [formatPrincipal(client), formatPrincipal(server)],
              flags,
              seconds: Math.round((endTime.getTime() - (startTime ?? authTime).getTime()) / 10_000),
              renewable: Math.round(((renewTill ?? endTime).getTime() - authTime.getTime()) / 10_000),
            })),
        };
      });
  }

  async function resultOf(side: Side, row: Row) {
    fs.rmSync(folder(side), { recursive: true, force: true });
    fs.mkdirSync(folder(side));
    if (row.before !== undefined) {
      const made = await runOn(side, peers.mit.bin("kinit"), row.before, {});
      expect(made).toMatchObject({ status: 0 });
    }
    const [program = "", ...words] = row.run.split(" ");
    const file = side === "theirs" ? peers.kstart.bin(program) : path.join(bin, program);
    const { status, by, stdout, stderr } = await runOn(side, file, words.join(" "), row);
    const plain = stdout.replaceAll(folder(side), "$W").replace(/\/krb5cc_\d+_\w+/g, "/krb5cc_OWN");
    for (const [own] of stdout.matchAll(/\/\S*krb5cc_\d+_\w+/g)) expect(fs.existsSync(own)).toBe(false);
    // A C program writes its own lines late, and one that it had not written before fork() twice.
    const lines = [...new Set(plain.split("\n"))].sort();
    return { status, by, lines, complains: stderr !== "", left: left(side) };
  }

  it.each(wholeTable ? [...PLAIN, ...REST] : PLAIN)(
    "$run",
    async (row) => {
      const [theirs, ours] = await Promise.all([resultOf("theirs", row), resultOf("ours", row)]);
      expect(ours).toEqual(theirs);
    },
    120_000,
  );
});
