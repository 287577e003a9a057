// Takes each listed check out of the source in turn and sees its test go red; a check whose test stays green is not
// tested. Works on a copy, never on the tree. Usage: node tools/mutations/run.mjs [RULE...] [--table]

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { toolArguments } from "../arguments.mjs";
import { loadRules, securityTable } from "./rules.mjs";

const ROOT = path.resolve(fileURLToPath(new URL("../..", import.meta.url)));
const VITEST = path.join(ROOT, "test", "node_modules", "vitest", "vitest.mjs");

/** A copy of what the tests need; dependencies are linked, since they do not change. */
function copyTree() {
  const copy = fs.mkdtempSync(path.join(os.tmpdir(), "krb5-remctl-mutations-"));
  for (const name of ["src", "site", "test", "krb5-vectors", "tools", "package.json", "tsconfig.json"]) {
    fs.cpSync(path.join(ROOT, name), path.join(copy, name), {
      recursive: true,
      filter: (from) => path.basename(from) !== "node_modules",
    });
  }
  fs.symlinkSync(path.join(ROOT, "node_modules"), path.join(copy, "node_modules"));
  // The live peers too: a copy that unpacks its own takes minutes.
  if (fs.existsSync(path.join(ROOT, ".cache"))) fs.symlinkSync(path.join(ROOT, ".cache"), path.join(copy, ".cache"));
  fs.symlinkSync(path.join(ROOT, "test", "node_modules"), path.join(copy, "test", "node_modules"));
  for (const name of fs.readdirSync(path.join(ROOT, "tools"))) {
    const modules = path.join("tools", name, "node_modules");
    if (fs.existsSync(path.join(ROOT, modules))) fs.symlinkSync(path.join(ROOT, modules), path.join(copy, modules));
  }
  return copy;
}

/**
 * Runs the named tests of one file. Returns how many passed and failed.
 * @param {string} copy @param {string} file @param {string | undefined} title
 */
function runTests(copy, file, title) {
  const report = path.join(copy, "report.json");
  fs.rmSync(report, { force: true });
  const filter = title === undefined ? [] : ["-t", title.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")];
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      VITEST,
      "run",
      "--root",
      copy,
      "--config",
      path.join(copy, "test", "vitest.config.ts"),
      "--reporter=json",
      `--outputFile=${report}`,
      file,
      ...filter,
    ],
    // CI: tests of live peers' whole tables run too.
    { encoding: "utf8", cwd: copy, timeout: 120_000, env: { ...process.env, CI: "true", FORCE_COLOR: "0" } },
  );
  if (!fs.existsSync(report)) return { passed: 0, failed: 0, output: stdout + stderr };
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(fs.readFileSync(report, "utf8"));
  // A file that does not load fails without a failing test: that is red too, but never for the check's own sake.
  const broken = testResults.some((/** @type {any} */ r) => r.status === "failed" && r.assertionResults.length === 0);
  return { passed: numPassedTests, failed: numFailedTests, broken, output: stdout + stderr };
}

const rules = loadRules();
const { flags, names: args } = toolArguments({
  command: "npm run mutations --",
  about: "Takes each listed check out of the source in turn, on a copy, and sees its test go red.",
  names: "[RULE...]",
  known: () => [...new Set(rules.map(({ rule }) => rule))],
  options: { table: { about: "the table of rules and tests alone" } },
});
if (flags.has("table")) {
  process.stdout.write(securityTable(rules));
  process.exit(0);
}
const wanted = args.length === 0 ? rules : rules.filter(({ rule }) => args.includes(rule));
const copy = copyTree();
process.on("exit", () => fs.rmSync(copy, { recursive: true, force: true }));

let bad = 0;
/** @type {Map<string, string>} */
const green = new Map();
for (const [index, { rule, file, find, replace, test, title }] of wanted.entries()) {
  const label = `[${index + 1}/${wanted.length}] ${rule} ${file}`;
  const key = `${test}\0${title}`;
  if (!green.has(key)) {
    const { passed, failed } = runTests(copy, test, title);
    green.set(
      key,
      passed > 0 && failed === 0 ? "" : `its test is not green before: ${passed} passed, ${failed} failed`,
    );
  }
  let problem = green.get(key);
  if (problem === "") {
    const place = path.join(copy, file);
    const source = fs.readFileSync(place, "utf8");
    const parts = source.split(find);
    if (parts.length !== 2) {
      problem = `the text of the check is in the file ${parts.length - 1} times, not once`;
    } else {
      fs.writeFileSync(place, parts.join(replace));
      const { passed, failed, broken } = runTests(copy, test, title);
      fs.writeFileSync(place, source);
      if (broken) problem = "the test file does not load without the check";
      else if (passed + failed === 0) problem = "its test did not end in two minutes";
      else if (failed === 0) problem = "its test stays GREEN without the check";
    }
  }
  if (problem !== "") bad += 1;
  process.stdout.write(`${label}: ${problem === "" ? "red without it" : `${problem} (${test}: ${title})`}\n`);
}
process.stdout.write(`${wanted.length - bad} checks proven by their tests, ${bad} not\n`);
process.exit(bad === 0 ? 0 : 1);
