// The tools as people use them: at a terminal, beside MIT's and Heimdal's on the same files, as somebody who may not write.

import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeCcacheFile, decodeKeytab, encodeKeytab } from "../../src/credentials/index.ts";
import { formatPrincipal, parsePrincipal } from "../../src/krb5/index.ts";
import { runProgram, startHeimdalBed, startMitBed } from "../../tools/beds/index.mjs";
import { installCli, runCli } from "../support/cli.ts";
import { describeLive, peers, useBed, wholeTable } from "../support/live.ts";

const root = fs.mkdtempSync(path.join(os.tmpdir(), "krb5-remctl-live-"));
const file = (name: string) => path.join(root, name);
let bin = "";
beforeAll(async () => {
  fs.chmodSync(root, 0o755);
  bin = await installCli(root);
});
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

/** Types into a pseudo-terminal when a prompt has come: each step is what is waited for, and what is typed then. */
const PTY = `
import json, os, pty, sys, termios, time
words, steps = json.loads(sys.argv[1]), json.loads(sys.argv[2])
pid, fd = pty.fork()
if pid == 0:
    os.execvp(words[0], words)
seen = b""
def read():
    global seen
    try:
        data = os.read(fd, 4096)
    except OSError:
        data = b""
    seen += data
    return data
for waited, typed in steps:
    at = 0
    while waited.encode() not in seen[at:]:
        if not read():
            break
    # Until the program has switched the echo off.
    for _ in range(200):
        if not termios.tcgetattr(fd)[3] & termios.ECHO:
            break
        time.sleep(0.01)
    os.write(fd, typed.encode())
    seen += b"<typed>"
while read():
    pass
status = os.waitpid(pid, 0)[1]
print(json.dumps({"seen": seen.decode("utf-8", "replace"), "status": os.waitstatus_to_exitcode(status)}))
`;

function atTerminal(
  words: readonly string[],
  steps: readonly (readonly [string, string])[],
  env: Record<string, string>,
) {
  return new Promise<{ seen: string; status: number }>((resolve, reject) => {
    const child = spawn("python3", ["-c", PTY, JSON.stringify(words), JSON.stringify(steps)], {
      env: { PATH: process.env.PATH, HOME: root, LC_ALL: "C", TZ: "UTC", ...env },
      timeout: 15_000,
    });
    let out = "";
    let err = "";
    child.stdout.on("data", (data) => {
      out += data;
    });
    child.stderr.on("data", (data) => {
      err += data;
    });
    child.on("error", reject);
    child.on("close", () => {
      try {
        resolve(JSON.parse(out));
      } catch {
        reject(new Error(`${out}\n${err}`));
      }
    });
  });
}

