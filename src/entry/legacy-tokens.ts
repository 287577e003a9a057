/**
 * GSS-API contexts under RC4-HMAC (RFC 4757 section 7), for a peer that has nothing better. {@link arcfourTokens} is
 * the option `legacyTokens`; `arcfourHmac` of `krb5-remctl/legacy-enctypes` permits the enctype.
 *
 * ```ts
 * import { createAcceptor } from "krb5-remctl/gssapi";
 * import { arcfourHmac } from "krb5-remctl/legacy-enctypes";
 * import { arcfourTokens } from "krb5-remctl/legacy-tokens";
 *
 * const enctypes = ["aes256-sha1", "aes128-sha1", arcfourHmac] as const;
 * const context = createAcceptor({ keytab: octets, enctypes, legacyTokens: arcfourTokens() });
 * ```
 *
 * RC4 is broken (RFC 8429): an attacker who records such a context can break it sooner or later.
 *
 * @module
 */
export { isKerberosError } from "../errors.ts";
export type { LegacyTokens } from "../gssapi/index.ts";
export { type ArcfourTokensOptions, arcfourTokens } from "../legacy-tokens/index.ts";
export type * from "./lists/errors.ts";
