import { wipe } from "../bytes/index.ts";

const POOL_BYTES = 4096;
/** Longer requests go to the host at once. */
const POOLED_BYTES = 64;
/** What one call of `getRandomValues` gives at most (Web Cryptography, section 10.1.1). */
const CALL_BYTES = 65_536;

/**
 * A source of random octets over the host's generator, with a pool so that a confounder costs a copy and no call. The
 * pool is filled at the first request, never at module load; octets are handed out once and overwritten in the pool.
 */
export function createRandom(
  fill: (octets: Uint8Array<ArrayBuffer>) => unknown = (octets) => globalThis.crypto.getRandomValues(octets),
): (length: number) => Uint8Array {
  const pool = new Uint8Array(POOL_BYTES);
  let used = POOL_BYTES;
  return (length) => {
    if (length > POOLED_BYTES) {
      const octets = new Uint8Array(length);
      for (let at = 0; at < length; at += CALL_BYTES) fill(octets.subarray(at, at + CALL_BYTES));
      return octets;
    }
    if (used + length > POOL_BYTES) {
      fill(pool);
      used = 0;
    }
    const taken = pool.subarray(used, used + length);
    used += length;
    const octets = taken.slice();
    wipe(taken);
    return octets;
  };
}
