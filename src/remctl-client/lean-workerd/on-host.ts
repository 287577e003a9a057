import { loadNodeProvider } from "../../crypto/index.ts";
import { workerdRuntime } from "../../runtime/index.ts";
import { type LeanClient, leanClient } from "../lean/client.ts";
import { checkLeanOptions } from "../lean/option-checks.ts";
import type { LeanClientOptions } from "../lean/options.ts";

/** The `createClient` of `krb5-remctl/lean/node` in a bundle for Workers, which has no use for Node's sockets. */
export function createClient(options: LeanClientOptions): LeanClient {
  checkLeanOptions(options);
  return leanClient({ ...options, runtime: options.runtime ?? workerdRuntime() }, loadNodeProvider);
}
