import { encodeHex } from "../bytes/index.ts";
import { type Checks, checkDate, checkNumber, checkOptions, checkText, refuse } from "../checks/index.ts";
import type { Files } from "../host/index.ts";
import { DEFAULT_SKEW_SECONDS, mayTake, type ReplayCache } from "../krb5/index.ts";
import { ReplayFiles } from "./replay-files.ts";

/** Options for `fileReplayCache`. */
export interface FileReplayCacheOptions {
  /**
   * The largest skew of the acceptors that share the directory, in seconds; the same for all of them. Default 300. What
   * is further back is removed.
   */
  readonly skewSeconds?: number | undefined;
  /**
   * The most authenticators, in all files together. Default 200,000. Of a minute's part of them, above half full, a
   * client has at most an eighth of the places that are left; clients of another realm have that together.
   */
  readonly maxEntries?: number | undefined;
  /** When what the directory had was lost, as for `createReplayCache`. Default: nothing was lost. */
  readonly lostBefore?: Date | undefined;
}

const fileReplayCacheChecks: Checks<FileReplayCacheOptions> = {
  skewSeconds: [checkNumber, 0],
  maxEntries: [checkNumber, 0],
  lostBefore: checkDate,
};

/** What a cache in files uses of a host. */
export interface ReplayFilesHost {
  readonly files: Files;
  readonly randomBytes: (length: number) => Uint8Array;
}

/** Authenticators of so long are in one file, which is removed when it is too old as a whole. */
const SLOT_MS = 60_000;
/** Files of a slot: the first digit of the tag says which. A look reads one. */
const FILES_IN_SLOT = 16;
/** Above half full a share has at most this part of the places that are left. */
const PARTS = 8;
/** For rounding: times on the wire are whole seconds. */
const SLACK_MS = 1_000;
const TAG = /^[0-9a-f]{32}$/;

/**
 * A replay cache in files. An authenticator has one place, a file that its time and its tag name. It is added with one
 * append, and the file is read after that: who stands first in it with this tag, was first. So no lock is needed that a
 * process could leave behind, and a file that is cut off in a line loses nothing but what was not accepted yet.
 */
export function createFileReplayCache(
  directory: string,
  options: FileReplayCacheOptions,
  { files, randomBytes }: ReplayFilesHost,
): ReplayCache {
  checkText("directory", directory);
  if (directory === "") refuse("directory", directory, "the path of a directory");
  checkOptions("fileReplayCache", options, fileReplayCacheChecks);
  const { skewSeconds = DEFAULT_SKEW_SECONDS, maxEntries = 200_000, lostBefore } = options;
  const store = new ReplayFiles(directory, files);
  let skewMs = skewSeconds * 1000;
  let sweptMs = Number.NEGATIVE_INFINITY;

  async function sweep(nowMs: number): Promise<void> {
    if (Math.abs(nowMs - sweptMs) < SLOT_MS) return;
    sweptMs = nowMs;
    for (const { slot, name } of await store.list()) {
      if ((slot + 1) * SLOT_MS + skewMs + SLACK_MS < nowMs) await store.remove(name);
    }
  }

  return {
    async remember({ tag, share, ctime, keepUntil }, nowMs) {
      if (!TAG.test(tag)) throw new TypeError("a replay entry's tag is 32 hexadecimal digits in lower case");
      const timeMs = ctime.getTime();
      skewMs = Math.max(skewMs, keepUntil.getTime() - timeMs);
      // A clock that is ahead by the skew made authenticators of as much later, and they were accepted.
      if (lostBefore !== undefined && timeMs <= lostBefore.getTime() + skewMs) return "lost";
      await sweep(nowMs);
      const name = `${Math.floor(timeMs / SLOT_MS)}-${tag[0]}`;
      const before = await store.read(name);
      if (before.some((line) => line.tag === tag)) return false;
      const shown = share.slice(0, MAX_SHARE);
      const own = before.filter((line) => line.share === shown).length;
      const limit = maxEntries / (FILES_IN_SLOT * slotsOf(skewMs));
      if (!mayTake({ limit, used: before.length, own, more: 1, parts: PARTS })) return "full";
      const id = encodeHex(randomBytes(8));
      await store.add(name, { tag, id, share: shown });
      return (await store.read(name)).find((line) => line.tag === tag)?.id === id;
    },
  };
}

/** Characters of a client's name that count: longer names that begin alike have one share. */
const MAX_SHARE = 100;

/** Slots in which authenticators may be that are accepted now: the skew, before and after. */
function slotsOf(skewMs: number): number {
  return Math.ceil((2 * skewMs) / SLOT_MS) + 1;
}
