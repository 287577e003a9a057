// `npm run bench`: how fast this package is beside the C libraries, each workload in turn with its peer in one run.
//
// `npm run bench -- --help` tells its values.

import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { toolArguments } from "../arguments.mjs";
import { ensureBuild, ensureRootDependencies, ROOT, requireNode } from "../bootstrap.mjs";
import { Bench } from "./bench.mjs";
import { comparison } from "./compare.mjs";
import { entryFile } from "./library.mjs";
import { LIMITS } from "./limits.mjs";
import { busyPart, describeMachine } from "./machine.mjs";
import { buildPeers } from "./peers.mjs";
import { profileEnv, topCosts } from "./profile.mjs";
import { startRealm } from "./realm.mjs";
import { printResult, printSummary } from "./report.mjs";
import { findRuntimeOf } from "./runtimes.mjs";
import { steadiest } from "./steady.mjs";
import { tableObstacle, writeBeforeTable, writeReasons, writeTable } from "./table.mjs";
import { workloads } from "./workloads/index.mjs";

requireNode();
const { values, flags, names } = toolArguments({
  command: "npm run bench --",
  about:
    "Measures each workload in turn with its peer; JSON in .cache/bench/results-RUNTIME.json, each run kept beside.",
  names: "[WORKLOAD...]",
  known: () => workloads.map(({ name }) => name),
  options: {
    quick: { about: "short rounds, under two minutes for all" },
    runtime: { value: "NAME", about: "node, deno or bun", default: "node" },
    json: { value: "FILE", about: "where the figures go" },
    baseline: { value: "DIR", about: "another build of this package instead of the peers" },
    commit: { value: "NAME", about: "what the page calls that build" },
    compare: { value: "FILE", about: "what is dearer or cheaper than in an earlier run's JSON" },
    dist: { value: "DIR", about: "this build, without making one" },
    "write-table": {
      about:
        "writes docs/performance.md and its figure; with names, their rows of it; with --baseline, the table of before",
    },
    "write-reasons": { about: "measures nothing: writes the page's list of rows that miss anew, with their reasons" },
    profile: { about: "the functions that cost most (Node only)" },
    list: { about: "the names of the workloads" },
  },
});
if (flags.has("list")) {
  for (const { name } of workloads) console.log(name);
  process.exit(0);
}
if (flags.has("write-reasons")) {
  writeReasons();
  process.exit(0);
}
const isQuick = flags.has("quick");
const isProfiled = flags.has("profile");
// Before the minutes that it takes, not after.
const obstacle = flags.has("write-table") ? tableObstacle({ ...values, isQuick, isPart: names.length > 0 }) : undefined;
if (obstacle !== undefined) {
  console.error(obstacle);
  process.exit(2);
}
const chosen = names.length === 0 ? workloads : workloads.filter(({ name }) => names.includes(name));

/** @type {any} */
const earlier = values.compare === undefined ? undefined : earlierRun(values.compare);
if (values.baseline !== undefined && !fs.existsSync(entryFile(values.baseline, "entry/index.js"))) {
  console.error(`--baseline ${values.baseline} has no build of this package: give the folder dist of another worktree`);
  process.exit(2);
}

/** A row that is not to be trusted is measured so often. */
const TRIES = isQuick ? 1 : 3;

/** Other programs that take more of the processors than this make the figures worthless. */
const QUIET = 0.15;

const log = (/** @type {string} */ line) => console.log(`  ${line}`);
const started = Date.now();
console.log("Set-up");
await ensureRootDependencies();
if (values.dist === undefined) await ensureBuild();
else process.env.KRB5_REMCTL_BENCH_DIST = path.resolve(values.dist);
const runtime = await findRuntimeOf(values.runtime ?? "node", log).catch((error) => {
  console.error(`  ${error.message}`);
  process.exit(1);
});
const node = values.runtime === "node" ? runtime : await findRuntimeOf("node", log);
const peers = await buildPeers(log);
const profileFolder = path.join(ROOT, ".cache", "bench", "profile");
if (isProfiled && runtime.name === "node") {
  Object.assign(runtime.env, profileEnv(profileFolder));
  process.env.KRB5_REMCTL_BENCH_PROFILE_MS = "2000";
}
const machine = describeMachine();
const busyBefore = await busyPart(1500);
const realm = await startRealm(node.program);
const bench = new Bench({ realm, peers, runtime, node, isQuick, baseline: values.baseline, log });
const provider = await providerOf(bench);
log(`runtime ${runtime.name} ${runtime.version}, provider ${provider}`);
if (runtime.note !== undefined) log(runtime.note);
log(`peers: ${peers.build}`);
log(`machine: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.system}`);
if (busyBefore > QUIET)
  log(`other programs use ${(100 * busyBefore).toFixed(0)}% of the processors: do not trust what follows`);
