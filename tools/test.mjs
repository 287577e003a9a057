// `npm test`: everything, from a clean clone. `npm test -- <filter>` passes what follows to vitest.

import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { ensureNpmKerberos, npmKerberos2 } from "./bench/npm-kerberos.mjs";
import {
  ensureBuild,
  ensureConsumerDependencies,
  ensureDnsDependencies,
  ensureDriverDependencies,
  ensureExampleDependencies,
  ensureMuslDependencies,
  ensurePackDependencies,
  ensureRegexpDependencies,
  ensureRootDependencies,
  ensureRuntimeDependencies,
  ensureSiteDependencies,
  ensureTestDependencies,
  ensureTypesDependencies,
  ROOT,
  requireNode,
  run,
  step,
} from "./bootstrap.mjs";
import { ensurePacked } from "./pack/project.mjs";
import { ensurePeers, TEST_PEERS, WHOLE_TABLE_PEERS } from "./peers/index.mjs";

if (process.argv.slice(2).some((word) => word === "--help" || word === "-h")) {
  console.log(`npm test [-- [FILTER...] [OPTION...]]
Every check and every suite, from a clean clone. A filter is a part of the path of suites; filters and options go to vitest.

  CI=true npm test   the whole tables too, and what cannot run counts as failed`);
  process.exit(0);
}
requireNode();
const isCi = process.env.CI === "true";
const started = Date.now();
/** @type {{ name: string, error: unknown }[]} */
const failures = [];

/** A step whose failure is reported at the end; the others run all the same. @param {string} name @param {() => Promise<unknown>} body */
async function check(name, body) {
  try {
    await body();
  } catch (error) {
    failures.push({ name, error });
    console.error(error instanceof Error ? error.message : error);
  }
}

console.log("Set-up");
try {
  await ensureRootDependencies();
  await ensureTestDependencies();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error("Without its dependencies nothing can be tested: look at what npm says above, and at the network.");
  console.log("\n0 passed, 1 failed");
  process.exit(1);
}
// Without them only their suites cannot run, and say so.
await twoAtATime([
  () => ensurePeers([...TEST_PEERS, ...(isCi ? WHOLE_TABLE_PEERS : [])], { log: (line) => console.log(`  ${line}`) }),
  () => check("consumers", ensureConsumerDependencies),
  () => check("drivers", ensureDriverDependencies),
  () => check("runtimes", ensureRuntimeDependencies),
  () => check("site", ensureSiteDependencies),
  () => check("pack tools", ensurePackDependencies),
  () => check("Bun for musl", ensureMuslDependencies),
  () => check("packages of examples", ensureExampleDependencies),
  () => check("regular expressions", ensureRegexpDependencies),
  () => check("compiler with an API", ensureTypesDependencies),
  () => check("DNS messages", ensureDnsDependencies),
]);
// Only the whole table is held against it.
if (isCi) await check("npm kerberos", () => step("npm kerberos", compileNpmKerberos));

async function compileNpmKerberos() {
  await ensureNpmKerberos(npmKerberos2);
  await ensureNpmKerberos();
  return "compiled";
}

console.log("Checks");
const tool = (/** @type {string} */ name) => path.join(ROOT, "test", "node_modules", ".bin", name);
const tsc = path.join(ROOT, "node_modules", "typescript", "bin", "tsc");
const quietly = (/** @type {string} */ name, /** @type {string} */ command, /** @type {string[]} */ ...args) =>
  check(name, () => step(name, () => run(command, args, { cwd: ROOT }).then(() => "ok")));
await twoAtATime([
  async () => {
    await check("build", ensureBuild);
    await check("packed project", ensurePacked);
    await check("sizes", async () => console.log(await run(process.execPath, ["tools/size/index.mjs"], { cwd: ROOT })));
    // After the build: some of the tests import what was built.
    await quietly("types of tests and tools", process.execPath, tsc, "-p", "test/tsconfig.json");
  },
  () => quietly("format and lint", tool("biome"), "check"),
  () => quietly("types of src", process.execPath, tsc, "-p", "tsconfig.json"),
  () => quietly("examples in comments", process.execPath, "tools/check-examples.mjs"),
  () => quietly("exports", process.execPath, "tools/check-exports.mjs"),
  () => quietly("comments of exports", process.execPath, "tools/check-docs.mjs"),
  () => quietly("linear regular expressions", process.execPath, "tools/check-regexps.mjs"),
  () => quietly("layers", process.execPath, "tools/check-layers.mjs"),
  () => quietly("security rules", process.execPath, "tools/check-security.mjs"),
]);

