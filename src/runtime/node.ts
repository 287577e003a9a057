import type { Runtime } from "../host/index.ts";
import { builtin } from "./node-builtins.ts";
import { listenTcp, listenUdp } from "./node-listen.ts";
import { connectTcp } from "./node-tcp.ts";
import { connectUdp } from "./node-udp.ts";
import { hostFetch } from "./web.ts";

/** Node 20.16 or newer. */
export function nodeRuntime(): Runtime {
  return {
    name: "node",
    connectTcp,
    connectUdp,
    listenTcp,
    listenUdp,
    nodeCrypto: () => builtin("node:crypto"),
    ...hostFetch(),
  };
}
