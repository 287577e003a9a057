// What is known from earlier runs: a result holds while the mutant's line and the test files that decided it are the same.

import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { CACHE } from "./files.mjs";
import { ROOT } from "./rooms.mjs";

/** @typedef {import("./mutants.mjs").Mutant} Mutant */
/** @typedef {Record<string, { killed: boolean, tests: string[], hash: string }>} Results */

/** @type {Map<string, string>} */
const texts = new Map();

/** The results that still hold: whether the mutant was killed. @param {Mutant[]} mutants @returns {Map<number, boolean>} */
export function loadResults(mutants) {
  const known = new Map();
  for (const [room, list] of byRoom(mutants)) {
    const results = read(room);
    for (const mutant of list) {
      const result = results[mutant.name];
      if (result && result.hash === hashOf(mutant, result.tests)) known.set(mutant.id, result.killed);
    }
  }
  return known;
}

/**
 * @param {Mutant[]} mutants @param {Map<number, boolean>} known @param {import("./kill.mjs").Progress} progress
 * @param {boolean} [partly] only kills count yet
 */
export function saveResults(mutants, known, progress, partly = false) {
  for (const [room, list] of byRoom(mutants)) {
    const results = read(room);
    for (const mutant of list) {
      const by = progress.killedBy.get(mutant.id);
      const alive = progress.alive.has(mutant.id);
      if (known.has(mutant.id) || (by === undefined && (partly || !alive))) continue;
      const tests = by === undefined ? [...(progress.reachedBy.get(mutant.id) ?? [])].sort() : [by];
      results[mutant.name] = { killed: by !== undefined, tests, hash: hashOf(mutant, tests) };
    }
    fs.mkdirSync(CACHE, { recursive: true });
    fs.writeFileSync(fileOf(room), JSON.stringify(results, null, 1));
  }
}

/** @param {string} room */
function fileOf(room) {
  return path.join(CACHE, `${room.replaceAll("/", "-")}.json`);
}

/** All results of a room, held or not. @param {string} room @returns {Results} */
export function read(room) {
  const file = fileOf(room);
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")) : {};
}

/** @param {Mutant} mutant @param {string[]} tests */
function hashOf(mutant, tests) {
  const hash = createHash("sha256").update(text(mutant.file).split("\n")[mutant.line - 1] ?? "");
  for (const test of tests) hash.update(`\0${text(test)}`);
  return hash.digest("hex").slice(0, 16);
}

/** @param {string} file */
function text(file) {
  const known = texts.get(file);
  if (known !== undefined) return known;
  const place = path.join(ROOT, file);
  const made = fs.existsSync(place) ? fs.readFileSync(place, "utf8") : "";
  texts.set(file, made);
  return made;
}

/** @param {Mutant[]} mutants @returns {Map<string, Mutant[]>} */
function byRoom(mutants) {
  /** @type {Map<string, Mutant[]>} */
  const rooms = new Map();
  for (const mutant of mutants) rooms.set(mutant.room, [...(rooms.get(mutant.room) ?? []), mutant]);
  return rooms;
}
