/**
 * Enctypes that are broken or rare, and never permitted unless a program names them: RC4-HMAC (RFC 4757), triple DES
 * (RFC 3961 section 6.3) and Camellia (RFC 6803). A bundle that does not import this room has none of them.
 *
 * Layer 2: it may import `errors.ts`, `bytes`, `iana` and `crypto`. The host computes DES and Camellia: this room has
 * no block cipher.
 */
export { arcfourHmac } from "./arcfour-hmac.ts";
export { camellia128CtsCmac, camellia256CtsCmac } from "./camellia-cts-cmac.ts";
export { des3CbcSha1 } from "./des3-cbc-sha1.ts";
export { rc4 } from "./rc4.ts";
