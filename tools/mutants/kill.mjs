// Runs test files until each has met every mutant that it reaches, and says what is left.

import { unpackBits } from "./files.mjs";

/** A file that leaves something behind again and again is given up: what it kills, others must. */
const MAX_ROUNDS = 20;

/**
 * What is known of a room's mutants while the tests run.
 * @typedef {{ alive: Set<number>, killedBy: Map<number, string>, reachedBy: Map<number, Set<string>>,
 *   load: Map<string, Set<number>>, slow: Map<string, string[]>, spent: Map<number, number> }} Progress
 */

/**
 * @param {Awaited<ReturnType<typeof import("./session.mjs").openSession>>} session
 * @param {string[]} tests @param {{ maxMs: number, only?: Record<string, string[]>, budgetMs: number }} limits @param {Progress} progress
 * @param {(killed: number) => void} onRound after each round: what is known then survives an end of the tool
 */
export async function runAll(session, tests, { maxMs, only, budgetMs }, progress, onRound) {
  let waiting = tests;
  /** @type {Record<string, { id: number, test: string }>} */
  let suspects = {};
  /** @type {string[]} */
  const cleared = [];
  /** @type {Record<string, number[]>} */
  const spoilers = {};
  /** Tests that have met all that they reach, by file. @type {Record<string, string[]>} */
  const tested = {};
  for (let round = 0; waiting.length > 0 && round < MAX_ROUNDS && progress.alive.size > 0; round++) {
    const alive = [...progress.alive].filter((id) => (progress.spent.get(id) ?? 0) < budgetMs);
    /** @type {import("./files.mjs").Plan} */
    const plan = { mode: "each", alive, maxMs, only, budgetMs, suspects, cleared, tested, spoilers };
    const { lines } = await session.run(waiting, plan, note);
    for (const line of lines) note(line);
    /** @type {Record<string, { id: number, test: string }>} */
    const next = {};
    const done = new Set();
    for (const line of lines) {
      if (line.suspect !== undefined && progress.alive.has(line.suspect)) {
        next[line.file] = { id: line.suspect, test: line.test };
      } else if (line.asked) {
        // Alone in a process it was killed, or it is not this test that kills it.
        cleared.push(`${line.asked.test} ${line.asked.id}`);
      } else if (line.spoils !== undefined) {
        spoilers[line.file] = [...(spoilers[line.file] ?? []), line.spoils];
        noteLoad(line.file, [line.spoils]);
      } else if (line.tested !== undefined) {
        tested[line.file] = [...(tested[line.file] ?? []), line.tested];
      } else if (line.done && !line.dirty) done.add(line.done);
    }
    const asked = new Set(lines.filter((line) => line.asked).map((line) => line.file));
    waiting = waiting.filter((test) => !done.has(test) || asked.has(test));
    suspects = next;
    onRound(progress.killedBy.size);
  }

  /** @param {any} line */
  function note(line) {
    if (line.killed !== undefined && progress.alive.delete(line.killed)) {
      progress.killedBy.set(line.killed, line.by);
      if (progress.killedBy.size % 50 === 0) onRound(progress.killedBy.size);
    }
    if (line.done === undefined) return;
    for (const [id, ms] of line.spent) progress.spent.set(id, (progress.spent.get(id) ?? 0) + ms);
    const slow = [...(progress.slow.get(line.done) ?? []), ...line.slow];
    if (slow.length > 0) progress.slow.set(line.done, slow);
    for (const id of unpackBits(line.reached)) {
      const files = progress.reachedBy.get(id) ?? new Set();
      progress.reachedBy.set(id, files.add(line.done));
    }
    noteLoad(line.done, unpackBits(line.load));
  }

  /** @param {string} file @param {number[]} ids */
  function noteLoad(file, ids) {
    const known = progress.load.get(file) ?? new Set();
    for (const id of ids) known.add(id);
    progress.load.set(file, known);
  }
}
