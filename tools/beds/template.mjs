// A realm's database takes a second (MIT), three (Heimdal: its key derivation is slow) or twenty (Samba) to make, and a
// test run wants dozens of the same. The first of a kind is kept under .cache/beds/ and copied from then on.

import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const CACHE = path.resolve(fileURLToPath(new URL("../../.cache/beds/", import.meta.url)));

/**
 * Fills a folder with what `make` would put there: from the cache, or by calling it.
 * @param {string} dir where the files go; occurrences of this path in the recipe do not make another recipe
 * @param {string} recipe everything the result depends on
 * @param {string[]} scripts files of this project whose change makes the cache old
 * @param {() => Promise<void>} make
 * @param {RegExp} kept names of the files and folders to keep
 */
export async function fromTemplate(dir, recipe, scripts, make, kept) {
  const hash = crypto.createHash("sha256").update(recipe.replaceAll(dir, "DIR"));
  for (const script of scripts) hash.update(fs.readFileSync(script));
  const template = path.join(CACHE, hash.digest("hex").slice(0, 32));
  if (fs.existsSync(template)) {
    copyFiles(template, dir, kept);
    return;
  }
  await make();
  fs.mkdirSync(CACHE, { recursive: true });
  // Into a folder of its own and renamed, so that another process sees all of it or none.
  const fresh = fs.mkdtempSync(path.join(CACHE, "new-"));
  try {
    copyFiles(dir, fresh, kept);
    fs.renameSync(fresh, template);
  } catch {
    // Another process was first, or the cache cannot be written; the realm is here all the same.
    fs.rmSync(fresh, { recursive: true, force: true });
  }
}

/** @param {string} from @param {string} to @param {RegExp} kept */
function copyFiles(from, to, kept) {
  for (const name of fs.readdirSync(from)) {
    if (kept.test(name)) fs.cpSync(path.join(from, name), path.join(to, name), { recursive: true });
  }
}
