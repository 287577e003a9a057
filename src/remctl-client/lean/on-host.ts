import { loadNobleProvider } from "../../crypto/index.ts";
import { webRuntime, workerdRuntime } from "../../runtime/index.ts";
import { type LeanClient, leanClient } from "./client.ts";
import { checkLeanOptions } from "./option-checks.ts";
import type { LeanClientOptions } from "./options.ts";

/**
 * Makes a client. Nothing is sent before the first ticket is needed.
 *
 * @param options who logs in, where the KDCs are, and bounds for every call
 * @returns the client
 * @throws TypeError and RangeError for options that cannot work: the caller's mistakes
 * @example
 * ```ts
 * import { createClient } from "krb5-remctl/lean";
 *
 * const client = createClient({
 *   credentials: { principal: "robot@EXAMPLE.ORG", keytab: async () => octets },
 *   kdc: ["tcp://kdc.example.org:88"],
 * });
 * const { stdout } = await client.remctl("server.example.org", ["account", "list"]);
 * ```
 */
export function createClient(options: LeanClientOptions): LeanClient {
  checkLeanOptions(options);
  const runtime = options.runtime ?? ("WebSocketPair" in globalThis ? workerdRuntime() : webRuntime());
  return leanClient({ ...options, runtime }, loadNobleProvider);
}
