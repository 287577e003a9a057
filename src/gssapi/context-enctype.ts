import { CryptoError } from "../errors.ts";
import { enctypeOf } from "../iana/index.ts";
import type { LegacyTokens } from "./legacy-tokens.ts";

/**
 * Refuses a context whose key is of a deprecated enctype (rule LE2), unless the caller gave its tokens: triple DES and
 * RC4 have other ones than those of RFC 4121, and the MIC of RC4 can be forged (CVE-2025-3576).
 */
export function requireContextEnctype(etype: number, what: () => string, legacy?: LegacyTokens): void {
  const row = enctypeOf(etype);
  if (row?.isDeprecated !== true || legacy?.etype === etype) return;
  throw new CryptoError(
    "ETYPE_NOT_PERMITTED",
    `${what()} is of ${row.name}, which protects no messages here: give the service a key of AES; legacyTokens: arcfourTokens() permits RC4, which others can break`,
    { etype },
  );
}
