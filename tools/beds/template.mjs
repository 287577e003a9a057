// A realm's database takes a second (MIT), three (Heimdal: its key derivation is slow) or twenty (Samba) to make, and a
// test run wants dozens of the same. The first of a kind is kept under .cache/beds/ and copied from then on. One process
// makes it while the others wait: six suites that each made a domain of Samba at once took longer than any limit.

import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { lock } from "../lock.mjs";

const CACHE = path.resolve(fileURLToPath(new URL("../../.cache/beds/", import.meta.url)));

/**
 * Fills a folder with what `make` would put there: from the cache, or by calling it.
 * @param {string} dir where the files go; occurrences of this path in the recipe do not make another recipe
 * @param {string} recipe everything the result depends on
 * @param {string[]} scripts files of this project whose change makes the cache old
 * @param {() => Promise<void>} make
 * @param {RegExp} kept names of the files and folders to keep
 * @param {string} [cache]
 */
export async function fromTemplate(dir, recipe, scripts, make, kept, cache = CACHE) {
  const hash = crypto.createHash("sha256").update(recipe.replaceAll(dir, "DIR"));
  for (const script of scripts) hash.update(fs.readFileSync(script));
  const template = path.join(cache, hash.digest("hex").slice(0, 32));
  if (!fs.existsSync(template)) {
    fs.mkdirSync(cache, { recursive: true });
    const release = await lock(`${template}.lock`);
    try {
      // Another process may have made it while this one waited for the lock.
      if (!fs.existsSync(template)) {
        await make();
        keep(dir, template, kept);
        return;
      }
    } finally {
      release();
    }
  }
  copyFiles(template, dir, kept);
}

/** @param {string} dir @param {string} template @param {RegExp} kept */
function keep(dir, template, kept) {
  // Into a folder of its own and renamed: a process that is killed here leaves no half of it.
  const fresh = fs.mkdtempSync(path.join(path.dirname(template), "new-"));
  try {
    copyFiles(dir, fresh, kept);
    fs.renameSync(fresh, template);
  } catch {
    // The cache cannot be written; the realm is here all the same.
    fs.rmSync(fresh, { recursive: true, force: true });
  }
}

/** @param {string} from @param {string} to @param {RegExp} kept */
function copyFiles(from, to, kept) {
  for (const name of fs.readdirSync(from)) {
    if (kept.test(name)) fs.cpSync(path.join(from, name), path.join(to, name), { recursive: true });
  }
}
