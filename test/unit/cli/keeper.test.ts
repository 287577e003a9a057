// k5start and krenew without a KDC: command lines that are refused, and how a ticket is kept while a command runs.

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { CommandHost } from "../../../src/cli/command.ts";
import { type KeeperOptions, type KeptTicket, keepTicket, untilLookMs } from "../../../src/cli/keeper.ts";
import { giveAway, parseOwnership } from "../../../src/cli/owned-file.ts";
import { nodeRuntime } from "../../../src/runtime/index.ts";
import { runCli } from "../../support/cli.ts";

const root = fs.mkdtempSync(path.join(os.tmpdir(), "krb5-remctl-keeper-"));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));
const file = (name: string): string => path.join(root, name);
fs.writeFileSync(file("krb5.conf"), "[libdefaults]\n default_realm = EXAMPLE.ORG\n dns_lookup_kdc = false\n");
const env = { KRB5_CONFIG: file("krb5.conf"), KRB5CCNAME: `FILE:${file("none")}` };

describe("command lines that are refused", () => {
  it.each([
    ["k5start -K 0 alice", "-K interval argument 0 invalid"],
    ["k5start -K 5x alice", "-K interval argument 5x invalid"],
    ["k5start -H 0 alice", "-H limit argument 0 invalid"],
    ["k5start -K 5 alice", "-K option requires a keytab be specified with -f"],
    ["k5start -b -K 5 alice", "-b option requires a keytab be specified with -f"],
    ["k5start -b -f kt alice", "-b only makes sense with -K or a command to run"],
    ["k5start -a alice", "-a only makes sense with -K or a command to run"],
    ["k5start -c file alice", "-c option only makes sense with a command to run"],
    ["k5start -H 5 -f kt alice ls", "-H option cannot be used with a command"],
    ["k5start alice ls", "running a command requires a keytab be specified with -f"],
    ["k5start -U", "-U option requires a keytab be specified with -f"],
    ["k5start -U -f kt -u bob", "-U option cannot be used with -u or -i options"],
    ["k5start -f kt -u a/b -i c", "instance specified in the principal and with -i"],
    ["k5start -s -f kt alice", "cannot use both -s and -f flags"],
    ["k5start -l soon alice", "bad lifetime value soon, use 10h 10m format"],
    ["k5start -f kt -K 10 -l 5m alice", "-K limit 10 must be smaller than lifetime 5"],
    ["k5start -f kt -m 9 alice", "-m mode argument 9 invalid"],
    ["k5start -f kt -o nobody-here alice", "unknown user nobody-here"],
    ["k5start -f kt -g nobody-here alice", "unknown group nobody-here"],
    ["k5start -f kt -m 640 -k MEMORY:x alice", "cache type MEMORY not allowed with -o, -g, or -m"],
    ["k5start -b -K 5 -f kt alice", "-b is not possible: a JavaScript program cannot put itself into the background"],
    ["k5start -t -f kt alice", "-t is not possible: AFS is not supported"],
    ["krenew -a", "-a only makes sense with -K or a command to run"],
    ["krenew -b", "-b only makes sense with -K or a command to run"],
    ["krenew -b -K 5", "-b is not possible: a JavaScript program cannot put itself into the background"],
    ["krenew -t", "-t is not possible: AFS is not supported"],
    ["krenew -s", "-s option only makes sense with a command to run"],
    ["krenew -c file", "-c option only makes sense with a command to run"],
    ["krenew -H 5 ls", "-H option cannot be used with a command"],
    ["krenew", `No credentials cache found (filename: ${file("none")})`],
  ])("%s", async (line, words) => {
    const { status, stderr } = await runCli(line.split(" "), { env });
    expect([status, stderr]).toEqual([1, expect.stringContaining(words)]);
    expect(fs.readdirSync(root)).toEqual(["krb5.conf"]);
  });

  it.each(["k5start", "krenew"])(
    "%s with an option that is not known shows the usage; -h shows the options",
    async (name) => {
      const wrong = await runCli([name, "-Z"]);
      expect([wrong.status, wrong.stderr]).toEqual([
        1,
        expect.stringContaining(`invalid option -- 'Z'\nUsage: ${name}`),
      ]);
      const help = await runCli([name, "-h"]);
      expect([help.status, help.stdout]).toEqual([0, expect.stringContaining("  -K    looks at the ticket")]);
    },
  );

  it("-L is a warning", async () => {
    const { stderr } = await runCli(["krenew", "-L"], { env });
    expect(stderr).toContain(
      "krenew: -L has no effect: JavaScript has no syslog; messages go to standard error only\n",
    );
  });

  it("a user brings a group, unless -g names one; numbers are taken as they are", async () => {
    expect(await parseOwnership("root", undefined, "640")).toEqual({ uid: 0, gid: 0, mode: 0o640 });
    expect(await parseOwnership("12", "34", undefined)).toEqual({ uid: 12, gid: 34, mode: undefined });
    expect(await parseOwnership("12", undefined, undefined)).toEqual({ uid: 12, gid: undefined, mode: undefined });
    expect(await parseOwnership(undefined, undefined, undefined)).toBeUndefined();
  });

  it("CL10: a cache is given away as the file that was opened: what a link leads to keeps its mode", async () => {
    const modeOf = (name: string): number => fs.statSync(file(name)).mode & 0o777;
    for (const name of ["precious", "hard", "own"]) fs.writeFileSync(file(name), name, { mode: 0o600 });
    fs.symlinkSync(file("precious"), file("soft link"));
    fs.linkSync(file("hard"), file("hard link"));
    // Who could open this one for reading would wait for a writer.
    spawnSync("mkfifo", [file("pipe")]);
    for (const name of ["soft link", "hard link", "pipe"]) {
      await expect(giveAway(file(name), { mode: 0o644 })).rejects.toThrow(/^cannot change the owner or the mode/);
    }
    expect(["precious", "hard"].map(modeOf)).toEqual([0o600, 0o600]);
    await giveAway(file("own"), { uid: process.getuid?.(), mode: 0o640 });
    expect(modeOf("own")).toBe(0o640);
    for (const name of fs.readdirSync(root)) if (name !== "krb5.conf") fs.rmSync(file(name));
  });

  it.runIf(process.getuid?.() === 0)(
    "CL10: who owns the cache and changes the file cannot have the mode of another changed",
    async () => {
      // The new owner's part: a link in the cache's place as soon as the cache is theirs.
      fs.writeFileSync(file("precious"), "", { mode: 0o600 });
      for (let round = 0; round < 20; round++) {
        fs.writeFileSync(file("cache"), "", { mode: 0o600 });
        const given = giveAway(file("cache"), { uid: 65_534, gid: 65_534, mode: 0o644 });
        while (fs.statSync(file("cache")).uid === 0) await new Promise((resolve) => setImmediate(resolve));
        fs.rmSync(file("cache"));
        fs.symlinkSync(file("precious"), file("cache"));
        await given.catch(() => {});
        fs.rmSync(file("cache"));
      }
      expect(fs.statSync(file("precious")).mode & 0o777).toBe(0o600);
      fs.rmSync(file("precious"));
    },
  );
});

