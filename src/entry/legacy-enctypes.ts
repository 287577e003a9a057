/**
 * Enctypes that are deprecated or rare (RFC 4757, RFC 3961 section 6.3, RFC 6803), for realms that have nothing better.
 * They are values for the option `enctypes`: no other program and no bundle has them.
 *
 * ```ts
 * import { createClient, keytab } from "krb5-remctl";
 * import { arcfourHmac } from "krb5-remctl/legacy-enctypes";
 *
 * const client = createClient({
 *   credentials: keytab("robot@CORP.EXAMPLE", "/etc/robot.keytab"),
 *   enctypes: ["aes256-sha1", "aes128-sha1", arcfourHmac],
 * });
 * ```
 *
 * RC4-HMAC is broken (RFC 8429): an attacker who has one ticket that is encrypted with the key of a password guesses it
 * in hours. What `enctypes` permits is the key of a ticket and of a session, and the keys of a keytab. To prove a
 * password with such a key needs the option `login` too. A GSS-API context has messages under RC4 only where its option
 * `legacyTokens` names them (`arcfourTokens` of `krb5-remctl/legacy-tokens`), and no context has triple DES.
 *
 * @module
 */
export { isKerberosError } from "../errors.ts";
export { arcfourHmac, camellia128CtsCmac, camellia256CtsCmac, des3CbcSha1 } from "../legacy-enctypes/index.ts";
export type * from "./lists/crypto.ts";
export type * from "./lists/errors.ts";
