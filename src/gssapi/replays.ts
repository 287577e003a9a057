import { createReplayCache, DEFAULT_SKEW_SECONDS, type ReplayCache } from "../krb5/index.ts";

/**
 * For all acceptors of this process that were given no cache: what one of them took, no other takes again, whatever
 * skew each allows. A value, made when first needed.
 */
let shared: ReplayCache | undefined;
/** The most that any acceptor of this process allows: as long is an authenticator remembered. */
let largestSkewSeconds = DEFAULT_SKEW_SECONDS;

/** The replay cache of an acceptor that was given none. */
export function sharedReplayCache(): ReplayCache {
  shared ??= createReplayCache();
  return shared;
}

/** Notes the skew that a new acceptor allows; gives the largest so far, in seconds. */
export function noteSkew(skewSeconds: number): number {
  largestSkewSeconds = Math.max(largestSkewSeconds, skewSeconds);
  return largestSkewSeconds;
}
