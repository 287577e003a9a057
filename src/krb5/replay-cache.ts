import { type Checks, checkNumber, checkOptions } from "../checks/index.ts";
import { DEFAULT_SKEW_SECONDS } from "./clock-skew.ts";

/** What makes an authenticator one of its kind (RFC 4120 section 3.2.3). */
export interface ReplayEntry {
  /** Text of the principals. */
  readonly service: string;
  /** Who made the authenticator. */
  readonly client: string;
  /** The client's time, to the second. */
  readonly ctime: Date;
  /** Its microseconds, 0 to 999,999. */
  readonly cusec: number;
  /**
   * The last octets of the sealed authenticator, its MAC, as text. Two hosts with one ticket may by chance have the
   * same microsecond: what is replayed has the same octets too, and nobody without the key makes others that open.
   */
  readonly tag: string;
}

/** Remembers authenticators. Another implementation may share them between processes that hold the same key. */
export interface ReplayCache {
  /**
   * Remembers an authenticator until its `ctime` is further back than the skew that the acceptor allows, and says
   * whether it is new. False if it was seen before, or if it cannot be remembered; anything but true, a rejection too,
   * refuses the client. All of the entry is what it is known by; `nowMs`, the time here, is not part of it.
   *
   * It is called once for each request. Of two calls with the same entry, however close, one at most may give true: a
   * shared store looks and sets in one step (`SET NX`, `INSERT` with a unique key), never with a read and a write after
   * it.
   */
  remember(entry: ReplayEntry, nowMs: number): boolean | Promise<boolean>;
}

/** Bounds of {@link createReplayCache}. */
export interface ReplayCacheOptions {
  /** The skew that the acceptor allows. Default 300. */
  readonly skewSeconds?: number;
  /** Past this, new authenticators are refused until old ones lapse. Default 100,000. */
  readonly maxEntries?: number;
}

const replayCacheChecks: Checks<ReplayCacheOptions> = { skewSeconds: [checkNumber, 0], maxEntries: [checkNumber, 0] };

/**
 * Makes a replay cache in memory, for one process (RFC 4120 section 3.2.3). An entry lapses when its authenticator is
 * too old to be accepted anyway. A full cache refuses what it cannot remember, since that section wants it so.
 *
 * @param options the skew, in seconds, and the most entries
 * @returns the cache, for the option `replayCache` of an acceptor
 * @throws TypeError and RangeError for bounds that are not numbers of 0 or more: the caller's mistakes
 * @example
 * ```ts
 * import { createAcceptor, createReplayCache } from "krb5-remctl/gssapi";
 *
 * const replayCache = createReplayCache({ skewSeconds: 300 });
 * const acceptor = createAcceptor({ keytab: octets, replayCache });
 * ```
 */
export function createReplayCache(options: ReplayCacheOptions = {}): ReplayCache {
  const { skewSeconds = DEFAULT_SKEW_SECONDS, maxEntries = 100_000 } = options;
  checkOptions("createReplayCache", options, replayCacheChecks);
  const skewMs = skewSeconds * 1000;
  /** To the time when it lapses; the order is that of arrival. */
  const seen = new Map<string, number>();
  let nextSweep = 0;
  return {
    remember({ service, client, ctime, cusec, tag }, nowMs) {
      if (nowMs >= nextSweep || seen.size >= maxEntries) {
        for (const [key, lapses] of seen) if (lapses < nowMs) seen.delete(key);
        nextSweep = nowMs + skewMs;
      }
      // No principal's text has a newline: formatPrincipal writes it as \n. Joined to be one flat string: what the
      // engine puts together piece by piece keeps each of its pieces for as long.
      const key = [service, client, ctime.getTime(), cusec, tag].join("\n");
      // Nothing is awaited between this look and the note below it: of two requests at once one is refused.
      if (seen.has(key) || seen.size >= maxEntries) return false;
      seen.set(key, ctime.getTime() + skewMs + 1000);
      return true;
    },
  };
}
