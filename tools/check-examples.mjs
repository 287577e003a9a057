// Each example in a comment of src compiles, and each program of README and docs. Usage: node tools/check-examples.mjs
// [FOLDER]: another src, for the tests of this rule.

import path from "node:path";
import { ensureTypesDependencies, ROOT } from "./bootstrap.mjs";
import { markdownPages } from "./site/markdown.mjs";

await ensureTypesDependencies();
const { check, examplesOf, programsOfPage } = await import("./types/examples.mjs");

const src = path.resolve(process.argv[2] ?? path.join(ROOT, "src"));
const prelude = path.join(import.meta.dirname, "types", "prelude.ts");
const ofPages = path.join(import.meta.dirname, "types", "page-prelude.ts");
const examples = examplesOf(src);
const pages = process.argv[2] === undefined ? markdownPages() : [];
const programs = pages.flatMap(({ file }) => programsOfPage(path.join(ROOT, file), path.join(ROOT, "test")));
const problems = [
  ...check(examples, { src, prelude }),
  ...check(programs, { src, prelude: [prelude, ofPages], isJavaScript: true }),
];
if (problems.length > 0) {
  console.error(problems.join("\n"));
  console.error(
    `${problems.length} problem(s) with the examples; variables are in tools/types/prelude.ts and page-prelude.ts`,
  );
  process.exit(1);
}
const also = programs.length === 0 ? "" : `, ${programs.length} programs of pages too`;
console.log(`examples: ${examples.length} in comments compile${also}`);
