// The packed library in an empty project, as a user gets it: `npm pack`, then `npm install` of what that gave.

import fs from "node:fs";
import path from "node:path";
import { ensureBuild, ROOT, run, step } from "../bootstrap.mjs";

const folder = path.join(ROOT, ".cache", "packed");

/** The folder of the project; `node_modules/krb5-remctl` is in it. */
export const PROJECT = path.join(folder, "project");

/** @returns {string} the tarball's path */
export function tarball() {
  const { version } = JSON.parse(fs.readFileSync(path.join(ROOT, "package.json"), "utf8"));
  return path.join(folder, `krb5-remctl-${version}.tgz`);
}

/** A program of tools/pack, or a module's folder there. @param {string[]} names */
export function packTool(...names) {
  return path.join(import.meta.dirname, "node_modules", ...names);
}

/** Packs and installs, if anything that is packed has changed since the last time. */
export async function ensurePacked() {
  await ensureBuild();
  return step("packed project", async () => {
    const stampFile = path.join(ROOT, ".cache", "packed.json");
    const stamp = JSON.stringify(packedState());
    if (fs.existsSync(PROJECT) && fs.existsSync(tarball()) && readText(stampFile) === stamp) return "up to date";
    const fresh = fs.mkdtempSync(path.join(ROOT, ".cache", "packed-"));
    try {
      await run("npm", ["pack", "--ignore-scripts", "--pack-destination", fresh], { cwd: ROOT });
      const project = path.join(fresh, "project");
      fs.mkdirSync(project);
      fs.writeFileSync(path.join(project, "package.json"), '{ "private": true, "type": "module" }\n');
      const file = path.join("..", path.basename(tarball()));
      const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];
      await run("npm", ["install", ...flags, file], { cwd: project });
      // Swapped as a whole, so that a project in use never loses a file.
      const old = `${fresh}-old`;
      if (fs.existsSync(folder)) fs.renameSync(folder, old);
      fs.renameSync(fresh, folder);
      fs.chmodSync(folder, 0o755);
      fs.rmSync(old, { recursive: true, force: true });
    } finally {
      fs.rmSync(fresh, { recursive: true, force: true });
    }
    fs.writeFileSync(stampFile, stamp);
    return "packed and installed";
  });
}

/** What goes into the package, with sizes and times. */
function packedState() {
  const names = ["package.json", "README.md", "CHANGELOG.md", "SECURITY.md", "LICENSE"];
  const files = names.map((name) => path.join(ROOT, name));
  for (const entry of fs.readdirSync(path.join(ROOT, "dist"), { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) files.push(path.join(entry.parentPath, entry.name));
  }
  return files.sort().map((file) => {
    const { mtimeMs, size } = fs.statSync(file);
    return [path.relative(ROOT, file), mtimeMs, size];
  });
}

/** @param {string} file */
function readText(file) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
