// The declarations of dist: a file for each module that an entry's types come from, with the words of the sources.

import fs from "node:fs";
import path from "node:path";
import { libraryEntries } from "./entries.mjs";

/**
 * Removes the declarations that no entry's types come from, and the folders that are empty then.
 * @param {string} folder
 */
export function pruneDeclarations(folder) {
  // A set grows while it is walked.
  const reached = new Set(libraryEntries().map(({ name }) => path.join(folder, `${name}.d.ts`)));
  for (const file of reached) {
    const code = fs.readFileSync(file, "utf8");
    for (const [, specifier = ""] of code.matchAll(/\b(?:from|import)\s*\(?\s*"(\.[^"\n]+)\.(?:js|ts)"/g)) {
      reached.add(path.resolve(path.dirname(file), `${specifier}.d.ts`));
    }
  }
  for (const entry of fs.readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile() && file.endsWith(".d.ts") && !reached.has(file)) fs.rmSync(file);
  }
  removeEmpty(folder);
}

/** @param {string} folder */
function removeEmpty(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const inner = path.join(folder, entry.name);
    removeEmpty(inner);
    if (fs.readdirSync(inner).length === 0) fs.rmdirSync(inner);
  }
}
