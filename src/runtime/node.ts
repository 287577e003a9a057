import type { Runtime } from "../host/index.ts";
import { builtin } from "./node-builtins.ts";
import { isOneOfMany } from "./node-cluster.ts";
import { traceChannel } from "./node-diagnostics.ts";
import { nodeEnvironment } from "./node-environment.ts";
import { openHttp } from "./node-http.ts";
import { fetchTrusting } from "./node-https.ts";
import { listenTcp, listenUdp } from "./node-listen.ts";
import { hostNames, nameServers, netLookUp } from "./node-lookup.ts";
import { connectTcp } from "./node-tcp.ts";
import { connectUdp } from "./node-udp.ts";
import { nodeStorage } from "./storage.ts";
import { hostFetch } from "./web.ts";

/** Node 20.16 or newer. */
export function nodeRuntime(): Runtime {
  return {
    name: "node",
    connectTcp: (host, port, options) => connectTcp(host, port, options, netLookUp(options.onLookUp)),
    connectUdp,
    listenTcp,
    listenUdp,
    lookUp: (host) => hostNames().lookUp(host),
    nameServers,
    environment: nodeEnvironment,
    nodeCrypto: () => builtin("node:crypto"),
    hasFastDiffieHellman: true,
    traceChannel,
    fetchTrusting,
    isOneOfMany,
    openHttp,
    ...nodeStorage,
    ...hostFetch(),
  };
}
