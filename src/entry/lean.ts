/**
 * The client for small bundles, for example of a Worker: KDCs and credentials are given, tickets are kept in memory. It
 * has no krb5.conf, no DNS and no credential caches, and connects by itself on Workers only; its calls, options and
 * errors are those of the main entry.
 *
 * ```ts
 * import { createClient } from "krb5-remctl/lean";
 *
 * const client = createClient({
 *   credentials: { principal: "robot@EXAMPLE.ORG", keytab: async () => octets },
 *   kdc: ["tcp://kdc.example.org:88"],
 * });
 * const { stdout } = await client.remctl("server.example.org", ["account", "list"]);
 * ```
 *
 * @module
 */

export { createClient } from "../remctl-client/lean/on-host.ts";
export * from "./lists/small-client.ts";
