import { KRB5, MICROSOFT_KRB5 } from "./mechanisms.ts";
import { encodeInit, encodeMechanisms } from "./tokens.ts";

/** What Windows sends in place of a name, so that nobody takes it for one (MS-SPNG section 3.2.5.2). */
const HINT_NAME = "not_defined_in_RFC4178@please_ignore";

/**
 * Makes the token with which a server speaks first, where the protocol wants that (NegTokenInit2, MS-SPNG section
 * 2.2.1): the mechanisms that it knows. Nothing protects it, and it names no principal.
 *
 * @returns the token
 * @example
 * ```ts
 * import { createNegotiationHints } from "krb5-remctl/spnego";
 *
 * await send(createNegotiationHints());
 * ```
 */
export function createNegotiationHints(): Uint8Array {
  return encodeInit({ list: encodeMechanisms([MICROSOFT_KRB5, KRB5]), hintName: HINT_NAME });
}
