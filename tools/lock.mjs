// A lock between processes: what takes long is made once, and the others wait for it.

import fs from "node:fs";
import path from "node:path";

/**
 * A lock that survives a killed owner: a folder holding the owner's process id.
 * @param {string} folder
 * @returns {Promise<() => void>}
 */
export async function lock(folder) {
  const owner = path.join(folder, "pid");
  for (;;) {
    try {
      fs.mkdirSync(folder);
      fs.writeFileSync(owner, String(process.pid));
      return () => fs.rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
    }
    if (isStale(folder, owner)) fs.rmSync(folder, { recursive: true, force: true });
    else await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** @param {string} folder @param {string} owner */
function isStale(folder, owner) {
  try {
    const pid = Number(fs.readFileSync(owner, "utf8"));
    if (pid > 0) {
      process.kill(pid, 0);
      return false;
    }
  } catch (error) {
    const code = /** @type {NodeJS.ErrnoException} */ (error).code;
    if (code === "ESRCH") return true;
    if (code === "EPERM") return false;
  }
  // No process id in it: its maker is between two calls, or was killed there.
  try {
    return Date.now() - fs.statSync(folder).mtimeMs > 5000;
  } catch {
    return false;
  }
}
