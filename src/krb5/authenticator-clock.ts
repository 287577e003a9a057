/** When an authenticator was made, as its fields have it. */
export interface AuthenticatorTime {
  /** Whole seconds. */
  readonly ctime: Date;
  /** 0 to 999,999. */
  readonly cusec: number;
}

/** Gives each authenticator another time. */
export interface AuthenticatorClock {
  /** The time now, `offsetMs` milliseconds later than the local clock, in no other authenticator of this process. */
  next(offsetMs?: number): AuthenticatorTime;
}

/** A clock set back by more than this was corrected: its time is taken, and not what was handed out before. */
const CORRECTION_MICROSECONDS = 5_000_000;

/** The last time that was handed out, by whatever clock: clients in one process may share a principal. */
let last = 0;

/**
 * A clock for authenticators over `now` (milliseconds since the epoch; default `Date.now`). RFC 4120 section 3.2.3
 * (rule C3): a server refuses a second authenticator of the same microsecond as a replay, and a host's clock has
 * milliseconds. So times increase by a microsecond at least, throughout the process; within a fresh millisecond the
 * first one is taken at random, so that two processes that start together rarely meet. That needs no secrecy, so
 * `Math.random` will do.
 */
export function createAuthenticatorClock(now: () => number = Date.now): AuthenticatorClock {
  return {
    next(offsetMs = 0) {
      const current = Math.floor(now()) * 1000 + Math.floor(Math.random() * 500);
      const isCorrected = last - current > CORRECTION_MICROSECONDS;
      last = isCorrected ? current : Math.max(current, last + 1);
      const microseconds = last + Math.round(offsetMs) * 1000;
      const seconds = Math.floor(microseconds / 1_000_000);
      return { ctime: new Date(seconds * 1000), cusec: microseconds - seconds * 1_000_000 };
    },
  };
}
