// Rollup: node rollup.mjs rollup build PROJECT. With the one plugin that finds packages.

import path from "node:path";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { rollup, VERSION } from "rollup";

const [tool, , root = ""] = process.argv.slice(2);
/** @type {string[]} */
const warnings = [];
const bundle = await rollup({
  input: path.join(root, "main.mjs"),
  plugins: [nodeResolve({ browser: true })],
  onLog: (level, { message }) => {
    if (level === "warn") warnings.push(message);
  },
});
const dir = path.join(root, `out-${tool}`);
await bundle.write({ dir, format: "es", entryFileNames: "main.mjs" });
await bundle.close();
console.log(JSON.stringify({ version: VERSION, warnings, file: path.join(dir, "main.mjs") }));