describe("a ticket that is kept", () => {
  const SECOND = 1 / 60;
  let errors = "";
  const host: CommandHost = {
    name: "k5start",
    args: [],
    env: { PATH: process.env.PATH },
    runtime: nodeRuntime(),
    stdin: { isTerminal: false, read: async () => undefined },
    stdout: { isTerminal: false, write: async () => {} },
    stderr: {
      isTerminal: false,
      write: async (text) => {
        errors += text;
      },
    },
    readSecret: async () => undefined,
    signal: new AbortController().signal,
    now: Date.now,
  };
  const options: KeeperOptions = {
    command: [],
    intervalMinutes: 0.1 * SECOND,
    happyMinutes: undefined,
    isEager: false,
    endsOnFailure: false,
    retriesFirst: true,
    isLasting: () => false,
    hangsUp: false,
    pidFile: undefined,
    childFile: undefined,
  };

  /** Counts what is done with it; `failures` says which turns fail. */
  class Counted implements KeptTicket {
    readonly cacheName = "FILE:/nosuch/kept";
    turns = 0;
    isClosed = false;
    readonly #leftMs: number;
    readonly #failures: readonly number[];

    constructor(leftMs: number, failures: readonly number[] = []) {
      this.#leftMs = leftMs;
      this.#failures = failures;
    }

    async refresh(): Promise<void> {
      this.turns += 1;
      if (this.#failures.includes(this.turns)) throw new Error(`turn ${this.turns} failed`);
    }

    endsAt = async (): Promise<number> => Date.now() + this.#leftMs;

    async close(): Promise<void> {
      this.isClosed = true;
    }
  }
  const keep = (ticket: KeptTicket, script: string, changes: Partial<KeeperOptions> = {}): Promise<number> =>
    keepTicket(host, { ...options, command: ["sh", "-c", script], ...changes }, ticket);

  it("is obtained anew at a look that finds it ending within the interval and two minutes, and not before", async () => {
    const good = new Counted(121_000);
    expect(await keep(good, "sleep 0.5; exit 7")).toBe(7);
    expect([good.turns, good.isClosed]).toEqual([1, true]);
    const ending = new Counted(120_000);
    await keep(ending, "sleep 0.5");
    expect(ending.turns).toBeGreaterThan(2);
    const eager = new Counted(1e9);
    await keep(eager, "sleep 0.5", { isEager: true });
    expect(eager.turns).toBeGreaterThan(2);
  });

  it("is looked at after the interval, and sooner where it ends within it", () => {
    const minutes = (interval: number, left: number) => untilLookMs(interval * 60_000, left * 60_000) / 60_000;
    expect([minutes(60, 600), minutes(60, 10), minutes(60, 2), minutes(60, -5)]).toEqual([60, 8, 1, 1]);
  });

  it("is tried for until there is one, and the command starts after that", async () => {
    const ticket = new Counted(1e9, [1, 2]);
    errors = "";
    expect(await keep(ticket, "exit 3")).toBe(3);
    expect([ticket.turns, errors]).toEqual([3, "k5start: turn 1 failed\nk5start: turn 2 failed\n"]);
    const impatient = new Counted(1e9, [1]);
    await expect(keep(impatient, "exit 3", { retriesFirst: false })).rejects.toThrow("turn 1 failed");
    expect(impatient.isClosed).toBe(true);
  });

  it("a later failure is told, and the end with -x: krenew -s hangs up on the command", async () => {
    const mark = file("hup");
    const script = `trap 'touch ${mark}; exit 0' HUP; while :; do sleep 0.05; done`;
    const ticket = new Counted(0, [2]);
    await expect(keep(ticket, script, { endsOnFailure: true, hangsUp: true, intervalMinutes: SECOND })).rejects.toThrow(
      "turn 2 failed",
    );
    await expect.poll(() => fs.existsSync(mark)).toBe(true);
    expect(ticket.isClosed).toBe(true);
  });

  it("CL17: a signal reaches the command, whose status counts", async () => {
    const mark = file("signalled");
    const kept = keep(new Counted(1e9), `trap 'exit 9' HUP; touch ${mark}; while :; do sleep 0.05; done`);
    await expect.poll(() => fs.existsSync(mark)).toBe(true);
    process.emit("SIGHUP", "SIGHUP");
    expect(await kept).toBe(9);
    fs.rmSync(mark);
  });

  it("CL17: a signal ends the keeping where no command runs", async () => {
    const ticket = new Counted(1e9);
    const kept = keepTicket(host, { ...options, intervalMinutes: 1 }, ticket);
    await expect.poll(() => ticket.turns).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    process.emit("SIGHUP", "SIGHUP");
    expect([await kept, ticket.isClosed]).toEqual([0, true]);
  });

  it("a command ended by a signal has 128 and its number; one that does not exist is a failure", async () => {
    expect(await keep(new Counted(1e9), "kill -KILL $$")).toBe(137);
    const missing = keepTicket(host, { ...options, command: ["/nosuch/program"] }, new Counted(1e9));
    await expect(missing).rejects.toThrow("unable to run command /nosuch/program");
  });

  it("PID files are there while the command runs, and its KRB5CCNAME names the cache", async () => {
    const [pid, child, seen] = [file("pid"), file("child"), file("seen")];
    const script = `sleep 0.2; cat ${pid} ${child} > ${seen}; echo $$ $KRB5CCNAME >> ${seen}`;
    await keep(new Counted(1e9), script, { pidFile: pid, childFile: child });
    const [own, started, last] = fs.readFileSync(seen, "utf8").split("\n");
    expect([own, last]).toEqual([`${process.pid}`, `${started} FILE:/nosuch/kept`]);
    expect([fs.existsSync(pid), fs.existsSync(child)]).toEqual([false, false]);
  });

  it("a PID file goes through no link, and into nothing that is not a file of this user alone", async () => {
    const victim = file("victim");
    fs.writeFileSync(victim, "precious\n", { mode: 0o600 });
    const places = {
      link: (name: string) => fs.symlinkSync(victim, name),
      "another name of a file": (name: string) => fs.linkSync(victim, name),
      pipe: (name: string) => void spawnSync("mkfifo", [name]),
      ...(process.getuid?.() === 0
        ? {
            "file of another user": (name: string) => {
              fs.writeFileSync(name, "planted\n");
              fs.chownSync(name, 65_534, 65_534);
            },
          }
        : {}),
    };
    for (const [what, plant] of Object.entries(places)) {
      const place = file(`pid of ${what}`);
      plant(place);
      errors = "";
      await keep(new Counted(1e9), "exit 0", { pidFile: place });
      expect([what, errors]).toEqual([what, expect.stringContaining(`cannot create PID file ${place}`)]);
      expect(fs.lstatSync(place, { throwIfNoEntry: false })).toBeDefined();
      fs.rmSync(place);
    }
    expect(fs.readFileSync(victim, "utf8")).toBe("precious\n");
  });

  it("a PID file that is there already is written anew, and others may read it", async () => {
    const [pid, seen] = [file("old-pid"), file("seen-old")];
    fs.writeFileSync(pid, "1234567890 and more\n");
    await keep(new Counted(1e9), `sleep 0.2; cat ${pid} > ${seen}`, { pidFile: pid });
    expect(fs.readFileSync(seen, "utf8")).toBe(`${process.pid}\n`);
    await keep(new Counted(1e9), `sleep 0.2; stat -c %a ${pid} > ${seen}`, { pidFile: pid });
    expect(fs.readFileSync(seen, "utf8")).toBe("644\n");
  });
});
