// SECURITY.md's tables are what tools/mutations/rules, the lists of tools/security and tools/mutants say, and every file,
// test, bound and text that they name is there.
// Usage: node tools/check-security.mjs [--write]

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { staleNotes } from "./mutants/notes.mjs";
import { mutantsTable } from "./mutants/table.mjs";
import { loadRules, securityTable } from "./mutations/rules.mjs";
import { inputProblems, inputsTable, loadInputs } from "./security/inputs.mjs";
import { loadRefusals, refusalProblems, refusalsTable } from "./security/refusals.mjs";

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
const inputs = loadInputs();
problems.push(...inputProblems(inputs, read));
const refusals = loadRefusals();
problems.push(...refusalProblems(refusals, read));
const made = [
  ["rules", securityTable(rules)],
  ["inputs", inputsTable(inputs, read)],
  ["refusals", refusalsTable(refusals)],
  ["mutants", mutantsTable()],
].reduce((text, [mark = "", table = ""]) => withTable(text, mark, table), page);
if (process.argv.includes("--write")) fs.writeFileSync(FILE, made);
else if (made !== page)
  problems.push(
    "SECURITY.md's tables are not those of the rules and figures: run node tools/check-security.mjs --write",
  );

for (const name of staleNotes()) problems.push(`tools/mutants/equivalent: no such text in the source: ${name}`);

for (const problem of problems) console.error(problem);
console.log(`${rules.length} checks of ${new Set(rules.map(({ rule }) => rule)).size} rules`);
process.exit(problems.length === 0 ? 0 : 1);

/** The page with a table between its marks. @param {string} page @param {string} mark @param {string} table */
function withTable(page, mark, table) {
  const place = new RegExp(`(<!-- ${mark}: [^\\n]* -->)[\\s\\S]*(<!-- /${mark} -->)`);
  if (!place.test(page)) problems.push(`SECURITY.md has no place for the table of ${mark}`);
  return page.replace(place, (_, start, end) => `${start}\n${table.trimEnd()}\n${end}`);
}

/** @param {string} file */
function read(file) {
  const place = path.join(ROOT, file);
  return fs.existsSync(place) ? fs.readFileSync(place, "utf8") : undefined;
}