console.log(
  `\n${values.baseline === undefined ? "Ratios are the peer's time over ours: above 1 we are faster" : `Ratios are the time of ${values.baseline} over that of this build`}\n`,
);

/** @type {import("./bench.mjs").Result[]} */
const results = [];
try {
  for (const workload of chosen) {
    for (const result of await measure(workload)) {
      const limit = LIMITS[workload.name];
      const whole = limit === undefined ? result : { ...result, limit };
      results.push(whole);
      printResult(whole);
    }
  }
} finally {
  await bench.close();
  await realm.close();
}
if (isProfiled && runtime.name === "node") {
  console.log("\nOwn time of functions, idle time apart");
  for (const { name, part } of topCosts(profileFolder, 30))
    console.log(`  ${(100 * part).toFixed(1).padStart(5)}%  ${name}`);
}
const busyAfter = await busyPart(1500);
const report = {
  date: new Date().toISOString().slice(0, 10),
  machine,
  runtime: {
    name: runtime.name,
    version: runtime.version,
    ...(runtime.note === undefined ? {} : { note: runtime.note }),
  },
  provider,
  peers: peers.build,
  isQuick,
  busy: { before: busyBefore, after: busyAfter },
  isTrusted: busyBefore <= QUIET && busyAfter <= QUIET,
  results,
};
printSummary(report, Date.now() - started);
const file = values.json ?? path.join(ROOT, ".cache", "bench", `results-${runtime.name}.json`);
fs.mkdirSync(path.dirname(file), { recursive: true });
fs.writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`);
console.log(`  JSON: ${path.relative(process.cwd(), file)}`);
// Every run stays, so that a later one can be compared with it.
const kept = path.join(
  ROOT,
  ".cache",
  "bench",
  "runs",
  `${new Date().toISOString().replace(/[:.]/g, "-")}-${runtime.name}.json`,
);
fs.mkdirSync(path.dirname(kept), { recursive: true });
fs.copyFileSync(file, kept);
if (earlier !== undefined) {
  console.log(`\nBeside ${values.compare}`);
  for (const line of comparison(earlier, report)) console.log(`  ${line}`);
}
if (flags.has("write-table")) {
  const { commit, baseline } = values;
  if (commit === undefined || baseline === undefined) writeTable(report, { isPart: names.length > 0 });
  else writeBeforeTable(report, { commit, baseline });
}
process.exit(0);

/** @param {import("./bench.mjs").Workload} workload @returns {Promise<import("./bench.mjs").Result[]>} */
async function measure(workload) {
  const failed = (/** @type {unknown} */ error, title = workload.name) => ({
    workload: workload.name,
    title,
    peer: "",
    goal: "",
    isMet: undefined,
    ours: "",
    theirs: "",
    ratio: "",
    notes: [`not measured: ${error instanceof Error ? error.message : error}`],
  });
  try {
    if (workload.measure !== undefined) {
      const found = await workload.measure(bench);
      return found.map((one) => ({ ...failed("it said nothing"), notes: [], ...one, workload: workload.name }));
    }
    const measured = [];
    for (const row of (await workload.rows?.(bench)) ?? []) {
      const once = () => bench.measure(workload.name, row).catch((error) => failed(error, row.title));
      measured.push(await steadiest(once, TRIES));
    }
    return measured;
  } catch (error) {
    return [failed(error)];
  }
}

/** The figures of an earlier run; ends the program where the file has none. @param {string} file */
function earlierRun(file) {
  try {
    const run = JSON.parse(fs.readFileSync(file, "utf8"));
    // All that the comparison reads: it is made after minutes of measuring.
    if (Array.isArray(run.results) && run.machine?.cpu && run.runtime?.name) return run;
  } catch {
    // Said below.
  }
  console.error(`--compare ${file} is not the JSON of a run: those of before are in .cache/bench/runs`);
  process.exit(2);
}

/** @param {Bench} bench */
async function providerOf(bench) {
  const answer = JSON.parse(
    await bench.ours().ask(JSON.stringify({ workload: "provider", count: 1, args: { client: bench.realm.client } })),
  );
  return answer.provider ?? answer.error;
}
