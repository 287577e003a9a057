import { checkFunction, checkObject } from "../checks/index.ts";
import type { ServiceTicket } from "../krb5/index.ts";
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
import { delegatedSource } from "./delegated.ts";
import { checkClientOptions, checkManyOptions } from "./main-checks.ts";
import { type HostsOptions, poolFor } from "./many.ts";
import type { ClientOptions } from "./options.ts";
import { RemctlClient } from "./remctl-client.ts";
import type { SessionClient } from "./session-client.ts";

/**
 * Makes a client. Nothing is sent before the first ticket is needed.
 *
 * @param options who logs in, where KDCs are, and bounds for every call. Default: what libkrb5 would use here
 * @returns the client
 * @throws TypeError and RangeError for options that cannot work: the caller's mistakes
 * @example
 * ```ts
 * import { createClient } from "krb5-remctl";
 *
 * const client = createClient({
 *   credentials: { principal: "alice@EXAMPLE.ORG", password: async () => secret },
 *   kdc: ["tcp://kdc.example.org:88"],
 * });
 * await using session = await client.connect("server.example.org");
 * const { status } = await session.run(["account", "list"]);
 * ```
 */
export function createClient(options: ClientOptions = {}): RemctlClient {
  return clientOf("createClient", options);
}

/**
 * Makes a client of the tickets that an initiator delegated (RFC 4121 section 4.1.1): it gets tickets for the next hop
 * as that person, and may be the option `credential` of `createInitiator`. It ends when they do.
 *
 * @param context an established context of an acceptor that was made with `takeDelegation`
 * @param options where KDCs are, and bounds, as for {@link createClient}
 * @returns the client; undefined if nothing was delegated
 * @throws TypeError and RangeError for options that cannot work: the caller's mistakes
 * @example
 * ```ts
 * import { delegatedCredentials } from "krb5-remctl";
 * import { createAcceptor, createInitiator } from "krb5-remctl/gssapi";
 *
 * const front = createAcceptor({ keytab: octets, takeDelegation: true });
 * await send(await front.step(await receive()));
 * const credential = delegatedCredentials(front);
 * if (credential !== undefined) createInitiator({ target: "imap@mail.example.org", credential });
 * ```
 */
export function delegatedCredentials(
  context: { readonly delegated?: readonly ServiceTicket[] | undefined },
  options: Omit<ClientOptions, "credentials" | "cache"> = {},
): RemctlClient | undefined {
  checkObject("context", context);
  checkClientOptions("delegatedCredentials", options);
  const source = delegatedSource(context.delegated ?? []);
  return source && clientOf("delegatedCredentials", { ...options, credentials: source });
}

/** Checks the options that a function was given, and makes a client of them. */
function clientOf(of: string, options: ClientOptions): RemctlClient {
  checkClientOptions(of, options);
  return new RemctlClient({ ...options, runtime: options.runtime ?? detectRuntime() });
}

/**
 * Logs in, runs one command on a remctl server and gives its exit status and output: {@link createClient} and one call.
 * An exit status other than 0 is a result.
 *
 * @param host the server's name
 * @param args the command: octets as they are, text as UTF-8, or streams of known length
 * @param options as for {@link createClient}
 * @returns the exit status, and all of the output
 * @throws a {@link KerberosError} with `commandState` and the output that came before the failure; TypeError and
 *   RangeError, the caller's mistakes, before anything is sent
 * @example
 * ```ts
 * import { remctl } from "krb5-remctl";
 *
 * const result = await remctl("server.example.org", ["account", "show", "alice"], {
 *   credentials: { principal: "alice@EXAMPLE.ORG", password },
 *   kdc: ["tcp://kdc.example.org:88"],
 * });
 * if (result.isSuccess) console.log(result.text());
 * ```
 */
export async function remctl(
  host: string,
  args: readonly RemctlArgument[],
  options: ClientOptions = {},
): Promise<RemctlResult> {
  const client = clientOf("remctl", options);
  try {
    return await client.remctl(host, args);
  } finally {
    client.close();
  }
}

/**
 * Logs in and runs a command on many hosts: {@link createClient} and {@link RemctlClient.runOnHosts}.
 *
 * @param hosts names, or hosts with ports and services
 * @param command the same for all, or a function that makes it for each host
 * @param options as for {@link createClient}, how many hosts at once, and where outcomes go
 * @returns how many succeeded and failed, and the outcomes
 * @throws TypeError and RangeError for the caller's mistakes, and what a callback or the iterator of the hosts throws;
 *   what fails on a host is in the summary
 * @example
 * ```ts
 * import { runOnHosts } from "krb5-remctl";
 *
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
  checkManyOptions(options);
  const { concurrency, onResult, onProgress, ...own } = options;
  const client = clientOf("runOnHosts", own);
  try {
    return await client.runOnHosts(hosts, command, { concurrency, onResult, onProgress, signal: own.signal });
  } finally {
    client.close();
  }
}

/**
 * Makes a pool of sessions of several principals, which share its limits. For one principal there is {@link
 * RemctlClient.pool}.
 *
 * @param clientFor gives the client of the `principal` that a call names, the same object each time
 * @param options the limits
 * @returns the pool
 * @throws TypeError for what is not a function, TypeError and RangeError for limits that are not numbers, or too small:
 *   the caller's mistakes
 * @example
 * ```ts
 * import { createClient, createPool } from "krb5-remctl";
 *
 * const alice = createClient({ credentials: { principal: "alice@EXAMPLE.ORG", password } });
 * const clients = new Map([["alice@EXAMPLE.ORG", alice]]);
 * await using pool = createPool((principal = "alice@EXAMPLE.ORG") => clients.get(principal), { maxSessions: 20 });
 * await pool.run({ host: "server.example.org", principal: "alice@EXAMPLE.ORG" }, ["account", "list"]);
 * ```
 */
export function createPool(
  clientFor: (principal: string | undefined) => Pick<SessionClient, "connect"> | undefined,
  options: PoolOptions = {},
): RemctlPool {
  checkFunction("clientFor", clientFor);
  return poolFor(clientFor, detectRuntime(), options);
}