console.log("Suites");
const work = fs.mkdtempSync(path.join(ROOT, ".cache", "test-"));
const reportFile = path.join(work, "report.json");
const skipsFile = path.join(work, "skips.jsonl");
const vitestStatus = await runVitest();
const report = readReport();
const skips = readSkips();
fs.rmSync(work, { recursive: true, force: true });

let passed = 0;
let failed = 0;
let skipped = 0;
/** @type {Map<string, { passed: number, failed: number, skipped: number, seconds: number }>} */
const suites = new Map();
for (const file of report?.testResults ?? []) {
  const name = path.relative(path.join(ROOT, "test"), file.name).split(path.sep)[0] ?? file.name;
  const suite = suites.get(name) ?? { passed: 0, failed: 0, skipped: 0, seconds: 0 };
  suites.set(name, suite);
  suite.seconds += (file.endTime - file.startTime) / 1000;
  for (const { status } of file.assertionResults) {
    if (status === "passed") suite.passed++;
    else if (status === "failed") suite.failed++;
    else suite.skipped++;
  }
  // A file that could not be loaded has no tests to count, and is a failure.
  if (file.status === "failed" && !file.assertionResults.some((/** @type {any} */ test) => test.status === "failed")) {
    suite.failed++;
  }
}

console.log("\nSummary");
for (const [name, suite] of suites) {
  passed += suite.passed;
  failed += suite.failed;
  skipped += suite.skipped;
  const skippedText = suite.skipped > 0 ? `, ${suite.skipped} skipped` : "";
  console.log(
    `  ${name}: ${suite.passed} passed, ${suite.failed} failed${skippedText} (${suite.seconds.toFixed(1)} s)`,
  );
}
if (vitestStatus !== 0 && failed === 0) {
  failures.push({ name: "vitest", error: new Error(`vitest ended with ${vitestStatus}; see its output above`) });
}
for (const { name } of failures) console.log(`  FAILED: ${name}`);
for (const { suite, reason } of skips) console.log(`  could not run: ${suite}: ${reason}`);
// Reported by the suite itself as a failed test when CI=true; this holds also for one that forgot to.
if (isCi && skips.length > 0 && failed === 0) failed += skips.length;
failed += failures.length;
console.log(`  in ${((Date.now() - started) / 1000).toFixed(1)} s`);
console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = failed > 0 || vitestStatus !== 0 ? 1 : 0;

/** For what keeps one core busy, or waits for the network. @param {(() => Promise<unknown>)[]} steps the longest first */
async function twoAtATime(steps) {
  const rest = [...steps];
  const lane = async () => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) await next();
  };
  await Promise.all([lane(), lane()]);
}

/** @returns {Promise<number>} */
function runVitest() {
  const args = ["run", "--config", "test/vitest.config.ts", "--reporter=default", "--reporter=json"];
  return new Promise((resolve) => {
    const child = spawn(tool("vitest"), [...args, `--outputFile.json=${reportFile}`, ...process.argv.slice(2)], {
      cwd: ROOT,
      env: { ...process.env, KRB5_REMCTL_PEERS: "present", KRB5_REMCTL_SKIPS: skipsFile },
      stdio: "inherit",
    });
    // Control-C reaches vitest by itself; it stops its workers, and they their beds. A plain kill does not reach it.
    process.on("SIGINT", () => {});
    process.on("SIGTERM", () => child.kill("SIGTERM"));
    child.on("error", (error) => {
      console.error(error.message);
      resolve(1);
    });
    child.on("close", (code, signal) => resolve(code ?? (signal ? 130 : 1)));
  });
}

/** @returns {{ testResults: any[] } | undefined} */
function readReport() {
  try {
    return JSON.parse(fs.readFileSync(reportFile, "utf8"));
  } catch {
    return undefined;
  }
}

/** @returns {{ suite: string, file: string, reason: string }[]} */
function readSkips() {
  try {
    return fs
      .readFileSync(skipsFile, "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  } catch {
    return [];
  }
}
