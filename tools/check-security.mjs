// SECURITY.md's table of rules is what tools/mutations/rules says, and every file and test that it names is there.
// Usage: node tools/check-security.mjs [--write]

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { loadRules, securityTable } from "./mutations/rules.mjs";

const ROOT = path.resolve(fileURLToPath(new URL("..", import.meta.url)));
const FILE = path.join(ROOT, "SECURITY.md");

/** @type {string[]} */
const problems = [];
const rules = loadRules();
for (const { rule, file, find, test } of rules) {
  const source = read(file);
  const count = source === undefined ? 0 : source.split(find).length - 1;
  if (count !== 1) problems.push(`${rule}: the text of its check is in ${file} ${count} times, not once: ${find}`);
  // Whether the title is a test's, run.mjs finds out: many are made in a loop over figures.
  if (read(test) === undefined) problems.push(`${rule}: ${test} is not there`);
}

const page = fs.readFileSync(FILE, "utf8");
const table = `$1\n${securityTable(rules).trimEnd().replaceAll("$", "$$$$")}\n$2`;
const made = page.replace(/(<!-- rules: [^\n]* -->)[\s\S]*(<!-- \/rules -->)/, table);
if (process.argv.includes("--write")) fs.writeFileSync(FILE, made);
else if (made !== page)
  problems.push("SECURITY.md's table is not that of the rules: run node tools/check-security.mjs --write");

for (const problem of problems) console.error(problem);
console.log(`${rules.length} checks of ${new Set(rules.map(({ rule }) => rule)).size} rules`);
process.exit(problems.length === 0 ? 0 : 1);

/** @param {string} file */
function read(file) {
  const place = path.join(ROOT, file);
  return fs.existsSync(place) ? fs.readFileSync(place, "utf8") : undefined;
}
