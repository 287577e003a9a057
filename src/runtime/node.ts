import type { Runtime } from "../host/index.ts";
import { builtin } from "./node-builtins.ts";
import { traceChannel } from "./node-diagnostics.ts";
import { nodeEnvironment } from "./node-environment.ts";
import { nodeFiles } from "./node-files.ts";
import { fetchTrusting } from "./node-https.ts";
import { listenTcp, listenUdp } from "./node-listen.ts";
import { lookUp, nameServers } from "./node-lookup.ts";
import { connectTcp } from "./node-tcp.ts";
import { connectUdp } from "./node-udp.ts";
import { connectUnix } from "./node-unix.ts";
import { hostFetch } from "./web.ts";

/** Node 20.16 or newer. */
export function nodeRuntime(): Runtime {
  return {
    name: "node",
    connectTcp,
    connectUdp,
    listenTcp,
    listenUdp,
    connectUnix,
    lookUp,
    nameServers,
    files: () => nodeFiles(),
    environment: nodeEnvironment,
    nodeCrypto: () => builtin("node:crypto"),
    traceChannel,
    fetchTrusting,
    ...hostFetch(),
  };
}
