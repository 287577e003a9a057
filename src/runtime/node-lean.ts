import type { Runtime } from "../host/index.ts";
import { builtin } from "./node-builtins.ts";
import { traceChannel } from "./node-diagnostics.ts";
import { netLookUp } from "./node-lookup.ts";
import { connectTcp } from "./node-tcp.ts";
import { hostFetch } from "./web.ts";

/**
 * Node, or a host that has Node's modules, with what a client needs that is given all else: TCP, `fetch`, cryptography.
 */
export function leanNodeRuntime(): Runtime {
  const isDeno = "Deno" in globalThis;
  const name = isDeno ? "deno" : "Bun" in globalThis ? "bun" : "node";
  return {
    name,
    mustEndCiphers: isDeno,
    hasFastDiffieHellman: name === "node",
    // Deno asks for a separate permission for a look-up: there the name is the connection's.
    connectTcp: (host, port, options) =>
      connectTcp(host, port, options, isDeno ? undefined : netLookUp(options.onLookUp)),
    nodeCrypto: () => builtin("node:crypto"),
    traceChannel,
    ...hostFetch(),
  };
}
