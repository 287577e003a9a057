// The library as it is published: the entries of the built package. `KRB5_REMCTL_BENCH_DIST` names another build, to
// compare two; one of `npm run build -- --modules` will do as well.

import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The build that is measured. */
export const DIST =
  process.env.KRB5_REMCTL_BENCH_DIST ?? path.resolve(fileURLToPath(new URL("../../dist/", import.meta.url)));

/** @param {string} file for example `entry/gssapi.js` @returns {Promise<any>} */
export function load(file) {
  return import(pathToFileURL(entryFile(DIST, file)).href);
}

/** Where a build has an entry: builds of before the room `entry` have `index.js`, `lean.js`, and `NAME/index.js` of the others. @param {string} dist @param {string} file */
export function entryFile(dist, file) {
  const name = path.basename(file);
  const ways = [file, name, path.join(path.basename(name, ".js"), "index.js")].map((way) => path.join(dist, way));
  return ways.find((way) => fs.existsSync(way)) ?? path.join(dist, file);
}

/**
 * A build with a file for each module, for what no entry publishes: the measured one if it is such, else one of these sources.
 * @returns {Promise<string>} its folder
 */
export async function modulesFolder() {
  if (fs.existsSync(path.join(DIST, "krb5", "index.js"))) return DIST;
  const { replaceFolder, ROOT } = await import("../bootstrap.mjs");
  const { buildModules } = await import("../pack/build.mjs");
  const folder = path.join(ROOT, ".cache", "bench", "modules");
  await replaceFolder(folder, buildModules);
  return folder;
}

/** @type {Map<string, any>} */
const clients = new Map();

/**
 * A client that lasts as long as this process, with its tickets.
 * @param {any} options what `createClient` takes, with `keytabFile` for a keytab
 */
export async function clientOf(options) {
  const key = JSON.stringify(options);
  let client = clients.get(key);
  if (client === undefined) {
    client = await newClient(options);
    clients.set(key, client);
  }
  return client;
}

/** @param {any} options */
export async function newClient({ principal, password, keytabFile, ...options }) {
  const { createClient } = await load("entry/index.js");
  const credentials =
    password === undefined ? { principal, keytab: await readFile(keytabFile) } : { principal, password };
  return createClient({ credentials, ...options });
}

/** @param {string} file @returns {Promise<Uint8Array>} */
export async function readFile(file) {
  const { readFile: read } = await import("node:fs/promises");
  return new Uint8Array(await read(file));
}
