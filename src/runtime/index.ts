/**
 * The adapters: what Node, Deno, Bun, Workers and the web offer, as `host` describes it. The one library room with
 * host APIs, and the one that may ask which host this is.
 *
 * Layer 8: it may import `host`, `bytes` and `errors.ts`; of the other rooms only an `on-host.ts` imports it.
 */
import type { Runtime } from "../host/index.ts";
import { bunRuntime } from "./bun.ts";
import { denoRuntime } from "./deno.ts";
import { nodeRuntime } from "./node.ts";
import { leanNodeRuntime } from "./node-lean.ts";
import { webRuntime } from "./web.ts";
import { workerdRuntime } from "./workerd.ts";

interface Globals {
  readonly navigator?: { readonly userAgent?: string };
  readonly WebSocketPair?: unknown;
  readonly Deno?: unknown;
  readonly Bun?: unknown;
  readonly process?: { readonly versions?: { readonly node?: string }; readonly getBuiltinModule?: unknown };
}

/**
 * Each runtime, how it is recognised, and its adapter. The order counts: a host before "node" may look like Node too.
 */
const runtimes: readonly (readonly [isHere: (host: Globals) => boolean, create: () => Runtime])[] = [
  // By a class that only Workers have, too: with an old compatibility date `navigator` is missing.
  [
    ({ navigator, WebSocketPair }) => navigator?.userAgent === "Cloudflare-Workers" || isFunction(WebSocketPair),
    workerdRuntime,
  ],
  [(host) => host.Deno !== undefined, denoRuntime],
  [(host) => host.Bun !== undefined, bunRuntime],
  [(host) => host.process?.versions?.node !== undefined && isFunction(host.process.getBuiltinModule), nodeRuntime],
  [() => true, webRuntime],
];

let detected: Runtime | undefined;

/**
 * The adapter of the host that runs this: chosen by its globals at the first call, never at import, and kept.
 *
 * ```ts
 * const { name } = detectRuntime(); // "node", "deno", "bun", "workerd" or "web"
 * ```
 */
export function detectRuntime(): Runtime {
  detected ??= createRuntime(globalThis as Globals);
  return detected;
}

/** As {@link detectRuntime}, for given globals and without memory. */
export function createRuntime(host: Globals): Runtime {
  const row = runtimes.find(([isHere]) => isHere(host));
  return row === undefined ? webRuntime() : row[1]();
}

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

export { bunRuntime, denoRuntime, leanNodeRuntime, nodeRuntime, webRuntime, workerdRuntime };
