/**
 * What drivers of other protocols need to log in by Kerberos, without any change of theirs: PostgreSQL's GSSAPI
 * authentication and encryption beneath `pg` and `postgres`.
 *
 * Layer 8: it may import every room below it; the host is given to it, except in `on-host.ts`.
 */
export { type GssEncryption, type GssStreamOptions, gssStreamChecks, securePostgres } from "./postgres.ts";
