import type { Runtime } from "../host/index.ts";
import { builtin } from "./node-builtins.ts";
import { traceChannel } from "./node-diagnostics.ts";
import { nodeEnvironment } from "./node-environment.ts";
import { fetchTrusting } from "./node-https.ts";
import { listenTcp, listenUdp } from "./node-listen.ts";
import { lookUp, nameServers } from "./node-lookup.ts";
import { connectTcp } from "./node-tcp.ts";
import { connectUdp } from "./node-udp.ts";
import { nodeStorage } from "./storage.ts";
import { hostFetch } from "./web.ts";

/** Node 20.16 or newer. */
export function nodeRuntime(): Runtime {
  return {
    name: "node",
    connectTcp,
    connectUdp,
    listenTcp,
    listenUdp,
    lookUp: (host) => lookUp(host),
    nameServers,
    environment: nodeEnvironment,
    nodeCrypto: () => builtin("node:crypto"),
    traceChannel,
    fetchTrusting,
    ...nodeStorage,
    ...hostFetch(),
  };
}
