// What several entries publish stands in one list, in entry/lists: a name that comes is added once.

import path from "node:path";
import { ENTRY } from "./rules.mjs";

/** More names of one room than this in two entries are a list that stands twice. */
const MAX_SHARED = 6;

/**
 * @param {ReadonlyMap<string, string>} texts of the files of a source folder
 * @returns {string[]} a line for each list that stands twice
 */
export function repeatedLists(texts) {
  /** The names by the room that they come from, and the entries that name them. @type {Map<string, Map<string, Set<string>>>} */
  const rooms = new Map();
  for (const [file, text] of texts) {
    if (!file.startsWith(`${ENTRY}${path.sep}`)) continue;
    for (const [, names = "", from = ""] of text.matchAll(/\bexport (?:type )?\{([^}]*)\} from "([^"]+)"/g)) {
      const room = path.normalize(path.join(path.dirname(file), from));
      const entries = rooms.get(room) ?? new Map();
      rooms.set(room, entries);
      const found = entries.get(file) ?? new Set();
      entries.set(file, found);
      for (const name of names.split(",").map((one) => one.trim())) {
        if (name !== "") found.add(name.replace("type ", ""));
      }
    }
  }
  /** @type {string[]} */
  const problems = [];
  for (const [room, entries] of rooms) {
    const all = [...entries];
    for (const [i, [file, names]] of all.entries()) {
      for (const [other, others] of all.slice(0, i)) {
        const shared = [...names].filter((name) => others.has(name));
        if (shared.length <= MAX_SHARED) continue;
        problems.push(
          `src/${file}:1: ${shared.length} names of ${room} stand in src/${other} too: make them one list in entry/lists`,
        );
      }
    }
  }
  return problems;
}
