/**
 * SPAKE (RFC 9588) for the small client, whose list of mechanisms is its caller's: a login by password from which an
 * attacker who listens, or plays the KDC, cannot guess the password offline. The main client has it by itself.
 *
 * ```ts
 * import { createClient, encTimestamp } from "krb5-remctl/lean";
 * import { spake } from "krb5-remctl/spake";
 *
 * const client = createClient({
 *   credentials: { principal: "alice@EXAMPLE.ORG", password },
 *   kdc: ["https://gateway.example.org/KdcProxy"],
 *   preauth: [spake(), encTimestamp],
 * });
 * ```
 *
 * @module
 */
export { edwards25519, type Group, type Point, p256, p384, p521 } from "../curves/index.ts";
export { isKerberosError } from "../errors.ts";
export type { PaData, Principal } from "../krb5/index.ts";
export { type SpakeOptions, spake } from "../preauth/index.ts";
export type * from "./lists/crypto.ts";
export type * from "./lists/errors.ts";
export type * from "./lists/mechanisms.ts";
export type * from "./lists/secrets.ts";
export type * from "./lists/trace.ts";
