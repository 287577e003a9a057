// The runtimes that can be measured.

import { execFile } from "node:child_process";
import path from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { ROOT } from "../bootstrap.mjs";
import { ensureRuntimes, findRuntime } from "../runtimes/index.mjs";

const run = promisify(execFile);

/**
 * @typedef {object} Runtime
 * @property {string} name
 * @property {string} program
 * @property {string[]} args before the file to run
 * @property {Record<string, string>} env
 * @property {string} version
 * @property {string} [note]
 */

/** @type {Record<string, { found: "node24" | "deno" | "bun", args: string[], env: Record<string, string> }>} */
const table = {
  node: { found: "node24", args: [], env: {} },
  deno: {
    found: "deno",
    args: ["run", "--quiet", "--no-lock", "--allow-all", "--node-modules-dir=manual"],
    env: { DENO_DIR: path.join(ROOT, ".cache", "deno"), DENO_NO_UPDATE_CHECK: "1" },
  },
  bun: { found: "bun", args: [], env: {} },
};

export const RUNTIME_NAMES = Object.keys(table);

/** @param {string} name @param {(line: string) => void} log @returns {Promise<Runtime>} throws if it is not there */
export async function findRuntimeOf(name, log) {
  const row = table[name];
  if (row === undefined) throw new TypeError(`no runtime "${name}": ${RUNTIME_NAMES.join(", ")}`);
  let problem = "";
  try {
    await ensureRuntimes();
  } catch (error) {
    problem = /** @type {Error} */ (error).message;
    log(`the runtimes could not be installed: ${problem.split("\n")[0]}`);
  }
  const program = findRuntime(row.found);
  if (program === undefined && name === "node") {
    const note = `Node 24 is not there (${problem.split("\n")[0] || "not installed"}): measured on ${process.version}`;
    return { name, program: process.execPath, args: [], env: {}, version: process.version, note };
  }
  if (program === undefined) throw new Error(`${name} is not there: ${problem || "not installed"}`);
  const { stdout } = await run(program, ["--version"]);
  return { name, program, args: row.args, env: row.env, version: stdout.split("\n")[0]?.trim() ?? "" };
}
