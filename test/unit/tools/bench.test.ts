import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, vi } from "vitest";
import { changesOf, comparison, differencesOf } from "../../../tools/bench/compare.mjs";
import { formatHosts, HOSTS, HOSTS_RECORD, hostFaults } from "../../../tools/bench/hosts-table.mjs";
import { entryFile } from "../../../tools/bench/library.mjs";
import { LIMITS } from "../../../tools/bench/limits.mjs";
import { reasonFaults, shortfalls } from "../../../tools/bench/missed-table.mjs";
import { quantile, spreadOf, summarize } from "../../../tools/bench/stats.mjs";
import { steadiest } from "../../../tools/bench/steady.mjs";
import { aroundTable, RECORD, tableObstacle } from "../../../tools/bench/table.mjs";
import { floor } from "../../../tools/bench/workloads/floor.mjs";
import { workloads } from "../../../tools/bench/workloads/index.mjs";
import { unwrap, wrap } from "../../../tools/bench/workloads/wrap.mjs";
import { sourceFolder } from "./source-folder.ts";

describe("the bench's arithmetic", () => {
  it("takes quantiles between the values", () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([1, 2, 3], 0)).toBe(1);
    expect(quantile([1, 2, 3], 1)).toBe(3);
    expect(quantile([7], 0.9)).toBe(7);
    expect(quantile([], 0.5)).toBeNaN();
  });

  it("tells a spread as a part of the median", () => {
    expect(spreadOf({ median: 10, p10: 9, p90: 12 })).toBeCloseTo(0.3);
    expect(summarize([1, 1, 1])).toEqual({ median: 1, p10: 1, p90: 1, rounds: 3 });
  });
});

describe("a row that is not to be trusted", () => {
  const tries = (...spreads: (number | undefined)[]) => {
    let at = 0;
    const measure = async () => {
      const spread = spreads[at++];
      return { spread, isNoisy: spread !== undefined && spread > 0.4, notes: [] as string[], ours: `try ${at}` };
    };
    return {
      measure: measure as () => Promise<{ spread?: number; isNoisy: boolean; notes: string[]; ours: string }>,
      made: () => at,
    };
  };

  it("is measured again until it is steady", async () => {
    const { measure, made } = tries(0.9, 0.2, 0.1);
    expect(await steadiest(measure, 3)).toMatchObject({
      ours: "try 2",
      notes: ["measured 2 times, spread 90%, 20%: the steadiest counts"],
    });
    expect(made()).toBe(2);
  });

  it("is the steadiest of the tries if none is steady", async () => {
    const { measure, made } = tries(0.6, 0.5, 0.8);
    expect(await steadiest(measure, 3)).toMatchObject({ ours: "try 2", spread: 0.5, isNoisy: true });
    expect(made()).toBe(3);
  });

  it("is not given up for a try that failed, and a steady one is measured once", async () => {
    expect(await steadiest(tries(0.6, undefined, 0.7).measure, 3)).toMatchObject({ ours: "try 1", isNoisy: true });
    const { measure, made } = tries(0.1);
    expect(await steadiest(measure, 3)).toEqual({ spread: 0.1, isNoisy: false, notes: [], ours: "try 1" });
    expect(made()).toBe(1);
  });
});

