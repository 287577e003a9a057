import type { Stats } from "node:fs";
import { dirname, join } from "node:path";

// Not imported: for the names of an import of `node:fs`, Node also loads its promises and streams, 9 ms of each start.
const { lstatSync, mkdirSync, statSync } = process.getBuiltinModule("node:fs");

const FOLDER = "krb5-remctl";
const writableByOthers = 0o022;

/**
 * The folder where a host may keep compiled code between runs: `$XDG_CACHE_HOME/krb5-remctl`, else
 * `~/.cache/krb5-remctl`, made if it is not there; on Windows in `%LOCALAPPDATA%`. Undefined if nobody but this user
 * being able to write there is not certain: what is read from it is run. The host's own choice, one folder of the
 * temporary ones for all users, is not that.
 */
export function codeCacheFolder(env: NodeJS.ProcessEnv, uid: number | undefined): string | undefined {
  const { HOME, LOCALAPPDATA, NODE_COMPILE_CACHE, XDG_CACHE_HOME } = env;
  // The host has done already what its user asks of it.
  if (NODE_COMPILE_CACHE) return undefined;
  if (uid === undefined) return LOCALAPPDATA ? join(LOCALAPPDATA, FOLDER) : undefined;
  const base = XDG_CACHE_HOME?.startsWith("/") ? XDG_CACHE_HOME : HOME?.startsWith("/") && join(HOME, ".cache");
  if (!base) return undefined;
  const folder = join(base, FOLDER);
  const isOwn = ({ uid: owner, mode }: Stats): boolean =>
    (owner === uid || owner === 0) && (mode & writableByOthers) === 0;
  try {
    // Who may write in the parent may put another folder in the place of this one, also after it was looked at.
    if (!isOwn(statSync(dirname(base)))) return undefined;
    makeFolder(base);
    makeFolder(folder);
    const status = lstatSync(folder);
    return isOwn(statSync(base)) && status.isDirectory() && isOwn(status) ? folder : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Not with Node's recursive `mkdir`, which never returns where the parent is there and nothing can be made in it, as in
 * /proc.
 */
function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as { readonly code?: string }).code !== "EEXIST") throw error;
  }
}
