/**
 * The client for small bundles, for example of a Worker: KDCs and credentials are given, tickets are kept in memory.
 *
 * @module
 */
export * from "../remctl-client/lean.ts";
