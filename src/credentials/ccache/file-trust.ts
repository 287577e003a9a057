import type { CredentialError } from "../../errors.ts";
import type { FileStatus, OpenedFile } from "../../host/index.ts";
import { cacheError } from "./failure.ts";

/** Who uses a cache, and whom that user trusts with it. */
export interface CacheUser {
  /** The effective user; undefined where the host has none, and then nothing is refused. */
  readonly uid: number | undefined;
  /** Another user whose files count as one's own, for example that of a sidecar which fills the cache. */
  readonly trustOwner?: number | undefined;
}

type Place = Pick<FileStatus, "mode" | "uid">;

const OTHERS_WRITE = 0o022;
const STICKY_FOR_ALL = 0o1002;

/**
 * Rule CC13: what is written to holds tickets and session keys, so it must be the user's own, and nobody else's to
 * write. It throws CredentialError `CCACHE`.
 */
export function checkWritable(name: string, { kind, mode, uid }: OpenedFile, user: CacheUser): void {
  if (kind !== "file") throw refused(name, "it is not a file");
  if (user.uid === undefined || uid === undefined || mode === undefined) return;
  if (!isOwn(uid, user)) throw refused(name, `it belongs to user ${uid}, and this program is user ${user.uid}`);
  if ((mode & OTHERS_WRITE) !== 0) throw refused(name, `others may write it (mode ${mode.toString(8)})`);
}

/**
 * Rule CC14: in a directory like /tmp, anybody could have put the file, or a link to one, at a path that is known
 * beforehand. So it must belong to the user or to the owner of the directory, as Linux has it with `protected_regular`
 * and `protected_symlinks`. It throws CredentialError `CCACHE`.
 */
export function checkReadable(name: string, { uid, directory, link }: OpenedFile, user: CacheUser): void {
  // Root reads the caches of others.
  if (user.uid === undefined || user.uid === 0) return;
  if (link !== undefined && isPlanted(link.uid, link.directory, user)) {
    throw refused(name, `a link of user ${link.uid} leads to it, and anybody may put one there`);
  }
  if (uid !== undefined && isPlanted(uid, directory, user)) {
    throw refused(name, `it belongs to user ${uid} in a directory where anybody may put a file`);
  }
}

/** Rule CC13 for the directory of a collection: who owns it can put other files into it. */
export function checkDirectory(name: string, { mode, uid }: Place, user: CacheUser): void {
  if (user.uid === undefined || uid === undefined || mode === undefined) return;
  if (uid !== 0 && !isOwn(uid, user)) {
    throw refused(name, `its directory belongs to user ${uid}, and this program is user ${user.uid}`);
  }
  if ((mode & OTHERS_WRITE) !== 0 && (mode & 0o1000) === 0) {
    throw refused(name, `others may write to its directory (mode ${mode.toString(8)})`);
  }
}

function isOwn(uid: number, user: CacheUser): boolean {
  return uid === user.uid || uid === user.trustOwner;
}

function isPlanted(uid: number, directory: Place | undefined, user: CacheUser): boolean {
  const { mode = 0, uid: owner } = directory ?? {};
  return (mode & STICKY_FOR_ALL) === STICKY_FOR_ALL && !isOwn(uid, user) && uid !== owner;
}

function refused(name: string, why: string): CredentialError {
  return cacheError(name, `${why}: it is not used; remove it, or name another cache with KRB5CCNAME`);
}