describe("two runs beside each other", () => {
  const row = (title: string, median: number, cpuNs = median, spread = 0.02) => ({
    title,
    figures: { ns: { median, p10: median * (1 - spread / 2), p90: median * (1 + spread / 2) }, cpuNs },
  });
  const run = (results: unknown[], more = {}) => ({
    machine: { cpu: "x", cores: 2 },
    runtime: { name: "node", version: "24" },
    isQuick: false,
    isTrusted: true,
    results,
    ...more,
  });

  it("show what became dearer and what cheaper, the dearest first", () => {
    const before = run([row("a", 100), row("b", 100), row("c", 1000), row("gone", 1)]);
    const after = run([row("a", 80), row("b", 130, 120), row("c", 1010), row("new", 1)]);
    expect(changesOf(before, after).map(({ title, isClear }) => [title, isClear])).toEqual([
      ["a", true],
      ["b", true],
      ["c", false],
    ]);
    expect(comparison(before, after)).toEqual([
      "DEARER  b: 100 ns then, 130 ns now: +30%, CPU time +20%",
      "cheaper a: 100 ns then, 80 ns now: -20%, CPU time -20%",
      "3 rows compared, 2 clearly different",
    ]);
  });

  it("are judged by processor time where either machine was busy: wall time tells of others' work there", () => {
    const before = run([row("a", 100, 100), row("b", 100, 100), row("c", 100, 100)]);
    const after = run([row("a", 60, 200), row("b", 900, 105), row("c", 100, 70)], { isTrusted: false });
    expect(comparison(before, after).slice(1)).toEqual([
      "DEARER  a: 100 ns then, 60 ns now: -40%, CPU time +100%",
      "cheaper c: 100 ns then, 100 ns now: +0%, CPU time -30%",
      "3 rows compared, 2 clearly different",
    ]);
    const clear = changesOf(after, before).map(({ isClear }) => isClear);
    expect(clear).toEqual([true, false, true]);
  });

  it("tell no change that is less than what the rounds of either differ", () => {
    const [change] = changesOf(run([row("a", 100, 100, 0.5)]), run([row("a", 120)]));
    expect(change).toMatchObject({ isClear: false });
    expect(change?.change).toBeCloseTo(0.2);
  });

  it("pass over rows without a time, and say what makes the runs differ", () => {
    expect(changesOf(run([{ title: "a", figures: {} }]), run([row("a", 1)]))).toEqual([]);
    expect(differencesOf(run([]), run([], { isTrusted: false, isQuick: true }))).toEqual([
      "rounds: full then, quick now",
      "machine was: quiet then, busy now",
    ]);
  });
});

describe("a bench that could not compare", () => {
  const bench = (...args: string[]) => {
    const file = path.join(import.meta.dirname, "../../../tools/bench/index.mjs");
    const { status, stdout, stderr } = spawnSync(process.execPath, [file, "wrap", ...args], { encoding: "utf8" });
    return { status, stdout, stderr };
  };

  it.each([
    ["a file that is not there", "no-such-run.json", undefined],
    ["what is not JSON", "run.json", "twelve"],
    ["JSON that is not a run", "run.json", '{ "rows": [] }'],
    ["rows without the machine that they were measured on", "run.json", '{ "results": [] }'],
  ])("says so before it measures anything: %s", (_, name, text) => {
    const folder = mkdtempSync(path.join(tmpdir(), "bench-"));
    const file = path.join(folder, name);
    if (text !== undefined) writeFileSync(file, text);
    const stderr = `--compare ${file} is not the JSON of a run: those of before are in .cache/bench/runs\n`;
    expect(bench("--compare", file)).toEqual({ status: 2, stdout: "", stderr });
    rmSync(folder, { recursive: true });
  });

  it("says so before it measures anything: a folder without a build", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "bench-"));
    const stderr = `--baseline ${folder} has no build of this package: give the folder dist of another worktree\n`;
    expect(bench("--baseline", folder)).toEqual({ status: 2, stdout: "", stderr });
    rmSync(folder, { recursive: true });
  });
});

describe("rows that miss their goals", () => {
  const record = JSON.parse(readFileSync(RECORD, "utf8"));
  const reason = (...rows: string[]) => ({ by: "host" as const, why: "it is", tried: "much", rows });

  it("have one reason each, and no row that is met has one", () => {
    expect(reasonFaults(record)).toEqual([]);
    for (const row of record.results) {
      if (row.isMet === false) expect(shortfalls(row), row.title).not.toEqual([]);
    }
  });

  it("without a reason, with two, met by now or unknown are named", () => {
    const results = [
      { title: "bare", isMet: false },
      { title: "twice", isMet: false },
      { title: "won", isMet: true },
      { title: "unjudged" },
    ];
    expect(reasonFaults({ results }, [reason("twice", "won"), reason("twice", "gone")])).toEqual([
      '"bare" misses without a reason: add one',
      '"twice" has two reasons: keep one',
      '"won" does not miss: its reason is stale, take it out',
      '"gone" is no row of the table: correct its name',
    ]);
    expect(reasonFaults({ results: results.slice(2) }, [reason("unjudged")])).toHaveLength(1);
  });

  it("say by how much, each goal by itself", () => {
    const row = {
      ours: "8.48 ms",
      ratio: "1.36x (1.1x to 2x)",
      notes: ["memory 9 MB: a part of 1.11", "CPU 2.8 times the peer's"],
    };
    const of = (goal: string, more = {}) => shortfalls({ ...row, ...more, goal });
    expect(of("2x, 0.1 of the memory")).toEqual(["1.36x for 2x: 32% short", "1.11 for 0.1 of the memory: 11.1 times"]);
    expect(of("1x, CPU at most 2 times")).toEqual(["2.8 for CPU at most 2 times: 1.4 times"]);
    expect(of("at most 4.2 ms")).toEqual(["8.48 for at most 4.2 ms: 2.0 times"]);
    expect(of("0.3x", { ratio: "0.299x" })).toEqual(["0.299x for 0.3x: 1% short"]);
  });
});

