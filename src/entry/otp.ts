/**
 * One-time passwords (RFC 6560) for the small client, inside FAST. The main entry loads this by itself where a KDC
 * offers it.
 *
 * ```ts
 * import { fast } from "krb5-remctl/fast";
 * import { createClient } from "krb5-remctl/lean";
 * import { interactive, otp } from "krb5-remctl/otp";
 *
 * const client = createClient({
 *   credentials: interactive("alice@EXAMPLE.ORG"),
 *   armor: fast({ principal: "host/laptop.example.org@EXAMPLE.ORG", keytab: octets }),
 *   ask: { otp: async ({ text }) => await readLine(text) },
 *   kdc: ["tcp://kdc.example.org:88"],
 *   preauth: [otp()],
 * });
 * ```
 *
 * @module
 */
export { interactive } from "../client/index.ts";
export type { MemoryCaches, RawKey } from "../credentials/index.ts";
export { isKerberosError } from "../errors.ts";
export type { PaData, Principal } from "../krb5/index.ts";
export { otp } from "../preauth/index.ts";
export type * from "./lists/caches.ts";
export type * from "./lists/config.ts";
export type * from "./lists/crypto.ts";
export type * from "./lists/errors.ts";
export type * from "./lists/files.ts";
export type * from "./lists/mechanisms.ts";
export type * from "./lists/secrets.ts";
export type * from "./lists/sources.ts";
export type * from "./lists/trace.ts";
