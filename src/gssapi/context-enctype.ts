import { CryptoError } from "../errors.ts";
import { enctypeOf } from "../iana/index.ts";

/**
 * Refuses a context whose key is of a deprecated enctype (rule LE2): triple DES and RC4 have other tokens than those of
 * RFC 4121, and the MIC of RC4 can be forged (CVE-2025-3576).
 */
export function requireContextEnctype(etype: number, what: () => string): void {
  const row = enctypeOf(etype);
  if (row?.isDeprecated !== true) return;
  throw new CryptoError(
    "ETYPE_NOT_PERMITTED",
    `${what()} is of ${row.name}, which protects no messages here: give the service a key of AES`,
    { etype },
  );
}
