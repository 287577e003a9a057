// Where the tool and the processes of the tests meet: a plan that they read, and lines that they write.

import fs from "node:fs";
import path from "node:path";
import { ROOT } from "./rooms.mjs";

export const CACHE = path.join(ROOT, ".cache", "mutants");

/**
 * What the processes of the tests are to do. `each`: every test runs once as it is, then with each mutant that it
 * reached and that is alive, if it cost at most `maxMs` (or if it is among those of `only`, by file), until the mutant
 * has cost `budgetMs` in the file. `whole`: one mutant is on from the first module to the last test.
 * @typedef {{ mode: "each", alive: number[], maxMs: number, only: Record<string, string[]> | undefined, budgetMs: number,
 *     suspects: Record<string, { id: number, test: string }>, cleared: string[], tested: Record<string, string[]>,
 *     spoilers: Record<string, number[]> } |
 *   { mode: "whole", id: number }} Plan
 */

/** A run's folder, by its names. @param {string} work */
export function places(work) {
  return {
    plan: path.join(work, "plan.json"),
    lines: path.join(work, "lines.jsonl"),
    beat: path.join(work, "beat"),
  };
}

/** @param {string} file @returns {any[]} what the processes wrote, in order */
export function readLines(file) {
  if (!fs.existsSync(file)) return [];
  const text = fs.readFileSync(file, "utf8");
  return text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** A set of numbers as text. @param {Iterable<number>} ids @param {number} count */
export function packBits(ids, count) {
  const bits = new Uint8Array(Math.ceil(count / 8));
  for (const id of ids) bits[id >> 3] = (bits[id >> 3] ?? 0) | (1 << (id & 7));
  return Buffer.from(bits).toString("base64");
}

/** @param {string} text @returns {number[]} */
export function unpackBits(text) {
  const ids = [];
  for (const [index, octet] of Buffer.from(text, "base64").entries()) {
    for (let bit = 0; octet >> bit !== 0; bit++) if ((octet >> bit) & 1) ids.push(index * 8 + bit);
  }
  return ids;
}
