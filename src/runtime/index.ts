/**
 * The adapters: what Node, Deno, Bun, Workers and the web offer, as `host` describes it. The one library room with
 * host APIs, and the one that may ask which host this is.
 *
 * Layer 8: it may import `host`, `bytes` and `errors.ts`; of the other rooms only an `on-host.ts` imports it.
 */
import type { Runtime } from "../host/index.ts";
import { acceptorHost } from "./acceptor-host.ts";
import { bunRuntime } from "./bun.ts";
import { cryptoHost } from "./crypto-host.ts";
import { denoRuntime } from "./deno.ts";
import { driverStream } from "./driver-stream.ts";
import { driverTls } from "./driver-tls.ts";
import { nodeRuntime } from "./node.ts";
import { asBuffer } from "./node-buffer.ts";
import { leanNodeRuntime } from "./node-lean.ts";
import { openTunnel, tunnelAgents, tunnelConnector } from "./node-tunnel.ts";
import { storageHost } from "./storage.ts";
import { webRuntime } from "./web.ts";
import { type Globals, type HostKind, hostKind, kindOf } from "./which.ts";
import { workerdRuntime } from "./workerd.ts";

/** The adapter of each host. */
const runtimes: Readonly<Record<HostKind, () => Runtime>> = {
  workerd: workerdRuntime,
  deno: denoRuntime,
  bun: bunRuntime,
  node: nodeRuntime,
  web: webRuntime,
};

let detected: Runtime | undefined;

/**
 * The adapter of the host that runs this: chosen by its globals at the first call, never at import, and kept.
 *
 * ```ts
 * const { name } = detectRuntime(); // "node", "deno", "bun", "workerd" or "web"
 * ```
 */
export function detectRuntime(): Runtime {
  detected ??= runtimes[hostKind()]();
  return detected;
}

/** As {@link detectRuntime}, for given globals and without memory. */
export function createRuntime(host: Globals): Runtime {
  return runtimes[kindOf(host)]();
}

export {
  acceptorHost,
  asBuffer,
  bunRuntime,
  cryptoHost,
  denoRuntime,
  driverStream,
  driverTls,
  leanNodeRuntime,
  nodeRuntime,
  openTunnel,
  storageHost,
  tunnelAgents,
  tunnelConnector,
  webRuntime,
  workerdRuntime,
};
