import type {
  HostsCommand,
  HostsSummary,
  PoolOptions,
  RemctlArgument,
  RemctlHost,
  RemctlPool,
  RemctlResult,
} from "../remctl/index.ts";
import { detectRuntime } from "../runtime/index.ts";
import { type HostsOptions, poolFor } from "./many.ts";
import type { ClientOptions } from "./options.ts";
import { RemctlClient } from "./remctl-client.ts";
import type { SessionClient } from "./session-client.ts";

/**
 * Makes a client: nothing is sent before the first ticket is needed. Throws `TypeError` for options that cannot work.
 *
 * ```ts
 * const client = createClient({
 *   credentials: { principal: "alice@EXAMPLE.ORG", password: () => readSecret("alice") },
 *   kdc: ["tcp://kdc.example.org:88"],
 * });
 * const session = await client.connect("server.example.org");
 * ```
 */
export function createClient(options: ClientOptions = {}): RemctlClient {
  return new RemctlClient({ ...options, runtime: options.runtime ?? detectRuntime() });
}

/**
 * Logs in, runs one command on a remctl server and gives its exit status and output: {@link createClient} and one call.
 *
 * ```ts
 * const result = await remctl("server.example.org", ["account", "show", "alice"], {
 *   credentials: { principal: "alice@EXAMPLE.ORG", password },
 *   kdc: ["tcp://kdc.example.org:88"],
 * });
 * ```
 */
export async function remctl(
  host: string,
  args: readonly RemctlArgument[],
  options: ClientOptions = {},
): Promise<RemctlResult> {
  const client = createClient(options);
  try {
    return await client.remctl(host, args);
  } finally {
    client.close();
  }
}

/**
 * Logs in and runs a command on many hosts: {@link createClient} and {@link RemctlClient.runOnHosts}.
 *
 * ```ts
 * const { succeeded, failures } = await runOnHosts(["a.example.org", "b.example.org"], ["uptime"], {
 *   credentials: { principal: "alice@EXAMPLE.ORG", password },
 *   kdc: ["tcp://kdc.example.org:88"],
 *   concurrency: 50,
 * });
 * ```
 */
export async function runOnHosts(
  hosts: Iterable<RemctlHost> | AsyncIterable<RemctlHost>,
  command: HostsCommand,
  options: ClientOptions & HostsOptions = {},
): Promise<HostsSummary> {
  const client = createClient(options);
  try {
    return await client.runOnHosts(hosts, command, options);
  } finally {
    client.close();
  }
}

/**
 * A pool of sessions of several principals, which share its limits: `clientFor` gives the client of the `principal` that a
 * call names, the same object each time. For one principal there is `client.pool()`.
 *
 * ```ts
 * await using pool = createPool((principal) => clients.get(principal), { maxSessions: 20 });
 * await pool.run({ host: "server.example.org", principal: "alice@EXAMPLE.ORG" }, ["account", "list"]);
 * ```
 */
export function createPool(
  clientFor: (principal: string | undefined) => Pick<SessionClient, "connect"> | undefined,
  options: PoolOptions = {},
): RemctlPool {
  return poolFor(clientFor, detectRuntime(), options);
}
