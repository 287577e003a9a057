import type { CallOptions, RunOptions } from "../session/options.ts";

/** What a pool is given. Durations are milliseconds; Infinity sets no limit. */
export interface PoolOptions {
  /** The most sessions at once, those that are being opened or closed included. Default 100. */
  readonly maxSessions?: number | undefined;
  /** The most sessions with one server for one principal. Default 10. */
  readonly maxSessionsPerHost?: number | undefined;
  /** The most sessions that are being opened at once. Default: no limit. */
  readonly maxOpening?: number | undefined;
  /** The most calls that wait for a session; one more fails with `REMCTL_POOL_FULL`. Default: no limit. */
  readonly maxWaiting?: number | undefined;
  /** How long a call waits for a session to be free, or for room for one more. Default 30,000. */
  readonly waitTimeoutMs?: number | undefined;
  /** How long a session that nobody uses stays open. Default 60,000. */
  readonly idleCloseMs?: number | undefined;
  /** A session that has been idle for so long is asked for a sign of life (NOOP) before it is used. Default 5,000. */
  readonly noopAfterMs?: number | undefined;
  /** How long that sign of life may take. Default 5,000. */
  readonly noopTimeoutMs?: number | undefined;
  /**
   * How long before its ticket ends a session gets no more commands. Default 5,000; a command that runs is left alone.
   */
  readonly expiryMarginMs?: number | undefined;
  /** The local clock, in milliseconds since the epoch. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/** Options for {@link RemctlPool.run}. */
export interface PoolRunOptions extends Omit<RunOptions, "isLast"> {
  /** As in {@link PoolOptions}, for this call. */
  readonly waitTimeoutMs?: number | undefined;
}

/** What the other calls of a pool take. `totalTimeoutMs` counts from the call, waiting and connecting included. */
export interface PoolCallOptions extends CallOptions {
  /** As in {@link PoolOptions}, for this call. */
  readonly waitTimeoutMs?: number | undefined;
}

/** {@link PoolOptions} checked, with every default filled in. */
export type ResolvedPoolOptions = {
  readonly [name in keyof PoolOptions]-?: NonNullable<PoolOptions[name]>;
};

/** Checks options and fills in the defaults. Throws TypeError and RangeError: the caller's mistake. */
export function resolvePoolOptions(options: PoolOptions): ResolvedPoolOptions {
  const { now = Date.now } = options;
  if (typeof now !== "function") throw new TypeError("now is not a function");
  return {
    maxSessions: count("maxSessions", options.maxSessions, 100),
    maxSessionsPerHost: count("maxSessionsPerHost", options.maxSessionsPerHost, 10),
    maxOpening: count("maxOpening", options.maxOpening, Number.POSITIVE_INFINITY),
    maxWaiting: count("maxWaiting", options.maxWaiting, Number.POSITIVE_INFINITY, 0),
    waitTimeoutMs: duration("waitTimeoutMs", options.waitTimeoutMs, 30_000, 1),
    idleCloseMs: duration("idleCloseMs", options.idleCloseMs, 60_000),
    noopAfterMs: duration("noopAfterMs", options.noopAfterMs, 5_000),
    noopTimeoutMs: duration("noopTimeoutMs", options.noopTimeoutMs, 5_000, 1),
    expiryMarginMs: duration("expiryMarginMs", options.expiryMarginMs, 5_000),
    now,
  };
}

/** A whole number of at least `least`, or Infinity. */
export function count(name: string, value: number | undefined, fallback: number, least = 1): number {
  if (value === undefined) return fallback;
  if (typeof value !== "number") throw new TypeError(`${name} is not a number`);
  if (value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && value >= least)) return value;
  throw new RangeError(`${name} is ${value}: it must be a whole number of at least ${least}, or Infinity`);
}

/** Milliseconds of at least `least`, or Infinity. */
export function duration(name: string, value: number | undefined, fallback: number, least = 0): number {
  if (value === undefined) return fallback;
  if (typeof value !== "number") throw new TypeError(`${name} is not a number of milliseconds`);
  if (value >= least) return value;
  throw new RangeError(`${name} is ${value}: it must be at least ${least}`);
}
