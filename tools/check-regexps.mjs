// No regular expression of src takes more than linear time, whatever text it meets: strangers send text too (SECURITY.md).
// Usage: node tools/check-regexps.mjs [FOLDER]: another src, for the test of this check.

import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = path.resolve(fileURLToPath(new URL("..", import.meta.url)));
const SRC = path.resolve(process.argv[2] ?? path.join(ROOT, "src"));

/** @param {string} folder @param {string} name @returns {Promise<any>} */
const load = async (folder, name) => {
  const found = createRequire(path.join(ROOT, "tools", folder, "package.json")).resolve(name);
  const module = await import(pathToFileURL(found).href);
  return module.default ?? module;
};
const { check } = await load("regexps", "recheck");
const { parse } = await load("regexps", "acorn");
const { full } = await load("regexps", "acorn-walk");
const { transform } = await load("pack", "esbuild");

/** Where each regular expression stands, by its text. @type {Map<string, Set<string>>} */
const places = new Map();
/** @type {string[]} */
const problems = [];

for (const entry of fs.readdirSync(SRC, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !entry.name.endsWith(".ts")) continue;
  const file = path.join(entry.parentPath, entry.name);
  const name = path.relative(SRC, file);
  const { code } = await transform(fs.readFileSync(file, "utf8"), { loader: "ts", target: "es2022" });
  full(parse(code, { ecmaVersion: "latest", sourceType: "module" }), (/** @type {any} */ node) => {
    if (node.regex !== undefined) {
      const text = `/${node.regex.pattern}/${node.regex.flags}`;
      places.set(text, (places.get(text) ?? new Set()).add(name));
    }
    // What is put together while the program runs cannot be looked at here.
    const isMade = (node.type === "NewExpression" || node.type === "CallExpression") && node.callee.name === "RegExp";
    if (isMade) problems.push(`src/${name}: a regular expression that is made at run time: write it as a literal`);
  });
}

for (const [text, files] of places) {
  const end = text.lastIndexOf("/");
  const { status, complexity } = await check(text.slice(1, end), text.slice(end + 1), { timeout: 30_000 });
  if (status === "safe") continue;
  const what = status === "vulnerable" ? complexity.summary : "its cost is not known";
  problems.push(`${[...files].map((file) => `src/${file}`).join(", ")}: ${text}: ${what}: read the text by hand`);
}

if (problems.length > 0) {
  console.error(problems.join("\n"));
  console.error(`${problems.length} regular expression(s) of src may take more than linear time`);
  process.exit(1);
}
console.log(`${places.size} regular expressions, each linear`);
