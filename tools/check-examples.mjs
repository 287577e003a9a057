// Each example in a comment of src compiles. Usage: node tools/check-examples.mjs [FOLDER]: another src, for the tests of
// this rule.

import path from "node:path";
import { ensureTypesDependencies, ROOT } from "./bootstrap.mjs";

await ensureTypesDependencies();
const { check, examplesOf } = await import("./types/examples.mjs");

const src = path.resolve(process.argv[2] ?? path.join(ROOT, "src"));
const examples = examplesOf(src);
const problems = check(examples, { src, prelude: path.join(import.meta.dirname, "types", "prelude.ts") });
if (problems.length > 0) {
  console.error(problems.join("\n"));
  console.error(`${problems.length} problem(s) with the examples in comments; variables are in tools/types/prelude.ts`);
  process.exit(1);
}
console.log(`examples: ${examples.length} in comments compile`);
