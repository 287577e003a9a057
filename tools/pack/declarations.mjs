// The declarations of dist: a file for each module that an entry's types come from, with the words of the sources.

import fs from "node:fs";
import path from "node:path";
import { libraryEntries, preloadEntries } from "./entries.mjs";

/** In `from "./a.ts"`, `import("./a.ts")` and `import "./a.ts"`. */
const SPECIFIER = /(?<=\b(?:from|import)\s*\(?\s*")(\.[^"\n]+)\.ts(?=")/g;

/**
 * Removes the declarations that no entry's types come from, with the folders that are empty then. The others name each other as
 * the compiler's own option has it for code: `./a.js`, which every version of TypeScript and every tool finds.
 * @param {string} folder
 */
export function finishDeclarations(folder) {
  // A set grows while it is walked.
  const reached = new Set(
    [...libraryEntries(), ...preloadEntries()].map(({ name }) => path.join(folder, `${name}.d.ts`)),
  );
  for (const file of reached) {
    const code = fs.readFileSync(file, "utf8");
    for (const [specifier] of code.matchAll(SPECIFIER)) {
      reached.add(path.resolve(path.dirname(file), specifier.replace(/\.ts$/, ".d.ts")));
    }
    fs.writeFileSync(file, code.replace(SPECIFIER, "$1.js"));
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
