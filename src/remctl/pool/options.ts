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
