// The npm package `kerberos`, a native add-on over libgssapi: installed and compiled here, since its own install script downloads a
// binary.

import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { run } from "../bootstrap.mjs";
import { ensurePeers } from "../peers/index.mjs";
import { findRuntime } from "../runtimes/index.mjs";

const folder = path.join(import.meta.dirname, "npm-kerberos");
/** The folders of the module, once they are there: version 7, and version 2, which has callbacks. */
export const npmKerberos = path.join(folder, "node_modules", "kerberos");
export const npmKerberos2 = path.join(folder, "node_modules", "kerberos-2");
const builtIn = (/** @type {string} */ module) => fs.existsSync(path.join(module, "build", "Release", "kerberos.node"));

/** @param {string} [module] which. @returns {Promise<{ env: Record<string, string> }>} throws why it is not there */
export async function ensureNpmKerberos(module = npmKerberos) {
  const { mit, "c-headers": headers } = await ensurePeers(["mit", "c-headers"]);
  if (!headers.available) throw new Error(headers.reason);
  if (!fs.existsSync(module)) {
    await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"], { cwd: folder });
  }
  if (!builtIn(module)) {
    const include = path.join(headers.root, "usr", "include");
    const gyp = nodeGyp();
    if (gyp === undefined) throw new Error("node-gyp, which comes with npm, is not there");
    const env = {
      CPLUS_INCLUDE_PATH: `${include}:${path.join(include, "mit-krb5")}`,
      LIBRARY_PATH: headers.libDir,
    };
    await run(process.execPath, [gyp, "rebuild", `--nodedir=${nodeHeaders()}`], {
      cwd: module,
      env,
    });
  }
  return { env: mit.env };
}

function nodeGyp() {
  const prefix = path.dirname(path.dirname(fs.realpathSync(process.execPath)));
  const file = "npm/node_modules/node-gyp/bin/node-gyp.js";
  return [path.join(prefix, "lib/node_modules", file), path.join("/usr/share/nodejs", file)].find((one) =>
    fs.existsSync(one),
  );
}

/** A folder with include/node in it: the interface is N-API, so that any of them will do. */
function nodeHeaders() {
  const programs = [process.execPath, findRuntime("node24")].filter((one) => one !== undefined);
  const prefixes = programs.map((one) => path.dirname(path.dirname(fs.realpathSync(one))));
  const found = prefixes.find((prefix) => fs.existsSync(path.join(prefix, "include/node/node_api.h")));
  if (found === undefined) throw new Error("the headers of Node are not there");
  return found;
}
