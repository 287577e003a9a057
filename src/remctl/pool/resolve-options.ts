import { checkOptions } from "../../checks/index.ts";
import { poolChecks } from "./option-checks.ts";
import type { PoolOptions, ResolvedPoolOptions } from "./options.ts";

/** Checks options and fills in the defaults. Throws TypeError and RangeError: the caller's mistake. */
export function resolvePoolOptions(options: PoolOptions): ResolvedPoolOptions {
  checkOptions("the pool", options, poolChecks);
  return {
    maxSessions: options.maxSessions ?? 100,
    maxSessionsPerHost: options.maxSessionsPerHost ?? 10,
    maxOpening: options.maxOpening ?? Number.POSITIVE_INFINITY,
    maxWaiting: options.maxWaiting ?? Number.POSITIVE_INFINITY,
    waitTimeoutMs: options.waitTimeoutMs ?? 30_000,
    idleCloseMs: options.idleCloseMs ?? 60_000,
    noopAfterMs: options.noopAfterMs ?? 5_000,
    noopTimeoutMs: options.noopTimeoutMs ?? 5_000,
    expiryMarginMs: options.expiryMarginMs ?? 5_000,
    now: options.now ?? Date.now,
  };
}
