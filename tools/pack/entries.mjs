// What this package publishes, from the one list of it: `exports` and `bin` of package.json.

import fs from "node:fs";
import path from "node:path";
import { ROOT } from "../bootstrap.mjs";

/**
 * @typedef {object} Entry
 * @property {string} subpath as in `exports`, for example `./lean/node`
 * @property {string} name of the file in dist without its ending, for example `entry/lean-node`
 * @property {string} source the TypeScript file, from the package's root
 */

/** The subpaths that programs import. @returns {Entry[]} */
export function libraryEntries() {
  return published().filter(({ name }) => name.startsWith("entry/"));
}

/** The subpaths that a program is started with: they do something, and export nothing. @returns {Entry[]} */
export function preloadEntries() {
  return published().filter(({ name }) => !name.startsWith("entry/"));
}

function published() {
  return Object.entries(manifest().exports)
    .filter(([subpath]) => subpath !== "./package.json")
    .map(([subpath, target]) => entryOf(subpath, target.default));
}

/** What the bundlers of a Worker take instead of a subpath's file: the same without what only other hosts can do. @returns {Entry[]} */
export function workerEntries() {
  return Object.entries(manifest().exports).flatMap(([subpath, { workerd }]) =>
    workerd === undefined ? [] : [entryOf(subpath, workerd)],
  );
}

/** The programs. @returns {Entry[]} */
export function programEntries() {
  return Object.entries(manifest().bin).map(([name, file]) => entryOf(name, file));
}

/** @returns {{ exports: Record<string, { default: string, workerd?: string }>, bin: Record<string, string> }} */
function manifest() {
  return JSON.parse(fs.readFileSync(path.join(ROOT, "package.json"), "utf8"));
}

/** @param {string} subpath @param {string} file @returns {Entry} */
function entryOf(subpath, file) {
  const name = /^\.\/dist\/(.+)\.js$/.exec(file)?.[1];
  if (name === undefined) throw new Error(`package.json publishes ${file} as ${subpath}: expected ./dist/….js`);
  return { subpath, name, source: path.join("src", `${name}.ts`) };
}
