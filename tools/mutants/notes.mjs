// Mutants that change nothing which a test could see, each with the reason: tools/mutants/equivalent/ROOM.json.

import fs from "node:fs";
import path from "node:path";
import { oneLine } from "./find.mjs";
import { ROOT } from "./rooms.mjs";

const DIR = path.join(ROOT, "tools", "mutants", "equivalent");

/** @returns {{ mutants: string[], reason: string }[]} */
export function loadNotes() {
  return fs
    .readdirSync(DIR)
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => JSON.parse(fs.readFileSync(path.join(DIR, name), "utf8")));
}

/** @returns {Set<string>} */
export function notedNames() {
  return new Set(loadNotes().flatMap(({ mutants }) => mutants));
}

/** Notes whose text is not in the source any more, without parsing it. @returns {string[]} */
export function staleNotes() {
  return [...notedNames()].filter((name) => {
    const [, file = "", from = ""] = /^(\S+): (?:if |\? |loop )?(.*) -> /.exec(name) ?? [];
    const place = path.join(ROOT, file);
    return !fs.existsSync(place) || !oneLine(fs.readFileSync(place, "utf8")).includes(from);
  });
}
