// `npm run bench`: how fast this package is beside the C libraries, each workload in turn with its peer in one run.
//
//   npm run bench                       every workload; JSON in .cache/bench/results-<runtime>.json
//   npm run bench -- --quick            the same with short rounds, under two minutes
//   npm run bench -- one-shot wrap      some workloads by name
//   npm run bench -- --runtime bun      node (24, the default), deno or bun
//   npm run bench -- --write-table      and the table in docs/performance.md; with names, their rows of it
//   npm run bench -- --compare FILE     and what became dearer or cheaper than in an earlier run's JSON
//   npm run bench -- --baseline DIR     instead of its peers, another build of this package
//   npm run bench -- --dist DIR         this build, without making one
//   npm run bench -- one-shot --profile the functions that cost most (Node only)

import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { ensureBuild, ensureRootDependencies, ROOT, requireNode } from "../bootstrap.mjs";
import { Bench } from "./bench.mjs";
import { comparison } from "./compare.mjs";
import { LIMITS } from "./limits.mjs";
import { busyPart, describeMachine } from "./machine.mjs";
import { buildPeers } from "./peers.mjs";
import { profileEnv, topCosts } from "./profile.mjs";
import { startRealm } from "./realm.mjs";
import { printResult, printSummary } from "./report.mjs";
import { findRuntimeOf } from "./runtimes.mjs";
import { steadiest } from "./steady.mjs";
import { writeTable } from "./table.mjs";
import { workloads } from "./workloads/index.mjs";

requireNode();
const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    runtime: { type: "string", default: "node" },
    json: { type: "string" },
    baseline: { type: "string" },
    compare: { type: "string" },
    dist: { type: "string" },
    "write-table": { type: "boolean", default: false },
    profile: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
  },
});
if (options.list) {
  for (const { name } of workloads) console.log(name);
  process.exit(0);
}
const unknown = names.filter((name) => !workloads.some((one) => one.name === name));
if (unknown.length > 0) {
  console.error(`no workload ${unknown.join(", ")}; there are ${workloads.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}
const chosen = names.length === 0 ? workloads : workloads.filter(({ name }) => names.includes(name));

/** @type {any} */
const earlier = options.compare === undefined ? undefined : JSON.parse(fs.readFileSync(options.compare, "utf8"));

/** A row that is not to be trusted is measured so often. */
const TRIES = options.quick ? 1 : 3;

/** Other programs that take more of the processors than this make the figures worthless. */
const QUIET = 0.15;

const log = (/** @type {string} */ line) => console.log(`  ${line}`);
const started = Date.now();
console.log("Set-up");
await ensureRootDependencies();
if (options.dist === undefined) await ensureBuild();
else process.env.KRB5_REMCTL_BENCH_DIST = path.resolve(options.dist);
const runtime = await findRuntimeOf(options.runtime, log).catch((error) => {
  console.error(`  ${error.message}`);
  process.exit(1);
});
const node = options.runtime === "node" ? runtime : await findRuntimeOf("node", log);
const peers = await buildPeers(log);
const profileFolder = path.join(ROOT, ".cache", "bench", "profile");
if (options.profile && runtime.name === "node") {
  Object.assign(runtime.env, profileEnv(profileFolder));
  process.env.KRB5_REMCTL_BENCH_PROFILE_MS = "2000";
}
const machine = describeMachine();
const busyBefore = await busyPart(1500);
const realm = await startRealm(node.program);
const bench = new Bench({ realm, peers, runtime, node, isQuick: options.quick, baseline: options.baseline, log });
const provider = await providerOf(bench);
log(`runtime ${runtime.name} ${runtime.version}, provider ${provider}`);
if (runtime.note !== undefined) log(runtime.note);
log(`peers: ${peers.build}`);
log(`machine: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.system}`);
if (busyBefore > QUIET)
  log(`other programs use ${(100 * busyBefore).toFixed(0)}% of the processors: do not trust what follows`);
console.log(
  `\n${options.baseline === undefined ? "Ratios are the peer's time over ours: above 1 we are faster" : `Ratios are the time of ${options.baseline} over that of this build`}\n`,
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
if (options.profile && runtime.name === "node") {
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
  isQuick: options.quick,
  busy: { before: busyBefore, after: busyAfter },
  isTrusted: busyBefore <= QUIET && busyAfter <= QUIET,
  results,
};
printSummary(report, Date.now() - started);
const file = options.json ?? path.join(ROOT, ".cache", "bench", `results-${runtime.name}.json`);
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
  console.log(`\nBeside ${options.compare}`);
  for (const line of comparison(earlier, report)) console.log(`  ${line}`);
}
if (options["write-table"]) writeTable(report, { isPart: names.length > 0 });
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

/** @param {Bench} bench */
async function providerOf(bench) {
  const answer = JSON.parse(
    await bench.ours().ask(JSON.stringify({ workload: "provider", count: 1, args: { client: bench.realm.client } })),
  );
  return answer.provider ?? answer.error;
}
