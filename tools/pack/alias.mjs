// The package that takes the name of npm `kerberos` in an application: one folder for each line of versions that drivers
// ask for, as it is published. It depends on this library and has nothing of it.

import fs from "node:fs";
import path from "node:path";
import { ROOT } from "../bootstrap.mjs";

const SOURCE = path.join(ROOT, "packages", "krb5-remctl-kerberos");

/** What the lines are called, and their versions: mongodb 7 wants ^7.0.0, mongodb 6 ^2.0.1, cassandra-driver ^2.2.2. */
export const LINES = /** @type {const} */ ({ 7: "7.0.0", 2: "2.2.2" });

/** The folder of a line. @param {keyof typeof LINES} line */
export function aliasFolder(line) {
  return path.join(SOURCE, "dist", String(line));
}

/** Writes the folders of all lines. */
export function buildAlias() {
  const manifest = JSON.parse(fs.readFileSync(path.join(SOURCE, "package.json"), "utf8"));
  const { version: library } = JSON.parse(fs.readFileSync(path.join(ROOT, "package.json"), "utf8"));
  for (const [line, version] of Object.entries(LINES)) {
    const folder = path.join(SOURCE, "dist", line);
    fs.mkdirSync(folder, { recursive: true });
    for (const name of manifest.files) fs.copyFileSync(sourceOf(name, line), path.join(folder, name));
    const own = { ...manifest, version, dependencies: { "krb5-remctl": `^${library}` } };
    fs.writeFileSync(path.join(folder, "package.json"), `${JSON.stringify(own, null, 2)}\n`);
  }
}

/** A file as the line has it: `index.line-2.d.ts` is `index.d.ts` of the line 2. @param {string} name @param {string} line */
function sourceOf(name, line) {
  const own = path.join(SOURCE, name.replace(".", `.line-${line}.`));
  return fs.existsSync(own) ? own : path.join(SOURCE, name);
}
