import type { Fetch, Runtime } from "../host/index.ts";
import { traceChannel } from "./node-diagnostics.ts";

/**
 * A host with `fetch`, WebCrypto and nothing else: a KDC is reached through an HTTPS proxy, a server through `dial`. It
 * may still be Node, whose channel for diagnostics costs nothing.
 */
export function webRuntime(): Runtime {
  return { name: "web", traceChannel, ...hostFetch() };
}

/** The host's `fetch`, looked up at each call: tests and instrumentation replace the global one. */
export function hostFetch(): { readonly fetch?: Fetch } {
  if (typeof globalThis.fetch !== "function") return {};
  return { fetch: (url, init) => globalThis.fetch(url, init as RequestInit) };
}
