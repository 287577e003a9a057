import type { Stats } from "node:fs";
import { CommandFailure } from "./failure.ts";
import { messageOf } from "./program.ts";

/** Whom a file shall belong to, and who may read it; what is absent stays. */
export interface Ownership {
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly mode?: number | undefined;
}

/** Reads `-o`, `-g` and `-m` of k5start: a name or a number, a name or a number, a mode in octal. */
export async function parseOwnership(
  owner: string | undefined,
  group: string | undefined,
  mode: string | undefined,
): Promise<Ownership | undefined> {
  if (owner === undefined && group === undefined && mode === undefined) return undefined;
  if (mode !== undefined && !(/^[0-7]{1,4}$/.test(mode) && Number.parseInt(mode, 8) > 0)) {
    throw new CommandFailure(`-m mode argument ${mode} invalid`, { advice: "write it in octal, for example 640" });
  }
  const user = owner === undefined ? undefined : await lookUp("user", "/etc/passwd", owner);
  return {
    uid: user?.id,
    gid: group === undefined ? user?.group : (await lookUp("group", "/etc/group", group)).id,
    mode: mode === undefined ? undefined : Number.parseInt(mode, 8),
  };
}

/** A user who is named brings the group of that user. */
async function lookUp(kind: string, file: string, name: string): Promise<{ readonly id: number; group?: number }> {
  if (/^\d{1,10}$/.test(name)) return { id: Number(name) };
  const { readFile } = process.getBuiltinModule("node:fs/promises");
  const lines = (await readFile(file, "utf8").catch(() => "")).split("\n").map((line) => line.split(":"));
  const found = lines.find(([own]) => own === name);
  if (found === undefined) {
    throw new CommandFailure(`unknown ${kind} ${name}`, { advice: `name one of ${file}, or write its number` });
  }
  return { id: Number(found[2]), ...(kind === "user" ? { group: Number(found[3]) } : {}) };
}

/**
 * Gives a file of this user's away: its owner before its mode, since a change of owner may take bits away. All is done
 * to the file that was opened: the new owner can put a link in its place as soon as it is theirs, and a mode given by
 * name would be that of what the link leads to. A pipe in its place is not waited for.
 */
export async function giveAway(file: string, { uid, gid, mode }: Ownership): Promise<void> {
  const { constants, open } = process.getBuiltinModule("node:fs/promises");
  try {
    const opened = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const now = await opened.stat();
      if (!isOwn(now)) throw new Error("the file is not the one that was written");
      if (uid !== undefined || gid !== undefined) await opened.chown(uid ?? now.uid, gid ?? now.gid);
      if (mode !== undefined) await opened.chmod(mode);
    } finally {
      await opened.close();
    }
  } catch (cause) {
    throw new CommandFailure(`cannot change the owner or the mode of the cache: ${messageOf(cause)}`, { cause });
  }
}

/**
 * Writes a file of this program's own, as one with its process ID, which all may read. A file that is there is written
 * anew if it is this user's; a link is not followed: others may put one where a service has its files.
 */
export async function writeOwn(file: string, text: string): Promise<void> {
  const { constants, open } = process.getBuiltinModule("node:fs/promises");
  const { O_WRONLY, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  const opened = await open(file, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o644);
  try {
    if (!isOwn(await opened.stat())) throw new Error("what is there is not a file of this user alone");
    await opened.truncate(0);
    await opened.writeFile(text);
  } finally {
    await opened.close();
  }
}

/** What others could put there is not this program's file: a link without a name, to a file of root's. */
function isOwn(status: Stats): boolean {
  return status.isFile() && status.nlink === 1 && status.uid === (process.geteuid?.() ?? status.uid);
}
