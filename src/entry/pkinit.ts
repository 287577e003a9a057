/**
 * Logging in with a certificate (PKINIT, RFC 4556), or anonymously (RFC 8062). The main entry loads this by itself
 * where a KDC offers it and the credentials are those of `certificate()` or `anonymous()`; `krb5-remctl/lean` takes it
 * as a value.
 *
 * ```ts
 * import { createClient } from "krb5-remctl/lean";
 * import { certificate, pkinit } from "krb5-remctl/pkinit";
 *
 * const client = createClient({
 *   credentials: certificate("robot@EXAMPLE.ORG", { certificate: pem, sign, anchors: caPem }),
 *   kdc: ["tcp://kdc.example.org:88"],
 *   preauth: [pkinit()],
 * });
 * ```
 *
 * The KDC proves itself by a certificate that leads to the `anchors` and to no others, is in its time, and names the
 * KDC of the realm. Certificates are not looked up in lists of revoked ones.
 *
 * @module
 */
export { type AnonymousOptions, anonymous, type CertificateOptions, certificate } from "../client/index.ts";
export type { MemoryCaches, RawKey } from "../credentials/index.ts";
export { isKerberosError } from "../errors.ts";
export type { PaData, Principal } from "../krb5/index.ts";
export { pkinit } from "../preauth/index.ts";
export type * from "./lists/caches.ts";
export type * from "./lists/config.ts";
export type * from "./lists/crypto.ts";
export type * from "./lists/errors.ts";
export type * from "./lists/files.ts";
export type * from "./lists/mechanisms.ts";
export type * from "./lists/secrets.ts";
export type * from "./lists/sources.ts";
export type * from "./lists/trace.ts";
