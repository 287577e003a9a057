// Programs that have paths below /usr built in, and come from a tree of unpacked packages: they run in a mount
// namespace of their own, where the tree lies over /usr. Nothing of that is seen outside, and nothing is written.

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

/** What the kernel says of this process: CAP_SYS_ADMIN is bit 21 (linux/capability.h). */
const CAP_SYS_ADMIN = 1n << 21n;

/**
 * Why this process may lay no tree over /usr, as far as can be seen without trying; undefined if it may.
 * @returns {string | undefined}
 */
export function overlayObstacle() {
  try {
    // Not the user id: a container's root often lacks it.
    const line = /^CapEff:\s*([0-9a-f]+)$/m.exec(fs.readFileSync("/proc/self/status", "utf8"));
    if (line !== null && (BigInt(`0x${line[1]}`) & CAP_SYS_ADMIN) !== 0n) return undefined;
  } catch {
    // Not Linux.
  }
  return "it mounts its packages over /usr in a namespace of its own, which needs root with CAP_SYS_ADMIN: run the tests so";
}

/** Tries it with an empty folder. @param {string} work a folder for that */
export function tryOverlay(work) {
  const empty = path.join(work, "overlay");
  fs.mkdirSync(empty);
  const [command, args] = overUsr(empty, "true", []);
  const { status, error, stderr } = spawnSync(command, args, { encoding: "utf8", timeout: 10_000 });
  if (status === 0) return;
  throw new Error(`its packages cannot be mounted over /usr (unshare -m, overlay): ${error?.message ?? stderr.trim()}`);
}

/**
 * The command that runs a program with a tree over /usr.
 * @param {string} tree what lies over /usr; a folder that is not there lies over nothing
 * @param {string} program
 * @param {string[]} args
 * @param {boolean} [isWhole] the tree has all that its programs need, the C library too: it takes the place of /usr
 * @returns {[command: string, args: string[]]}
 */
export function overUsr(tree, program, args, isWhole = false) {
  if (!fs.existsSync(tree)) return [program, args];
  if (isWhole) {
    const replace = 'mount --make-rprivate / && mount --bind -o ro "$1" /usr && shift && exec "$@"';
    return ["unshare", ["-m", "/bin/sh", "-c", replace, "sh", path.resolve(tree), program, ...args]];
  }
  // In the options of an overlay these end a path.
  const lower = path.resolve(tree).replace(/[\\:,]/g, "\\$&");
  const script = 'mount --make-rprivate / && mount -t overlay overlay -o "lowerdir=$1:/usr" /usr && shift && exec "$@"';
  return ["unshare", ["-m", "/bin/sh", "-c", script, "sh", lower, program, ...args]];
}
