// What is wrong with an entry's exports.

import path from "node:path";
import { exportsOf, placeOf, ts } from "./program.mjs";
import { namedTypes } from "./signatures.mjs";

/**
 * @param {ts.Program} program
 * @param {import("./program.mjs").Entry} entry
 * @param {string} src
 * @returns {string[]}
 */
export function problemsOf(program, entry, src) {
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(entry.file);
  if (file === undefined) throw new Error(`${entry.file} is not among the sources`);
  const isOwn = (/** @type {ts.SourceFile} */ one) => one.fileName.startsWith(src + path.sep);
  const base = path.dirname(src);
  const published = exportsOf(checker, file);
  const names = new Map(published.map(({ target, isTypeOnly }) => [target, isTypeOnly]));
  /** @type {string[]} */
  const problems = [];
  // What is missing is followed too: all that is to be exported is told in one go.
  const queue = [...names.keys()];
  const seen = new Set(queue);
  for (let symbol = queue.shift(); symbol !== undefined; symbol = queue.shift()) {
    const isTypeOnly = names.get(symbol) ?? true;
    for (const declaration of symbol.declarations ?? []) {
      for (const [type, node] of namedTypes(checker, declaration, { isTypeOnly, isOwn })) {
        if (seen.has(type)) continue;
        seen.add(type);
        queue.push(type);
        problems.push(
          `${entry.subpath}: ${type.name} is not exported; ${symbol.name} names it (${placeOf(node, base)})`,
        );
      }
    }
  }
  return problems;
}
