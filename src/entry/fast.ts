/**
 * FAST (RFC 6113) for the small client: its logins and requests for tickets go inside the protection of another ticket.
 * The main entry has the option `armor`.
 *
 * ```ts
 * import { encryptedChallenge, fast } from "krb5-remctl/fast";
 * import { createClient, encTimestamp } from "krb5-remctl/lean";
 *
 * const client = createClient({
 *   credentials: { principal: "alice@EXAMPLE.ORG", password },
 *   armor: fast({ principal: "host/laptop.example.org@EXAMPLE.ORG", keytab: octets }),
 *   kdc: ["tcp://kdc.example.org:88"],
 *   preauth: [encryptedChallenge, encTimestamp],
 * });
 * ```
 *
 * @module
 */
export type { MemoryCaches } from "../credentials/index.ts";
export { isKerberosError } from "../errors.ts";
export type { Enctypes, PaData, Principal } from "../krb5/index.ts";
export type { FastPart } from "../library/index.ts";
export { encryptedChallenge } from "../preauth/index.ts";
export { type FastOptions, fast, type LeanCredentials } from "../remctl-client/index.ts";
export type * from "./lists/caches.ts";
export type * from "./lists/config.ts";
export type * from "./lists/crypto.ts";
export type * from "./lists/errors.ts";
export type * from "./lists/files.ts";
export type * from "./lists/keytabs.ts";
export type * from "./lists/mechanisms.ts";
export type * from "./lists/secrets.ts";
export type * from "./lists/sources.ts";
export type * from "./lists/trace.ts";
