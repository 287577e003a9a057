// Takes every guard of a room out, one after the other, and says which of them no test misses.
// Usage: npm run mutants -- ROOM... [--file PART[,PART...]] [--tests PART[,PART...]] [--changed] [--own] [--fresh] [--budget SECONDS] [--sample N] [--seed S]
// --own runs the tests of the room alone: minutes in place of hours; more may be killed by others.
// --tests runs those test files alone: minutes, while tests for one source are written.
// --budget is what one mutant may cost in each phase: what nothing noticed until then counts as survived.
// --sample takes N mutants of each room by chance, those first that refuse something; the same seed takes the same ones.
// What was killed is kept in .cache/mutants as it happens: a run that was cut short goes on from there.

import { spawnSync } from "node:child_process";
import os from "node:os";
import { toolArguments } from "../arguments.mjs";
import { runAll } from "./kill.mjs";
import { allMutants } from "./mutants.mjs";
import { notedNames } from "./notes.mjs";
import { loadResults, saveResults } from "./results.mjs";
import { inOrder, isOwn, ROOMS, ROOT, testFiles } from "./rooms.mjs";
import { sampleOf } from "./sample.mjs";
import { openSession } from "./session.mjs";
import { writeFigures } from "./table.mjs";

const {
  values,
  flags,
  names: rooms,
} = toolArguments({
  command: "npm run mutants --",
  about: "Breaks each line of a room in turn and says which break no test sees.",
  names: "ROOM...",
  known: () => ROOMS,
  options: {
    file: { value: "PART,PART", about: "files alone whose path has one of them" },
    tests: { value: "PART,PART", about: "test files alone whose path has one of them" },
    changed: { about: "files alone that differ from the last commit" },
    own: { about: "by the room's own tests" },
    fresh: { about: "also what an earlier run has killed" },
    budget: { value: "S", isNumber: true, about: "the most seconds of a test file", default: "3" },
    sample: { value: "N", isNumber: true, about: "so many of a room, by the seed" },
    seed: { value: "S", isNumber: true, about: "of the sample", default: "1" },
  },
});
const parts = values.file?.split(",");
const testParts = values.tests?.split(",");
const budgetMs = 1000 * Number(values.budget);
const sample = values.sample === undefined ? undefined : { size: Number(values.sample), seed: Number(values.seed) };
if (rooms.length === 0) {
  console.error(`Which room? Name one or more of ${ROOMS.join(", ")}.`);
  process.exit(2);
}
// The machine is for others; this takes hours that nobody waits for.
os.setPriority(15);

const { mutants, files } = allMutants();
const ownOnly = flags.has("own");
const changed = flags.has("changed") ? changedFiles() : undefined;
const wanted = mutants.filter(
  ({ room, file }) =>
    rooms.includes(room) &&
    (parts?.some((part) => file.includes(part)) ?? true) &&
    (changed === undefined || changed.has(file)),
);
const chosen = sample === undefined ? wanted : rooms.flatMap((room) => sampleOf(wanted, room, sample));
const noted = notedNames();
const known = flags.has("fresh") ? new Map() : loadResults(chosen);
const alive = chosen.filter(({ id, name }) => !known.has(id) && !noted.has(name)).map(({ id }) => id);
console.log(`${chosen.length} mutants, ${alive.length} to be run`);

/** @type {import("./kill.mjs").Progress} */
const progress = {
  alive: new Set(alive),
  killedBy: new Map(),
  reachedBy: new Map(),
  load: new Map(),
  slow: new Map(),
  spent: new Map(),
};
if (alive.length > 0) await killAll();
saveResults(chosen, known, progress, ownOnly || testParts !== undefined);
if (parts === undefined && testParts === undefined && changed === undefined) {
  writeFigures(rooms, { all: mutants, chosen, noted, tests: ownOnly ? "its own" : "all", seed: sample?.seed });
}
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
  const sources = new Map([...files].filter(([file]) => chosen.some((mutant) => mutant.file === file)));
  const session = await openSession(sources, mutants.length);
  const wantedTests = testFiles().filter((file) => testParts?.some((one) => file.includes(one)) ?? true);
  const tests = wantedTests.filter((file) => session.specifications.has(file));
  const mine = tests.filter((file) => rooms.some((room) => isOwn(room, file)));
  const own = inOrder(rooms[0] ?? "", mine);
  const others = tests.filter((file) => !own.includes(file));
  const onRound = (/** @type {number} */ killed) => step(`${killed} killed`);
  const step = (/** @type {string} */ what) => {
    console.log(`${new Date().toISOString().slice(11, 19)} ${what}, ${progress.alive.size} alive`);
    saveResults(chosen, known, progress, true);
  };
  for (const [name, list] of /** @type {[string, string[]][]} */ ([
    ["the room's tests", own],
    ["all tests", ownOnly ? [] : others],
  ])) {
    if (list.length === 0) continue;
    progress.slow.clear();
    await runAll(session, list, { maxMs: 150, budgetMs }, progress, onRound);
    step(`after ${name}, the quick ones`);
    progress.spent.clear();
    const only = Object.fromEntries(progress.slow);
    await runAll(session, [...progress.slow.keys()], { maxMs: 0, only, budgetMs }, progress, onRound);
    step(`after ${name}`);
    progress.spent.clear();
  }
  await runWhole(session, own, others);
  step("after whole files");
  await session.close();
}

/**
 * What modules and hooks alone reach is on from the start of a file: first the room's own files, then a few others.
 * @param {Awaited<ReturnType<typeof openSession>>} session @param {string[]} own @param {string[]} others
 */
async function runWhole(session, own, others) {
  for (const id of [...progress.alive].filter((id) => !progress.reachedBy.has(id))) {
    const reach = [...own, ...others].filter((file) => progress.load.get(file)?.has(id)).slice(0, 3);
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
