/**
 * The client of `krb5-remctl/lean` that computes and connects with Node's modules: on Node, Deno and Bun, and on
 * Workers with `nodejs_compat`.
 *
 * ```ts
 * import { createClient } from "krb5-remctl/lean/node";
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

export { createClient } from "../../remctl-client/lean-node/on-host.ts";
export * from "../lists/small-client.ts";
