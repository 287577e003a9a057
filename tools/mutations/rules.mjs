// The security rules: what each says, where it is checked and which test goes red without it. One JSON file a room.

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = path.resolve(fileURLToPath(new URL("../..", import.meta.url)));
const DIRECTORY = path.join(ROOT, "tools", "mutations", "rules");

/**
 * @typedef {object} Rule
 * @property {string} rule the number in SECURITY.md, as A7
 * @property {string} says the rule in one sentence
 * @property {string} file where it is checked
 * @property {string} find the text of the check, once in the file
 * @property {string} replace what stands there without the check
 * @property {string} test the test file that proves it
 * @property {string} title the test's title
 */

/** @returns {Rule[]} */
export function loadRules() {
  return fs
    .readdirSync(DIRECTORY)
    .sort()
    .flatMap((name) => JSON.parse(fs.readFileSync(path.join(DIRECTORY, name), "utf8")));
}

/** The table of SECURITY.md: a rule that several checks hold has one row. @param {Rule[]} rules */
export function securityTable(rules) {
  /** @type {Map<string, { says: string, files: Set<string>, tests: Set<string> }>} */
  const rows = new Map();
  for (const { rule, says, file, test, title } of rules) {
    const row = rows.get(rule) ?? { says, files: new Set(), tests: new Set() };
    rows.set(rule, row);
    row.files.add(`\`${file}\``);
    row.tests.add(`\`${test}\`: ${title.replaceAll("|", "\\|")}`);
  }
  const order = [...rows].sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }));
  const lines = order.map(
    ([rule, { says, files, tests }]) =>
      `| ${rule} | ${says.replaceAll("|", "\\|")} | ${[...files].join("<br>")} | ${[...tests].join("<br>")} |`,
  );
  return ["| rule | what is checked | where | test |", "|---|---|---|---|", ...lines, ""].join("\n");
}
