/**
 * Kerberos for PostgreSQL: a stream beneath `pg` and `postgres`, which stay as they are, that logs in with GSSAPI and
 * encrypts with it.
 *
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { gssStream } from "krb5-remctl/postgres";
 *
 * const stream = gssStream({ credential: createClient() });
 * const settings = { host: "db.example.org", user: "alice", database: "alice", stream };
 * ```
 *
 * @module
 */

export type { GssEncryption, GssStreamOptions } from "../drivers/index.ts";
export { gssStream, postgresSocket } from "../drivers/on-host.ts";
export { isKerberosError } from "../errors.ts";
export type { Principal } from "../krb5/index.ts";
export type * from "./lists/crypto.ts";
export type * from "./lists/errors.ts";
export type * from "./lists/tickets.ts";
export type * from "./lists/trace.ts";
