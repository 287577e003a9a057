// Some mutants of a room that is too large for a day: what refuses comes first, the rest by chance.

import { createHash } from "node:crypto";

/** @typedef {import("./mutants.mjs").Mutant} Mutant */

/**
 * Takes mutants of a room: two of three from those that take a refusal out, as long as there are some. The order within
 * is that of a hash of seed and name, so that a mutant stays in the sample when others come.
 * @param {readonly Mutant[]} mutants @param {string} room @param {{ size: number, seed: number }} options
 */
export function sampleOf(mutants, room, { size, seed }) {
  const own = mutants.filter((mutant) => mutant.room === room).sort((a, b) => (rank(a, seed) < rank(b, seed) ? -1 : 1));
  const guards = own.filter(takesOut).slice(0, Math.ceil((2 * size) / 3));
  const rest = own.filter((mutant) => !guards.includes(mutant)).slice(0, size - guards.length);
  return [...guards, ...rest].sort((a, b) => a.id - b.id);
}

/** Whether a check is not there any more. @param {Mutant} mutant */
function takesOut({ from, to }) {
  return to === "" || (from.startsWith("if ") && to === "false") || (!/^(if|\?|loop) /.test(from) && to === "false");
}

/** @param {Mutant} mutant @param {number} seed */
function rank({ name }, seed) {
  return createHash("sha256").update(`${seed} ${name}`).digest("hex");
}
