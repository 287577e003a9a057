import {
  type Checks,
  checkDate,
  checkNumber,
  checkObject,
  checkOptions,
  checkString,
  checkText,
} from "../checks/index.ts";
import { DEFAULT_SKEW_SECONDS } from "./clock-skew.ts";
import { ReplayTable } from "./replay-table.ts";

/** An authenticator that was accepted (RFC 4120 section 3.2.3). */
export interface ReplayEntry {
  /**
   * What the authenticator is known by, and nothing else: its last 16 octets, the MAC, as 32 hexadecimal digits. Names
   * are not part of it: that of the ticket's service stands outside of what is sealed, where anybody can change it.
   */
  readonly tag: string;
  /** Who made the authenticator, as text. */
  readonly client: string;
  /** Whom the place counts for, where places are few: the client, or `@` and its realm if that is another than ours. */
  readonly share: string;
  /** The client's time, to the second. */
  readonly ctime: Date;
  /** Its microseconds, 0 to 999,999. */
  readonly cusec: number;
  /** When the entry may be forgotten: no acceptor of this process takes the authenticator from then on. */
  readonly keepUntil: Date;
}

/**
 * What a replay cache says of an authenticator: `true`: it is new, and remembered; `false`: it was seen before;
 * `"full"`: the cache has no place for it; `"lost"`: it may have been seen before what was remembered was lost.
 */
export type ReplayAnswer = boolean | "full" | "lost";

/** Remembers authenticators. Another implementation may share them between processes that hold the same key. */
export interface ReplayCache {
  /**
   * Remembers an authenticator at least to its `keepUntil`, and says whether it is new. Anything but true, a rejection
   * too, refuses the client. `nowMs` is the time here.
   *
   * It is called once for each request that passed every other check. Of two calls with the same tag, however close,
   * one at most may give true: a shared store looks and sets in one step (`SET NX`, `INSERT` with a unique key), never
   * with a read and a write after it. An entry that has to make room for another lets its authenticator pass again: who
   * is full refuses.
   */
  remember(entry: ReplayEntry, nowMs: number): ReplayAnswer | Promise<ReplayAnswer>;
}

/** Bounds of {@link createReplayCache}. */
export interface ReplayCacheOptions {
  /** The skew that the acceptor allows, in seconds. Default 300. It grows with what the cache's acceptors allow. */
  readonly skewSeconds?: number | undefined;
  /**
   * Past this, new authenticators are refused until old ones lapse. Default 200,000. Above half of it, a client has at
   * most an eighth of the places that are left; clients of another realm have that together.
   */
  readonly maxEntries?: number | undefined;
  /**
   * When what was remembered was lost, for example `new Date()` at the start of a server. What may have been accepted
   * before is refused then (RFC 4120 section 3.2.3): every client whose clock is right, for one skew. Default: nothing
   * was lost.
   */
  readonly lostBefore?: Date | undefined;
}

const replayCacheChecks: Checks<ReplayCacheOptions> = {
  skewSeconds: [checkNumber, 0],
  maxEntries: [checkNumber, 0],
  lostBefore: checkDate,
};

/**
 * Makes a replay cache in memory, for one process (RFC 4120 section 3.2.3). An entry lapses when its authenticator is
 * too old to be accepted anyway. A full cache refuses what it cannot remember, since that section wants it so.
 *
 * @param options the skew, in seconds, the most entries, and whether something was lost
 * @returns the cache, for the option `replayCache` of an acceptor
 * @throws TypeError and RangeError for bounds that are not numbers of 0 or more: the caller's mistakes
 * @example
 * ```ts
 * import { createAcceptor, createReplayCache } from "krb5-remctl/gssapi";
 *
 * const replayCache = createReplayCache({ lostBefore: new Date() });
 * const acceptor = createAcceptor({ keytab: octets, replayCache });
 * ```
 */
export function createReplayCache(options: ReplayCacheOptions = {}): ReplayCache {
  checkOptions("createReplayCache", options, replayCacheChecks);
  const { skewSeconds = DEFAULT_SKEW_SECONDS, maxEntries = 200_000, lostBefore } = options;
  const table = new ReplayTable(maxEntries);
  let skewMs = skewSeconds * 1000;
  return {
    remember(entry, nowMs) {
      checkObject("entry", entry);
      const { tag, share, ctime, keepUntil } = entry;
      checkText("entry.tag", tag);
      checkString("entry.share", share);
      checkDate("entry.ctime", ctime);
      checkDate("entry.keepUntil", keepUntil);
      checkNumber("nowMs", nowMs, 0);
      const timeMs = ctime.getTime();
      skewMs = Math.max(skewMs, keepUntil.getTime() - timeMs);
      // A clock that is ahead by the skew made authenticators of as much later, and they were accepted.
      if (lostBefore !== undefined && timeMs <= lostBefore.getTime() + skewMs) return "lost";
      table.sweep(nowMs, skewMs);
      return table.add(tag, share, timeMs);
    },
  };
}
