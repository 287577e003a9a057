// Takes every guard of a room out, one after the other, and says which of them no test misses.
// Usage: npm run mutants -- ROOM... [--file PART] [--changed] [--own] [--fresh]
// --own runs the tests of the room alone: minutes in place of hours; more may be killed by others.

import { spawnSync } from "node:child_process";
import os from "node:os";
import { runAll } from "./kill.mjs";
import { allMutants } from "./mutants.mjs";
import { notedNames } from "./notes.mjs";
import { loadResults, saveResults } from "./results.mjs";
import { isOwn, ROOMS, ROOT, testFiles } from "./rooms.mjs";
import { openSession } from "./session.mjs";
import { writeFigures } from "./table.mjs";

const args = process.argv.slice(2);
const part = args.includes("--file") ? String(args[args.indexOf("--file") + 1]) : undefined;
const rooms = args.filter((arg, index) => !arg.startsWith("--") && args[index - 1] !== "--file");
if (rooms.length === 0 || rooms.some((room) => !ROOMS.includes(room))) {
  console.error(`Which room? Name one or more of ${ROOMS.join(", ")}.`);
  process.exit(2);
}
// The machine is for others; this takes hours that nobody waits for.
os.setPriority(19);

const { mutants, files } = allMutants();
const ownOnly = args.includes("--own");
const changed = args.includes("--changed") ? changedFiles() : undefined;
const chosen = mutants.filter(
  ({ room, file }) =>
    rooms.includes(room) && (part === undefined || file.includes(part)) && (changed === undefined || changed.has(file)),
);
const noted = notedNames();
const known = args.includes("--fresh") ? new Map() : loadResults(chosen);
const alive = chosen.filter(({ id, name }) => !known.has(id) && !noted.has(name)).map(({ id }) => id);
console.log(`${chosen.length} mutants, ${alive.length} to be run`);

/** @type {import("./kill.mjs").Progress} */
const progress = {
  alive: new Set(alive),
  killedBy: new Map(),
  reachedBy: new Map(),
  load: new Map(),
  slow: new Set(),
};
if (alive.length > 0) await killAll();
saveResults(chosen, known, progress, ownOnly);
if (part === undefined && changed === undefined) writeFigures(rooms, mutants, noted, ownOnly ? "its own" : "all");
const survivors = chosen.filter(({ id }) => progress.alive.has(id) || known.get(id) === false);
for (const { id, name, line } of survivors) {
  const reached = progress.reachedBy.get(id)?.size ?? 0;
  console.log(
    `survived: ${name} (line ${line}; ${reached === 0 ? "no test reaches it" : `${reached} files reach it`})`,
  );
}
console.log(`${chosen.length - survivors.length} of ${chosen.length} killed or noted`);
process.exit(survivors.length === 0 ? 0 : 1);

async function killAll() {
  const wanted = new Map([...files].filter(([file]) => chosen.some((mutant) => mutant.file === file)));
  const session = await openSession(wanted, mutants.length);
  const tests = testFiles().filter((file) => session.specifications.has(file));
  const own = tests.filter((file) => rooms.some((room) => isOwn(room, file)));
  const others = tests.filter((file) => !own.includes(file));
  const onRound = (/** @type {number} */ killed) => step(`${killed} killed`);
  const step = (/** @type {string} */ what) => {
    console.log(`${new Date().toISOString().slice(11, 19)} ${what}, ${progress.alive.size} alive`);
    saveResults(chosen, known, progress, true);
  };
  await runAll(session, own, { minMs: -1, maxMs: 150 }, progress, onRound);
  step("after the quick tests of the room");
  if (!ownOnly) await runAll(session, others, { minMs: -1, maxMs: 150 }, progress, onRound);
  if (!ownOnly) step("after all quick tests");
  await runAll(session, [...progress.slow], { minMs: 150, maxMs: Infinity }, progress, onRound);
  step("after the slow tests");
  await runWhole(session, own, others);
  step("after whole files");
  await session.close();
}

/**
 * What modules and hooks reach is on from the start of a file: first the room's own files, then a few others.
 * @param {Awaited<ReturnType<typeof openSession>>} session @param {string[]} own @param {string[]} others
 */
async function runWhole(session, own, others) {
  for (const id of [...progress.alive]) {
    const reach = [...own, ...others].filter((file) => progress.load.get(file)?.has(id)).slice(0, 6);
    for (const file of reach) {
      const { failed } = await session.run([file], { mode: "whole", id });
      if (!failed) continue;
      progress.alive.delete(id);
      progress.killedBy.set(id, file);
      break;
    }
  }
}

/** Sources that are not as they are on main. */
function changedFiles() {
  const { stdout } = spawnSync("git", ["diff", "--name-only", "main", "--", "src"], { cwd: ROOT, encoding: "utf8" });
  return new Set(stdout.split("\n").filter(Boolean));
}
