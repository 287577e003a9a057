/**
 * Tokens of GSS-API contexts whose key is of RC4-HMAC (RFC 1964 with RFC 4757 section 7). Nothing imports it but the
 * entry `krb5-remctl/legacy-tokens`: a bundle that does not name them has none of them.
 *
 * Layer 6: it may import `gssapi`, `legacy-enctypes` and what is below them.
 */
export { type ArcfourTokensOptions, arcfourTokens } from "./arcfour-tokens.ts";
