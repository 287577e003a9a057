// kinit -T beside MIT's at the KDCs of Heimdal and Samba, with inputs that are rare: armor near its end, of the same user or
// of a service, odd names, nobody, a wrong password twice. The same status of both, and caches with the same tickets.

import { describe, expect, it } from "vitest";
import { runProgram, startHeimdalBed, startSambaBed } from "../../tools/beds/index.mjs";
import { runCli } from "../support/cli.ts";
import { describeLive, peers, useBed, wholeTable } from "../support/live.ts";

const PASSWORD = "odd-Passw0rd";
const NAMES = ["o'brien", "one/two/three/four", "x.y-z_1"];

interface World {
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
}
interface Made {
  readonly args: readonly string[];
  readonly waitMs?: number;
}
interface Row {
  readonly what: string;
  readonly args: readonly string[];
  readonly typed?: string;
  /** kinit's arguments for the armor, before the login. */
  readonly armor?: Made;
  readonly status: 0 | 1;
}

let count = 0;
async function run(tool: "ours" | "mit", { env, dir }: World, words: readonly string[], input = "") {
  if (tool === "ours") {
    const { status, stdout, stderr } = await runCli(words, { env, input });
    return { status, text: `${stdout}${stderr}` };
  }
  const [program = "", ...args] = words;
  return await runProgram(peers.mit.bin(program), args, { env: { ...env }, input, cwd: dir });
}

async function check(world: World, { args, typed, armor, status }: Row): Promise<void> {
  const newCache = () => `FILE:${world.dir}/odd-other-${++count}`;
  const input = typed === undefined ? "" : `${typed}\n`;
  const armored: string[] = [];
  if (armor !== undefined) {
    const cache = newCache();
    const made = await run(count % 2 === 0 ? "ours" : "mit", world, ["kinit", "-c", cache, ...armor.args]);
    expect(made.status, made.text).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, armor.waitMs ?? 0));
    armored.push("-T", cache);
  }
  const caches = { ours: newCache(), mit: newCache() };
  const login = (tool: "ours" | "mit") => run(tool, world, ["kinit", "-c", caches[tool], ...armored, ...args], input);
  const [ours, mit] = [await login("ours"), await login("mit")];
  expect([ours.status, mit.status], `${ours.text}\n${mit.text}`).toEqual([status, status]);
  if (status === 1) return;
  const contents = async (cache: string): Promise<string[]> => {
    const { text } = await run("mit", world, ["klist", "-f", "-C", cache]);
    const lines = text.split("\n").map((line) => line.trim().replace(/^(\S+ \S+ +){2}|renew until \S+ \S+, /g, ""));
    // Not pa_type: where Heimdal offers both inside FAST, MIT's takes its first, the timestamp, and ours the stronger one.
    return lines.filter((line) => /^(Default principal|config: fast|krbtgt|.*Flags)/.test(line)).sort();
  };
  expect(await contents(caches.ours)).toEqual(await contents(caches.mit));
}

/** What both have; `robot` are the arguments that get the armor. */
const rowsOf = (robot: readonly string[], alice: readonly string[], password: string): readonly Row[] => {
  const armor = { args: robot };
  return [
    { what: "a password", args: ["alice"], typed: password, armor, status: 0 },
    { what: "a wrong password", args: ["alice"], typed: "wrong", armor, status: 1 },
    { what: "a wrong password again", args: ["alice"], typed: "wrong", armor, status: 1 },
    { what: "no password", args: ["alice"], typed: "", armor, status: 1 },
    { what: "a name that is not there", args: ["nobody"], typed: "x", armor, status: 1 },
    {
      what: "armor that ends soon",
      args: ["alice"],
      typed: password,
      armor: { args: ["-l", "30s", ...robot] },
      status: 0,
    },
    {
      what: "armor that ended",
      args: ["alice"],
      typed: password,
      armor: { args: ["-l", "2s", ...robot], waitMs: 3500 },
      status: 1,
    },
    { what: "armor of the same user", args: ["alice"], typed: password, armor: { args: alice }, status: 0 },
    { what: "flags", args: ["-f", "-p", "-l", "1h", "alice"], typed: password, armor, status: 0 },
    { what: "a keytab", args: alice, armor, status: 0 },
  ];
};

describe.runIf(wholeTable)("kinit -T beside MIT's, rare inputs", () => {
  describeLive(["heimdal", "mit"], "at Heimdal's KDC", () => {
    const bed = useBed(async () => {
      const started = await startHeimdalBed();
      await started.kadmin(NAMES.map((name) => `add --password=${PASSWORD} --use-defaults "${name}"`));
      return started;
    }, 120_000);
    const rows = () =>
      rowsOf(
        ["-k", "-t", bed().keytab.robot, "robot"],
        ["-k", "-t", bed().keytab.alice, "alice"],
        String(bed().passwords.alice),
      );
    it.each(rowsOf([], [], "").map(({ what }, place) => ({ what, place })))(
      "$what",
      { timeout: 60_000 },
      async ({ place }) => await check(bed(), rows()[place] as Row),
    );
    it.each(NAMES)("the name %s", { timeout: 60_000 }, async (name) => {
      const armor = { args: ["-k", "-t", bed().keytab.robot, "robot"] };
      await check(bed(), { what: name, args: [name], typed: PASSWORD, armor, status: 0 });
    });
  });

  describeLive(["samba", "mit"], "at Samba's KDC", () => {
    const bed = useBed(startSambaBed, 300_000);
    const rows = () => {
      const { keytab, passwords } = bed();
      return rowsOf(["-k", "-t", keytab.account, "WEB$"], ["-k", "-t", keytab.alice, "alice"], passwords.alice);
    };
    it.each(rowsOf([], [], "").map(({ what }, place) => ({ what, place })))(
      "$what",
      { timeout: 60_000 },
      async ({ place }) => await check(bed(), rows()[place] as Row),
    );
  });
});
