// The page of the package's options.

import path from "node:path";
import { ROOT } from "../bootstrap.mjs";
import { optionsPage, optionTables } from "../types/options-table.mjs";
import { createProgram, entriesOf } from "../types/program.mjs";

/** Markdown with a table for each interface of options, those of the main entry first. */
export function optionsOfPackage() {
  const entries = entriesOf(path.join(ROOT, "src")).sort((a, b) => a.subpath.length - b.subpath.length);
  return optionsPage(optionTables(createProgram(entries), entries));
}
