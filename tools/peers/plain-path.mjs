// A name without white space for a folder: configuration of FreeRADIUS and slapd, and LD_PRELOAD (ld.so(8)), end a name there.

import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

/**
 * The folder itself where its name is plain; else a link to it, in a folder of this user.
 * @param {string} folder absolute @returns {string}
 */
export function plainPath(folder) {
  if (/^[\w./+@~-]+$/.test(folder)) return folder;
  const uid = process.getuid?.() ?? 0;
  const name = createHash("sha256").update(folder).digest("hex").slice(0, 16);
  const own = path.join(os.tmpdir(), `krb5-remctl-peers-${uid}-${name}`);
  fs.mkdirSync(own, { recursive: true, mode: 0o755 });
  // A folder that another user made would lead to that user's programs.
  const status = fs.lstatSync(own);
  if (!status.isDirectory() || status.uid !== uid || (status.mode & 0o022) !== 0) {
    throw new Error(`${own} is not this user's folder: remove it, or put the project where no name has white space`);
  }
  // A daemon may become another user, whatever the umask.
  fs.chmodSync(own, 0o755);
  const link = path.join(own, "peers");
  try {
    fs.symlinkSync(folder, link);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
  }
  return link;
}
