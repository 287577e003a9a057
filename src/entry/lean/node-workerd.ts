/**
 * `krb5-remctl/lean/node` where a bundler makes a file for Workers (its condition `workerd`): the same exports without
 * the code for Node's sockets. Its types are those of `node.ts`.
 *
 * @module
 */

export { createClient } from "../../remctl-client/lean-workerd/on-host.ts";
export * from "../lists/small-client.ts";
