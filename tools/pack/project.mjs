// The packed library in an empty project, as a user gets it: `npm pack`, then `npm install` of what that gave.

import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { ensureBuild, ROOT, run, step } from "../bootstrap.mjs";

const CACHE = path.join(ROOT, ".cache", "packed");
const KEPT_MS = 3_600_000;

/** The folder of the project, once {@link ensurePacked} has made it; `node_modules/krb5-remctl` is in it. */
export let PROJECT = "";

/** @returns {string} the tarball's path */
export function tarball() {
  return path.join(PROJECT, "..", tarballName());
}

function tarballName() {
  const { version } = JSON.parse(fs.readFileSync(path.join(ROOT, "package.json"), "utf8"));
  return `krb5-remctl-${version}.tgz`;
}

/** A program of tools/pack, or a module's folder there. @param {string[]} names */
export function packTool(...names) {
  return path.join(import.meta.dirname, "node_modules", ...names);
}

/** Packs and installs, if anything that is packed has changed since the last time. */
export async function ensurePacked() {
  await ensureBuild();
  return step("packed project", async () => {
    // By what is in it: a project that tests use stays as it is, whatever is built meanwhile.
    const state = createHash("sha256").update(JSON.stringify(packedState())).digest("hex").slice(0, 16);
    const folder = path.join(CACHE, state);
    PROJECT = path.join(folder, "project");
    if (fs.existsSync(PROJECT)) return "up to date";
    fs.mkdirSync(CACHE, { recursive: true });
    removeOld();
    const fresh = fs.mkdtempSync(path.join(CACHE, "new-"));
    try {
      await run("npm", ["pack", "--ignore-scripts", "--pack-destination", fresh], { cwd: ROOT });
      const project = path.join(fresh, "project");
      fs.mkdirSync(project);
      fs.writeFileSync(path.join(project, "package.json"), '{ "private": true, "type": "module" }\n');
      const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];
      await run("npm", ["install", ...flags, path.join("..", tarballName())], { cwd: project });
      fs.chmodSync(fresh, 0o755);
      // Another process may have been as fast.
      if (!fs.existsSync(folder)) fs.renameSync(fresh, folder);
    } finally {
      fs.rmSync(fresh, { recursive: true, force: true });
    }
    return "packed and installed";
  });
}

function removeOld() {
  for (const name of fs.readdirSync(CACHE)) {
    const file = path.join(CACHE, name);
    if (Date.now() - fs.statSync(file).mtimeMs > KEPT_MS) fs.rmSync(file, { recursive: true, force: true });
  }
}

/** What goes into the package, with sizes and times. */
function packedState() {
  const { files: names } = JSON.parse(fs.readFileSync(path.join(ROOT, "package.json"), "utf8"));
  // A name after an exclamation mark is left out of the package.
  const included = names.filter((/** @type {string} */ name) => !name.startsWith("!"));
  return ["package.json", ...included]
    .flatMap(filesOf)
    .sort()
    .map((file) => {
      const { mtimeMs, size } = fs.statSync(file);
      return [path.relative(ROOT, file), mtimeMs, size];
    });
}

/** @param {string} name @returns {string[]} */
function filesOf(name) {
  const file = path.join(ROOT, name);
  if (!fs.statSync(file).isDirectory()) return [file];
  return fs
    .readdirSync(file, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes("node_modules"))
    .map((entry) => path.join(entry.parentPath, entry.name));
}