describe("Deno and workerd beside Node", () => {
  const record = JSON.parse(readFileSync(HOSTS_RECORD, "utf8"));

  it("have a reason in each row that takes more than twice Node's time, and in no other", () => {
    expect(Object.keys(record.hosts)).toEqual(["node", "deno", "workerd"]);
    expect(hostFaults(record.rows)).toEqual([]);
  });

  it("without one, with two, with a stale one or one of no row are named", () => {
    const rows = [
      { title: "slow", us: { node: 1, deno: 2.1, workerd: 1 } },
      { title: "even", us: { node: 1, deno: 2, workerd: 1 } },
    ];
    const reason = (...titles: string[]) => ({ host: "deno", why: "it is", rows: titles });
    expect(hostFaults(rows, [])).toEqual(['"slow" on deno takes 2.1 times Node\'s time and has 0 reasons: give one']);
    expect(hostFaults(rows, [reason("slow"), reason("slow")])).toHaveLength(1);
    expect(hostFaults(rows, [reason("slow", "even", "gone")])).toEqual([
      '"even" on deno takes 2.0 times Node\'s time: its reason is stale, take it out',
      '"gone" on deno is not measured: correct the name',
    ]);
    expect(hostFaults(rows, [reason("slow")])).toEqual([]);
  });

  it("stand on the page as they were measured", () => {
    const page = readFileSync(path.join(path.dirname(HOSTS_RECORD), "..", "performance.md"), "utf8");
    expect(aroundTable(page, HOSTS).table).toBe(formatHosts(record));
  });
});

it("every workload says what limits it, and nothing else does", () => {
  expect(Object.keys(LIMITS).sort()).toEqual(workloads.map(({ name }) => name).sort());
});

it("the rows beside OpenSSL's own calls measure the operation that they name", async () => {
  const sample = { wallNs: 1, cpuNs: 1 };
  const wraps = vi.spyOn(wrap as Required<typeof wrap>, "ours").mockResolvedValue(sample);
  const unwraps = vi.spyOn(unwrap as Required<typeof unwrap>, "ours").mockResolvedValue({ ...sample, wallNs: 2 });
  const meter = { time: async () => sample };
  const measured = async (operation: string) => floor.ours?.({ operation, bytes: 64, etype: 18 }, 1, meter);
  try {
    expect(await measured("wrap")).toMatchObject({ wallNs: 1 });
    expect(await measured("unwrap")).toMatchObject({ wallNs: 2 });
  } finally {
    wraps.mockRestore();
    unwraps.mockRestore();
  }
});

describe("the table of the page", () => {
  const run = { runtime: "node", isQuick: false, isPart: false };

  it("takes whole runs on Node beside the peers, and rows of the same rounds", () => {
    expect(tableObstacle(run)).toBeUndefined();
    expect(tableObstacle({ ...run, isQuick: true })).toBeUndefined();
    const answers = [true, false].map((isQuick) => tableObstacle({ ...run, isQuick, isPart: true }));
    expect(answers.filter((answer) => answer === undefined)).toHaveLength(1);
  });

  it("takes no other runtime's figures, and another build's with its name alone", () => {
    expect(tableObstacle({ ...run, runtime: "deno" })).toMatch(/leave out --runtime$/);
    expect(tableObstacle({ ...run, baseline: "elsewhere" })).toMatch(/add --commit NAME$/);
    expect(tableObstacle({ ...run, commit: "1234567" })).toMatch(/add --baseline DIR$/);
    expect(tableObstacle({ ...run, baseline: "elsewhere", commit: "1234567" })).toBeUndefined();
  });

  it("loads an entry of a build from before the room entry", () => {
    using folder = sourceFolder({ "index.js": "", "gssapi/index.js": "", "entry/lean.js": "", "lean.js": "" });
    const found = ["index", "gssapi", "lean", "none"].map((name) => entryFile(folder.src, `entry/${name}.js`));
    const wanted = ["index.js", "gssapi/index.js", "entry/lean.js", "entry/none.js"];
    expect(found).toEqual(wanted.map((name) => path.join(folder.src, name)));
  });
});