describeLive("mit", "the tools, live", () => {
  const bed = useBed(() => startMitBed({ kadmind: true }));
  const our = (
    program: string,
    args: readonly string[],
    options: { readonly env?: Record<string, string>; readonly input?: string } = {},
  ) =>
    runProgram(path.join(bin, program), [...args], {
      env: { ...bed().env, ...options.env },
      input: options.input ?? "",
    });
  const their = (
    program: string,
    args: readonly string[],
    options: { readonly env?: Record<string, string>; readonly input?: string } = {},
  ) => runProgram(bed().bin(program), [...args], { env: { ...bed().env, ...options.env }, input: options.input ?? "" });
  const cache = (name: string) => ({ KRB5CCNAME: `FILE:${file(name)}` });

  describe("at a terminal", () => {
    const kinit = () => path.join(bin, "kinit");
    const prompt = "Password for alice@EXAMPLE.TEST: ";

    it("CL3: reads a password without echo", async () => {
      const env = { ...bed().env, ...cache("pty") };
      const { seen, status } = await atTerminal([kinit(), "alice"], [[prompt, "alice-password\n"]], env);
      expect(status, seen).toBe(0);
      expect(seen).toBe(`${prompt}<typed>\r\n`);
      expect((await their("klist", ["-s"], { env: cache("pty") })).status).toBe(0);
    });

    it("knows the terminal's keys: erase, kill, an end in the middle", async () => {
      const env = { ...bed().env, ...cache("pty2") };
      const typed = "nonsense\u0015alicee\u007f-passwordx\u0008\r";
      const { seen, status } = await atTerminal([kinit(), "alice"], [[prompt, typed]], env);
      expect([status, seen]).toEqual([0, `${prompt}<typed>\r\n`]);
    });

    it.runIf(wholeTable)("erases a character of several octets at once", async () => {
      const env = { ...bed().env, ...cache("pty3") };
      const steps: [string, string][] = [["Password for jürgen@EXAMPLE.TEST: ", "pässwörd-€ä\u007f\n"]];
      expect((await atTerminal([kinit(), "jürgen"], steps, env)).status).toBe(0);
    });

    it("ends at an interrupt or the end of input, with the echo on again", async () => {
      for (const typed of ["alice\u0003", "\u0004"]) {
        const env = { ...bed().env, ...cache("pty4") };
        const shell = `${kinit()} alice; echo status $?; stty -a | grep -o ' echo ' || echo no echo`;
        const { seen } = await atTerminal(["sh", "-c", shell], [[prompt, typed]], env);
        expect(seen).toMatch(/status 1\r\n/);
        expect(seen).not.toContain("no echo");
        expect(seen).not.toContain("alice\u0003");
      }
    });

    it("asks kpasswd's three questions, and changes it", async () => {
      const env = { ...bed().env, ...cache("pty5") };
      const { seen, status } = await atTerminal(
        [path.join(bin, "kpasswd"), "bob"],
        [
          ["Password for bob@EXAMPLE.TEST: ", "bob-password\n"],
          ["Enter new password: ", "bob-at-terminal\n"],
          ["Enter it again: ", "bob-at-terminal\n"],
        ],
        env,
      );
      expect(status, seen).toBe(0);
      expect(seen).toContain("Password changed.");
      expect(seen).not.toMatch(/bob-password|bob-at-terminal/);
      expect((await their("kinit", ["bob"], { env: cache("pty5"), input: "bob-at-terminal\n" })).status).toBe(0);
    });

    it("shows a person what to do, on a second line", async () => {
      const { seen } = await atTerminal([path.join(bin, "klist")], [], { ...bed().env, ...cache("nosuch") });
      expect(seen).toContain("No credentials cache found");
      expect(seen).toContain("make one with kinit");
    });
  });

  describe("files both ways", () => {
    it("caches: ours serve MIT's klist, kvno and kinit -R, and MIT's serve ours", async () => {
      const env = cache("ours");
      expect((await our("kinit", ["-r", "2d", "-kt", bed().keytab.alice, "alice"], { env })).status).toBe(0);
      expect((await their("kvno", ["host/localhost"], { env })).text).toContain("kvno = 2");
      expect((await our("kvno", ["--cached-only", "host/localhost"], { env })).text).toContain("kvno = 2");
      expect((await their("kinit", ["-R"], { env })).status).toBe(0);
      expect((await our("klist", ["-s"], { env })).status).toBe(0);
      expect((await our("kinit", ["-R"], { env })).status).toBe(0);
      expect((await our("kvno", ["HTTP/localhost"], { env })).status).toBe(0);
      expect((await their("kvno", ["--cached-only", "HTTP/localhost"], { env })).status).toBe(0);
      const shown = await Promise.all([our("klist", ["-efaC"], { env }), their("klist", ["-efaC"], { env })]);
      expect(shown[0].text).toBe(shown[1].text);
      expect(fs.statSync(file("ours")).mode & 0o777).toBe(0o600);
      expect((await their("kdestroy", [], { env })).status).toBe(0);
    });

    it("keytabs: made of a password by ours, they log in with both; ktutil of either reads the other's", async () => {
      const name = file("made.keytab");
      const added = await our("krb5-remctl", ["keytab", "add", "-t", name, "alice"], { input: "alice-password\n" });
      expect(added.status, added.text).toBe(0);
      for (const run of [our, their])
        expect((await run("kinit", ["-kt", name, "alice"], { env: cache("kt") })).status).toBe(0);
      const script = (out: string) =>
        [
          "addent -password -p alice -k 7 -e aes256-sha2",
          "alice-password",
          "addent -password -p alice -k 7 -e aes128-cts -s EXAMPLE.TESTalice",
          "alice-password",
          `rkt ${name}`,
          `wkt ${out}`,
          "q",
          "",
        ].join("\n");
      const [mine, mits] = [file("mine.keytab"), file("mits.keytab")];
      expect((await our("ktutil", [], { input: script(mine) })).status).toBe(0);
      expect((await their("ktutil", [], { input: script(mits) })).status).toBe(0);
      const keys = (from: string) =>
        decodeKeytab(fs.readFileSync(from)).entries.map(({ principal, kvno, keyBlock }) => [
          formatPrincipal(principal),
          kvno,
          keyBlock.etype,
          Buffer.from(keyBlock.octets).toString("hex"),
        ]);
      expect(keys(mine).slice(0, 2)).toEqual(keys(mits).slice(0, 2));
      expect(keys(mine).length).toBe(6);
      const [a, b] = await Promise.all([our("klist", ["-kKe", mits]), their("klist", ["-kKe", mits])]);
      expect(a.text).toBe(b.text);
      expect((await their("kinit", ["-kt", mine, "alice"], { env: cache("kt") })).status).toBe(0);
    });
  });

  it.each([
    [0o600, 0o600],
    [0o640, 0o640],
    // MIT's leaves the keys open to everybody.
    [0o644, 0o600],
  ])("a keytab of mode %o has mode %o after ktutil wrote it, and stays as it is with MIT's", async (before, after) => {
    const keytab = file("mode.keytab");
    const input = `addent -password -p alice -k 1 -e aes256-cts\nalice-password\nwkt ${keytab}\nq\n`;
    const modes = [];
    for (const run of [our, their]) {
      fs.rmSync(keytab, { force: true });
      expect((await run("ktutil", [], { input })).status).toBe(0);
      expect(fs.statSync(keytab).mode & 0o777).toBe(0o600);
      fs.chmodSync(keytab, before);
      expect((await run("ktutil", [], { input })).status).toBe(0);
      modes.push(fs.statSync(keytab).mode & 0o777);
    }
    expect(modes).toEqual([after, before]);
  });

  it.runIf(wholeTable)("the links are the commands, whatever the PATH says behind them", async () => {
    const links = file("links");
    expect((await our("krb5-remctl", ["link", links])).status).toBe(0);
    const script = [
      "set -e",
      "kinit -k -t $KT robot",
      "klist -s",
      "klist | grep -q robot@EXAMPLE.TEST",
      "klist -k $KT | grep -q robot",
      "kvno -q host/localhost",
      "kinit -R",
      "kdestroy -q",
      "if klist -s; then exit 9; fi",
      "echo done",
    ].join("\n");
    const env = { ...bed().env, ...cache("script"), KT: bed().keytab.robot, PATH: `${links}:${process.env.PATH}` };
    const { text, status } = await runProgram("sh", ["-c", script], { env });
    expect([text, status]).toEqual(["done\n", 0]);
  });

  it("ends quietly where nobody reads on", async () => {
    const entries = Array.from({ length: 20_000 }, (_, i) => ({
      principal: parsePrincipal(`host/server${i}.example.org@EXAMPLE.TEST`),
      timestamp: new Date(0),
      kvno: 1,
      keyBlock: { etype: 17, octets: new Uint8Array(16) },
    }));
    fs.writeFileSync(file("big.keytab"), encodeKeytab(entries));
    const script = `${path.join(bin, "klist")} -k ${file("big.keytab")} | head -1; echo \${PIPESTATUS[0]}`;
    const { stdout, stderr } = await runProgram("bash", ["-c", script], { env: bed().env });
    expect([stdout.toString(), stderr.toString()]).toEqual([`Keytab name: FILE:${file("big.keytab")}\n141\n`, ""]);
    // And all of it where somebody does.
    const all = await our("klist", ["-k", file("big.keytab")]);
    expect(all.stdout.toString().split("\n").length).toBe(20_004);
  });

  describe("somebody who may not", () => {
    const nobody = (program: string, args: readonly string[], env: Record<string, string>) =>
      new Promise<{ status: number; text: string }>((resolve) => {
        const child = spawn(path.join(bin, program), [...args], {
          env: { PATH: process.env.PATH, TZ: "UTC", ...bed().env, ...env },
          uid: 65_534,
          gid: 65_534,
          cwd: "/",
        });
        let text = "";
        for (const stream of [child.stdout, child.stderr]) {
          stream.on("data", (data) => {
            text += data;
          });
        }
        child.on("close", (code) => resolve({ status: code ?? -1, text }));
      });

    it.runIf(process.getuid?.() === 0)(
      "neither reads nor overwrites another's cache, nor writes where it may not",
      async () => {
        fs.chmodSync(bed().dir, 0o755);
        fs.chmodSync(bed().keytab.alice, 0o644);
        const env = cache("roots");
        await our("kinit", ["-kt", bed().keytab.alice, "alice"], { env });
        const before = fs.readFileSync(file("roots"));
        const read = await nobody("klist", [], env);
        expect(read.status).toBe(1);
        expect(read.text).toContain("Credentials cache permissions incorrect");
        expect((await nobody("klist", ["-s"], env)).status).toBe(1);
        const written = await nobody("kinit", ["-kt", bed().keytab.alice, "alice"], env);
        expect(written.status).toBe(1);
        expect(written.text).toContain("Failed to store credentials: Credentials cache permissions incorrect");
        expect((await nobody("kdestroy", [], env)).status).toBe(1);
        expect(fs.readFileSync(file("roots"))).toEqual(before);
        const names = fs.readdirSync(root);
        expect(names.filter((name) => name.includes(".tmp"))).toEqual([]);
        fs.writeFileSync(file("secret.keytab"), fs.readFileSync(bed().keytab.robot), { mode: 0o600 });
        const keytab = await nobody("klist", ["-k", file("secret.keytab")], {});
        expect([keytab.status, keytab.text]).toEqual([1, expect.stringContaining("Permission denied")]);
      },
    );
  });

  it("CL4: KRB5_TRACE adds lines to a file of mode 0600, or writes them to standard error", async () => {
    const env = { ...cache("trace"), KRB5_TRACE: file("trace.log") };
    expect((await our("kinit", ["alice"], { env, input: "alice-password\n" })).status).toBe(0);
    expect(fs.statSync(file("trace.log")).mode & 0o777).toBe(0o600);
    const lines = fs.readFileSync(file("trace.log"), "utf8").trim().split("\n");
    for (const line of lines) expect(line).toMatch(/^\[\d+\] \d{10}\.\d{6}: \S/);
    expect(lines.join("\n")).toMatch(/Sending request \(\d+ bytes\) to EXAMPLE\.TEST/);
    expect(lines.join("\n")).toContain("Received error from KDC: -1765328359/KDC_ERR_PREAUTH_REQUIRED");
    expect(lines.join("\n")).not.toContain("alice-password");
    await our("kvno", ["host/localhost"], { env });
    expect(fs.readFileSync(file("trace.log"), "utf8").split("\n").length).toBeGreaterThan(lines.length + 1);
    const both = await our("kvno", ["HTTP/localhost"], { env: { ...env, KRB5_TRACE: "/dev/stderr" } });
    expect(both.stdout.toString()).toBe("HTTP/localhost@EXAMPLE.TEST: kvno = 2\n");
    expect(both.stderr.toString()).toContain("Received creds for alice@EXAMPLE.TEST");
    const none = await our("klist", ["-s"], { env: { ...env, KRB5_TRACE: "/no/such/directory/file" } });
    expect([none.status, none.text]).toEqual([0, ""]);
  });

  it("trace shows the steps of any command, and keeps its output and status", async () => {
    const env = cache("trace2");
    const traced = await our("krb5-remctl", ["trace", "kinit", "-kt", bed().keytab.alice, "alice"], { env });
    expect([traced.status, traced.stdout.toString()]).toEqual([0, ""]);
    expect(traced.stderr.toString()).toMatch(/^ +\d\.\d{3} Sending request/m);
    const json = await our("krb5-remctl", ["trace", "--json", "kvno", "nosuch/x"], { env });
    expect(json.status).toBe(1);
    const events = json.stderr
      .toString()
      .trim()
      .split("\n")
      .filter((line) => line.startsWith("{"));
    expect(events.map((line) => JSON.parse(line).type)).toContain("kdc-error");
    expect((await our("krb5-remctl", ["trace", "nosuch"])).status).toBe(2);
  });

  it("trace --html writes the steps as a page for its owner alone, which holds no message", async () => {
    const env = cache("trace3");
    const page = file("trace.html");
    const run = ["trace", "--html", page, "kinit", "alice"];
    const { password } = { password: bed().passwords.alice as string };
    const traced = await our("krb5-remctl", run, { env, input: `${password}\n` });
    expect([traced.status, traced.stderr.toString()]).toEqual([0, ""]);
    expect(fs.statSync(page).mode & 0o777).toBe(0o600);
    const html = fs.readFileSync(page, "utf8");
    expect(html).toMatch(/<li class="step way client-kdc">.*AS-REQ/);
    expect(html).toContain("PREAUTH_REQUIRED");
    expect(html).not.toContain(password);
    // No octets: neither hex nor base64 of any length.
    expect(html.replace(/sha256-[^']*/, "").match(/[0-9a-f]{24,}|[A-Za-z0-9+/]{48,}/g)).toBeNull();
    // The next one takes its place.
    await our("krb5-remctl", ["trace", "--html", page, "kvno", "nosuch/x"], { env });
    expect(fs.readFileSync(page, "utf8")).toContain("S_PRINCIPAL_UNKNOWN");
    const nowhere = await our("krb5-remctl", ["trace", "--html", file("no/folder"), "klist"], { env });
    expect([nowhere.status, nowhere.stderr.toString()]).toEqual([1, expect.stringContaining("no/folder: ")]);
  });

  it("shows no secret in any output or trace", async () => {
    const env = { KRB5_CONFIG: bed().krb5Conf, ...cache("secrets") };
    const keytab = file("secrets.keytab");
    const password = "alice-password";
    let everything = "";
    const run = async (words: string[], input = "") => {
      const result = await runCli(words, { env, input });
      everything += result.everything;
      return result;
    };
    await run(["kinit", "-V", "alice"], `${password}\n`);
    await run(["kinit", "alice"], "wrong-password\n");
    await run(["trace", "kvno", "host/localhost"]);
    await run(["klist", "-efdaC"]);
    await run(["kinit", "-R"]);
    await run(["keytab", "add", "-t", keytab, "alice"], `${password}\n`);
    await run(["keytab", "list", keytab]);
    await run(["klist", "-kte", keytab]);
    await run(["trace", "kinit", "-kt", keytab, "alice"]);
    await run(["kvno", "-k", bed().keytab.service, "host/localhost"]);
    await run(["doctor", "-t", keytab, "alice", "localhost"]);
    await run(["kpasswd", "alice"], `${password}\n${password}2\n${password}3\n`);
    expect(everything).toContain("host/localhost");
    const secrets = [
      ...decodeKeytab(fs.readFileSync(keytab)).entries.map(({ keyBlock }) => keyBlock.octets),
      ...decodeKeytab(fs.readFileSync(bed().keytab.service)).entries.map(({ keyBlock }) => keyBlock.octets),
      ...decodeCcacheFile(fs.readFileSync(file("secrets"))).credentials.flatMap(({ key, ticket }) => [
        key.octets,
        ticket,
      ]),
    ]
      .map((octets) => Buffer.from(octets))
      // A remark in a cache has no key, and its value is no ticket.
      .filter(({ length }) => length >= 16);
    expect(secrets.length).toBeGreaterThan(8);
    for (const text of [password, "wrong-password"]) expect(everything).not.toContain(text);
    for (const octets of secrets) {
      for (const encoding of ["hex", "base64", "latin1"] as const) {
        const text = octets.toString(encoding);
        if (text.length >= 16) expect(everything.includes(text)).toBe(false);
      }
      expect(everything.includes([...octets.subarray(0, 8)].join(","))).toBe(false);
    }
  });
});

describeLive(["heimdal", "mit"], "the tools and Heimdal", () => {
  const bed = useBed(() =>
    startHeimdalBed({ kpasswdd: true, principals: "modify --alias=also-alice@HEIM.TEST alice" }),
  );
  const our = (program: string, args: readonly string[], input = "") => {
    const [, server] = /^\w+:\/\/(.*)$/.exec(bed().kpasswd[0] ?? "") ?? [];
    const text = fs
      .readFileSync(bed().krb5Conf, "utf8")
      .replace(/^( *)(kdc = 127.*)$/m, `$1$2\n$1kpasswd_server = ${server}`);
    fs.writeFileSync(file("heimdal.conf"), text);
    const env = { ...bed().env, KRB5_CONFIG: file("heimdal.conf"), KRB5CCNAME: `FILE:${file("heimdal")}` };
    return runProgram(path.join(bin, program), [...args], { env, input });
  };

  it("kinit, kvno and klist work with Heimdal's KDC, and Heimdal's klist reads the cache", async () => {
    expect((await our("kinit", ["alice"], "alice-password\n")).status).toBe(0);
    expect((await our("kvno", ["host/localhost"])).text).toMatch(/^host\/localhost@HEIM\.TEST: kvno = \d+\n$/);
    expect((await our("klist", ["-s"])).status).toBe(0);
    const theirs = await runProgram(peers.heimdal.bin("heimtools"), ["klist", "-c", `FILE:${file("heimdal")}`], {
      env: { ...peers.heimdal.env, KRB5_CONFIG: file("heimdal.conf") },
    });
    expect([theirs.status, theirs.text]).toEqual([0, expect.stringContaining("host/localhost@HEIM.TEST")]);
    expect((await our("kinit", ["alice"], "wrong\n")).text).toContain(
      "Password incorrect while getting initial credentials",
    );
  });

  it.runIf(wholeTable)(
    "canonicalize = true and an alias: the cache is of the name that the KDC gave, and MIT's tools use it",
    async () => {
      const conf = file("canonical.conf");
      const text = fs
        .readFileSync(bed().krb5Conf, "utf8")
        .replace("[libdefaults]", "[libdefaults]\n canonicalize = true");
      fs.writeFileSync(conf, text);
      const env = { ...bed().env, KRB5_CONFIG: conf, KRB5CCNAME: `FILE:${file("canonical")}` };
      const run = (program: string, args: string[], input = "") => runProgram(program, args, { env, input });
      const login = await run(path.join(bin, "kinit"), ["also-alice"], "alice-password\n");
      expect([login.status, login.text]).toEqual([0, "Password for also-alice@HEIM.TEST: \n"]);
      expect((await run(peers.mit.bin("klist"), [])).text).toContain("Default principal: alice@HEIM.TEST\n");
      expect((await run(peers.mit.bin("kvno"), ["host/localhost"])).status).toBe(0);
      expect((await run(path.join(bin, "kvno"), ["HTTP/localhost"])).status).toBe(0);
    },
  );

  it("kpasswd changes a password at Heimdal's kpasswdd, and says why it may not", async () => {
    const changed = await our("kpasswd", ["bob"], "bob-password\nCorrect-horse-7\nCorrect-horse-7\n");
    expect([changed.status, changed.text]).toEqual([0, expect.stringContaining("Password changed.")]);
    expect((await our("kinit", ["bob"], "Correct-horse-7\n")).status).toBe(0);
    const wrong = await our("kpasswd", ["bob"], "bob-password\nx\nx\n");
    expect(wrong.status).toBe(1);
  });
});
