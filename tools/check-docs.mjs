// What the entries publish is documented: each name and each member (deno doc --lint), and of functions and classes what they
// take, give back and throw, with an example. Usage: node tools/check-docs.mjs [FOLDER]: another src, for the tests of this
// rule.

import path from "node:path";
import { ensureRuntimeDependencies, ensureTypesDependencies, ROOT } from "./bootstrap.mjs";
import { denoLint } from "./types/deno-lint.mjs";

await ensureTypesDependencies();
await ensureRuntimeDependencies();
const { createProgram, entriesOf } = await import("./types/program.mjs");
const { missingTags } = await import("./types/tags.mjs");
const { optionTables, undocumentedOptions } = await import("./types/options-table.mjs");

const src = path.resolve(process.argv[2] ?? path.join(ROOT, "src"));
const entries = entriesOf(src);
const base = path.dirname(src);
const program = createProgram(entries);
const lint = await denoLint(
  entries.map(({ file }) => path.relative(base, file)),
  base,
);
const tables = optionTables(program, entries);
const problems = [
  ...new Set([
    ...lint,
    ...entries.flatMap((entry) => missingTags(program, entry, base)),
    ...undocumentedOptions(tables),
  ]),
];
if (problems.length > 0) {
  console.error(problems.join("\n"));
  console.error(`${problems.length} problem(s) with the comments of what the entries publish`);
  process.exit(1);
}
const options = tables.reduce((sum, { rows }) => sum + rows.length, 0);
console.log(`docs: ${entries.length} entries, deno doc --lint finds nothing; ${options} options, each documented`);
