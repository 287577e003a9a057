import { webRuntime, workerdRuntime } from "../../runtime/index.ts";
import { type LeanClient, leanClient } from "./client.ts";
import type { LeanClientOptions } from "./options.ts";

/**
 * Makes a client: nothing is sent before the first ticket is needed. Throws `TypeError` for options that cannot work.
 *
 * ```ts
 * const client = createClient({
 *   credentials: { principal: "robot@EXAMPLE.ORG", keytab: () => fromBase64(env.KEYTAB) },
 *   kdc: ["tcp://kdc.example.org:88"],
 * });
 * ```
 */
export function createClient(options: LeanClientOptions): LeanClient {
  const runtime = options.runtime ?? ("WebSocketPair" in globalThis ? workerdRuntime() : webRuntime());
  return leanClient({ ...options, runtime });
}
