// What a stranger can send, with the bound of each: the table of SECURITY.md. The bound is read from the source.

import fs from "node:fs";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "..", "..");

/** @typedef {{ input: string, bound: string, file: string, constant: string, cost: string, test: string, title: string }} Input */

/** @returns {Input[]} */
export function loadInputs() {
  return JSON.parse(fs.readFileSync(path.join(ROOT, "tools", "security", "inputs.json"), "utf8"));
}

/**
 * The value of a constant, a field or a default as a source declares it; undefined unless it is declared once.
 * @param {string} source @param {string} name
 */
export function declaredValue(source, name) {
  const declared = new RegExp(
    `\\b${name}(?:: number)?(?: =|:) (?:options\\.${name} \\?\\? )?([0-9_]+(?: \\*{1,2} [0-9_]+)*)\\b(?! ?\\*)`,
    "g",
  );
  const found = [...source.matchAll(declared)];
  return found.length === 1 ? computed(/** @type {string} */ (found[0]?.[1])) : undefined;
}

/** The value of whole numbers, products and powers. @param {string} expression */
function computed(expression) {
  return expression
    .split(" * ")
    .map((factor) => factor.split(" ** ").map((one) => Number(one.replaceAll("_", ""))))
    .reduce((product, [base = 1, exponent = 1]) => product * base ** exponent, 1);
}

/** What is wrong with the rows. @param {Input[]} inputs @param {(file: string) => string | undefined} read */
export function inputProblems(inputs, read) {
  return inputs.flatMap(({ input, file, constant, test, title }) => {
    const problems = [];
    if (declaredValue(read(file) ?? "", constant) === undefined) {
      problems.push(`inputs: ${input}: ${constant} is not declared once, as a number, in ${file}`);
    }
    if (read(test)?.includes(title) !== true) problems.push(`inputs: ${input}: no test of ${test} is called: ${title}`);
    return problems;
  });
}

/** The table of SECURITY.md. @param {Input[]} inputs @param {(file: string) => string | undefined} read */
export function inputsTable(inputs, read) {
  const rows = inputs.map(({ input, bound, file, constant, cost, test, title }) => {
    const value = declaredValue(read(file) ?? "", constant)?.toLocaleString("en-US") ?? "?";
    return `| ${input} | ${bound.replace("{}", value)} | ${cost} | \`${constant}\` of \`${file}\` | \`${test}\`: ${title} |`;
  });
  return ["| input of a stranger | bound | cost | where | test |", "|---|---|---|---|---|", ...rows].join("\n");
}
