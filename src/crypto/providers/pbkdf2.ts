import { setUint32, wipe } from "../../bytes/index.ts";
import type { Mac } from "../provider.ts";

/** How long it computes before others have their turn. */
const SLICE_MS = 10;

/**
 * PBKDF2 (RFC 8018 section 5.2) over the MAC of the password, in plain JavaScript: for hosts whose Web Cryptography API
 * does not do it.
 */
export async function pbkdf2(
  mac: Mac["mac"],
  salt: Uint8Array,
  iterations: number,
  length: number,
): Promise<Uint8Array> {
  const derived = new Uint8Array(length);
  const number = new Uint8Array(4);
  let sinceMs = Date.now();
  for (let at = 0, block = 1; at < length; block++) {
    setUint32(number, 0, block);
    let last = mac(salt, number);
    const sum = last.slice();
    for (let i = 1; i < iterations; i++) {
      last = mac(last);
      for (let j = 0; j < sum.length; j++) (sum[j] as number) ^= last[j] as number;
      if (i % 64 !== 0 || Date.now() - sinceMs < SLICE_MS) continue;
      await new Promise((resolve) => setTimeout(resolve));
      sinceMs = Date.now();
    }
    derived.set(sum.subarray(0, length - at), at);
    at += sum.length;
    wipe(sum, last);
  }
  return derived;
}
