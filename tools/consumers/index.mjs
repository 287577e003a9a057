// What users put between this package and their programs, by path. A tool that bundles runs as a program of its own, which
// prints what it found as JSON: it changes its process.

import fs from "node:fs";
import path from "node:path";
import { run } from "../bootstrap.mjs";

const MODULES = path.join(import.meta.dirname, "node_modules");

/** @typedef {"vite6" | "vite7" | "vite8" | "rollup" | "webpack"} Bundler */

/** A file of a package of tools/consumers. @param {string[]} names */
export function consumer(...names) {
  return path.join(MODULES, ...names);
}

/** The oldest Node that this package works on, or undefined where its binary does not run. */
export function oldestNode() {
  const file = consumer("node20", "bin", "node");
  return fs.existsSync(file) ? file : undefined;
}

/** Why the tests of the consumers cannot run here; empty if they can. */
export const consumersMissing = fs.existsSync(consumer("vite8"))
  ? ""
  : 'the consumers are not in tools/consumers: "npm ci" there installs them';

/**
 * @typedef {object} Bundled
 * @property {string} version of the tool
 * @property {string[]} warnings all that it warned of
 * @property {string} [file] the bundle's first file
 * @property {Record<string, number>} [statuses] what a dev server answered for each file of the page's module graph
 */

/**
 * Lets a tool make a bundle of `<project>/main.mjs`, or serve it.
 * @param {Bundler} tool @param {"build" | "dev"} what @param {string} project @returns {Promise<Bundled>}
 */
export async function useBundler(tool, what, project) {
  const program = path.join(import.meta.dirname, `${tool.replace(/\d+$/, "")}.mjs`);
  const env = { NODE_ENV: "", VITEST: "" };
  const said = await run(process.execPath, [program, tool, what, project], { cwd: project, env });
  // A tool may have said something before.
  return JSON.parse(said.trimEnd().split("\n").at(-1) ?? "");
}
