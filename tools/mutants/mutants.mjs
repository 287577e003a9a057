// Every mutant of every room, numbered. Its name is its file and the text of the source, never a line, so that notes
// and results outlive changes elsewhere in the file.

import fs from "node:fs";
import path from "node:path";
import { findPlaces, oneLine } from "./find.mjs";
import { filesOf, ROOMS, ROOT } from "./rooms.mjs";

/**
 * @typedef {{ id: number, name: string, room: string, file: string, line: number, from: string, to: string }} Mutant
 * @typedef {import("./find.mjs").Place & { first: number }} NumberedPlace
 * @typedef {{ places: NumberedPlace[], loops: { start: number, end: number, braces: boolean }[] }} FileMutants
 */

/** Reads all rooms. @returns {{ mutants: Mutant[], files: Map<string, FileMutants> }} */
export function allMutants() {
  /** @type {Mutant[]} */
  const mutants = [];
  /** @type {Map<string, FileMutants>} */
  const files = new Map();
  for (const room of ROOMS) {
    for (const file of filesOf(room)) {
      const { places, loops } = findPlaces(file, fs.readFileSync(path.join(ROOT, file), "utf8"));
      /** @type {Map<string, number>} */
      const seen = new Map();
      const numbered = places.map((place) => {
        const first = mutants.length;
        for (const { from, to, line } of place.changes) {
          const text = `${from} -> ${oneLine(to) || "nothing"}`;
          const nth = (seen.get(text) ?? 0) + 1;
          seen.set(text, nth);
          const name = `${file}: ${text}${nth > 1 ? ` #${nth}` : ""}`;
          mutants.push({ id: mutants.length, name, room, file, line, from, to });
        }
        return { ...place, first };
      });
      files.set(file, { places: numbered, loops });
    }
  }
  return { mutants, files };
}
