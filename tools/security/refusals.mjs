// What a client refuses of a KDC, a certificate or a token when it logs in, each with its code, its words and the test
// that shows it with a KDC that is hostile: the table of SECURITY.md.

import fs from "node:fs";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "..", "..");

/**
 * `code` and `words` are empty where what is refused has those of something else: `file` is then where it is seen, or
 * empty too where nothing is to be seen.
 * @typedef {{ part: string, comes: string, code: string, words: string, file: string, test: string, title: string }} Refusal
 */

/** @returns {Refusal[]} */
export function loadRefusals() {
  return JSON.parse(fs.readFileSync(path.join(ROOT, "tools", "security", "refusals.json"), "utf8"));
}

/** What is wrong with the rows. @param {Refusal[]} refusals @param {(file: string) => string | undefined} read */
export function refusalProblems(refusals, read) {
  return refusals.flatMap(({ part, comes, code, words, file, test, title }) => {
    const row = `refusals: ${part}: ${comes}`;
    const problems = [];
    if (file !== "" && read(file)?.includes(words) !== true) problems.push(`${row}: ${file} does not say: ${words}`);
    const tested = read(test) ?? "";
    if (title === "" || !tested.includes(title)) problems.push(`${row}: no test of ${test} is called: ${title}`);
    if (!tested.includes(code)) problems.push(`${row}: ${test} does not expect ${code}`);
    return problems;
  });
}

/** The table of SECURITY.md. @param {Refusal[]} refusals */
export function refusalsTable(refusals) {
  const rows = refusals.map(({ part, comes, code, words, test, title }) => {
    const said = words === "" ? "" : `: ${words.trim()}`;
    const shown = `${code === "" ? "" : `\`${code}\``}${said}`;
    return `| ${part} | ${comes} | ${shown} | \`${test}\`: ${title.replaceAll("|", "\\|")} |`;
  });
  return ["| login by | what comes | what is said | test |", "|---|---|---|---|", ...rows].join("\n");
}
