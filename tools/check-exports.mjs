// Each entry exports every type that its signatures name, so that a user can name it too: types that stand in a published
// signature, and those in theirs. What an entry exports it names, and a class whose constructor takes internals is exported
// as a type. An option that may be left out takes `undefined` too. The same program of types tells decisions by the host's
// name. Usage: node tools/check-exports.mjs [FOLDER]: another src, for the tests of this rule.

import path from "node:path";
import { ensureTypesDependencies, ROOT } from "./bootstrap.mjs";

await ensureTypesDependencies();
const { createProgram, entriesOf } = await import("./types/program.mjs");
const { hostNameUses } = await import("./types/host-names.mjs");
const { closedOptions } = await import("./types/optional.mjs");
const { problemsOf } = await import("./types/published.mjs");

const src = path.resolve(process.argv[2] ?? path.join(ROOT, "src"));
const entries = entriesOf(src);
const program = createProgram(entries);
const problems = [
  ...entries.flatMap((entry) => problemsOf(program, entry, src)),
  ...closedOptions(program, entries, path.dirname(src)),
  ...hostNameUses(program, src),
];
if (problems.length > 0) {
  console.error(problems.join("\n"));
  console.error(`${problems.length} problem(s) with the types of src`);
  process.exit(1);
}
console.log(`exports: ${entries.length} entries, 0 types that a signature names and the entry does not export`);
