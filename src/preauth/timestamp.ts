import type { PaEncTsEnc } from "../krb5/index.ts";

/** The time of a proof that is one (RFC 4120 section 5.2.7.2). */
export function timestampOf(timeMs: number): PaEncTsEnc {
  const seconds = Math.floor(timeMs / 1000);
  return { patimestamp: new Date(seconds * 1000), pausec: Math.floor(timeMs - seconds * 1000) * 1000 };
}
