// What the entries publish is documented: each name and each member (deno doc --lint), and of functions and classes what they
// take, give back and throw, with an example. Usage: node tools/check-docs.mjs [FOLDER]: another src, for the tests of this
// rule.

import { execFile } from "node:child_process";
import path from "node:path";
import { ensureRuntimeDependencies, ensureTypesDependencies, ROOT } from "./bootstrap.mjs";
import { runtimePath } from "./runtimes/index.mjs";

await ensureTypesDependencies();
await ensureRuntimeDependencies();
const { createProgram, entriesOf } = await import("./types/program.mjs");
const { missingTags } = await import("./types/tags.mjs");

const src = path.resolve(process.argv[2] ?? path.join(ROOT, "src"));
const entries = entriesOf(src);
const base = path.dirname(src);
const program = createProgram(entries);
const lint = await denoLint(entries.map(({ file }) => path.relative(base, file)));
const problems = [...new Set([...lint, ...entries.flatMap((entry) => missingTags(program, entry, base))])];
if (problems.length > 0) {
  console.error(problems.join("\n"));
  console.error(`${problems.length} problem(s) with the comments of what the entries publish`);
  process.exit(1);
}
console.log(`docs: ${entries.length} entries, deno doc --lint finds nothing`);

/** @param {readonly string[]} files @returns {Promise<string[]>} */
function denoLint(files) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };
    const args = ["doc", "--lint", ...files];
    execFile(runtimePath("deno"), args, { cwd: base, env, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error === null) return resolve([]);
      const text = stdout + stderr;
      const found = [...text.matchAll(/^error\[([\w-]+)\]: ([^\n]*)\n\s*--> ([^\n]*)/gm)].map(
        ([, rule, message, place = ""]) =>
          `${path.relative(base, path.resolve(base, place)).replace(/:\d+$/, "")}: ${rule}: ${message}`,
      );
      // Something else went wrong, and would pass for a clean lint.
      if (found.length === 0) return reject(new Error(`deno doc --lint failed:\n${text.slice(0, 4000)}`));
      resolve(found);
    });
  });
}
