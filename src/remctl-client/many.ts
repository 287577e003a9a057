import { type Checks, checkMethods, checkOptions, optionElsewhere } from "../checks/index.ts";
import type { Runtime } from "../host/index.ts";
import { defined } from "../library/index.ts";
import {
  type HostsCommand,
  type HostsSummary,
  hostsChecks,
  type PoolOptions,
  type RemctlHost,
  RemctlPool,
  type RunOnHostsOptions,
  runOnHosts as runOnEach,
  streamedOutput,
} from "../remctl/index.ts";
import { tracedCall } from "../trace.ts";
import { remctlChecks } from "./call-checks.ts";
import type { RemctlOptions } from "./options.ts";
import { partsOf, SessionClient } from "./session-client.ts";

/** Options for `runOnHosts`: what it is bounded by and reports to, and what each of its calls may say of its server. */
export interface HostsOptions extends RunOnHostsOptions, Omit<RemctlOptions, keyof RunOnHostsOptions> {}

/**
 * Makes a pool of sessions for one client's commands: they stay open between commands, within limits. On Workers, where
 * a socket belongs to its request, make a pool for each request, or keep one in a Durable Object.
 *
 * @param client a client that `createClient` made
 * @param options the limits
 * @returns the pool
 * @throws TypeError and RangeError for limits that are not numbers, or too small: the caller's mistakes
 * @example
 * ```ts
 * import { createClient, pool } from "krb5-remctl/lean";
 *
 * const client = createClient({
 *   credentials: { principal: "robot@EXAMPLE.ORG", keytab: async () => octets },
 *   kdc: ["tcp://kdc.example.org:88"],
 * });
 * await using sessions = pool(client, { maxSessionsPerHost: 4 });
 * await sessions.run("server.example.org", ["account", "list"]);
 * ```
 */
export function pool(client: SessionClient, options: PoolOptions = {}): RemctlPool {
  const { now, runtime } = partsOf(client);
  return poolOf(client, runtime, now === undefined ? options : { now, ...options });
}

/** The pool of one client, within the host's limits. */
export function poolOf(client: Pick<SessionClient, "connect">, runtime: Runtime, options: PoolOptions): RemctlPool {
  return poolFor((principal) => (principal === undefined ? client : undefined), runtime, options);
}

/** A pool of the sessions of several clients, within the host's limits. */
export function poolFor(
  clientFor: (principal: string | undefined) => Pick<SessionClient, "connect"> | undefined,
  { maxConnections }: Runtime,
  options: PoolOptions,
): RemctlPool {
  // A pool has the code for it anyway.
  const outputKinds = [streamedOutput()];
  return new RemctlPool(
    async ({ host, port, service, principal }, { signal }) => {
      const client = clientFor(principal);
      if (client === undefined) {
        throw new TypeError(
          `there is no client for principal ${principal}: a pool of one client takes none, see createPool`,
        );
      }
      checkMethods("what the function of createPool gave", client, "connect");
      return client.connect(host, { port, signal, outputKinds, ...(service === undefined ? {} : { service }) });
    },
    maxConnections === undefined ? options : withinConnections(maxConnections, options),
  );
}

/**
 * One session is opened at a time, and beside it there may be one connection to a KDC that is about to close. Such
 * hosts may also bind a socket to the request that opened it, and say so only when it is written to: NOOP first, unless
 * the caller knows better.
 */
function withinConnections(maxConnections: number, options: PoolOptions): PoolOptions {
  return {
    ...options,
    maxSessions: Math.min(options.maxSessions ?? Number.POSITIVE_INFINITY, Math.max(maxConnections - 1, 1)),
    maxOpening: 1,
    noopAfterMs: options.noopAfterMs ?? 0,
  };
}

/**
 * Runs a command on many hosts with the tickets of one client, each in a new session, with one login and one
 * ticket a host. What happens on one host changes nothing on the others: each has an outcome, a result or an error with
 * `commandState`.
 *
 * @param client a client that `createClient` made
 * @param hosts names, or hosts with ports and services
 * @param command the same for all, or a function that makes it for each host
 * @param options how many hosts at once, and where outcomes go
 * @returns how many succeeded and failed, and the outcomes
 * @throws TypeError and RangeError for the caller's mistakes, and what a callback or the iterator of the hosts throws;
 *   what fails on a host is in the summary
 * @example
 * ```ts
 * import { createClient, runOnHosts } from "krb5-remctl/lean";
 *
 * const client = createClient({
 *   credentials: { principal: "robot@EXAMPLE.ORG", keytab: async () => octets },
 *   kdc: ["tcp://kdc.example.org:88"],
 * });
 * const { failures } = await runOnHosts(client, names, ["package", "list"], { concurrency: 50 });
 * ```
 */
export async function runOnHosts(
  client: SessionClient,
  hosts: Iterable<RemctlHost> | AsyncIterable<RemctlHost>,
  command: HostsCommand,
  options: HostsOptions = {},
): Promise<HostsSummary> {
  const parts = partsOf(client);
  checkOptions("runOnHosts", options, manyChecks, optionElsewhere("createClient", parts.optionNames, manyChecks));
  // A command is checked once, before the first host, by what the client's own calls would say.
  const { maxArguments, maxCommandBytes, argumentKinds } = parts.defaults;
  const all: HostsOptions = { maxArguments, maxCommandBytes, argumentKinds, ...defined(options) };
  return await tracedCall(parts.trace, { operation: "runOnHosts" }, (trace) =>
    runOnHostsOf(new SessionClient({ ...parts, trace }), parts.runtime, hosts, command, all),
  );
}

/** Runs a command on many hosts, within the limits of the host here. */
export async function runOnHostsOf(
  client: Pick<SessionClient, "remctl">,
  { maxConnections }: Runtime,
  hosts: Iterable<RemctlHost> | AsyncIterable<RemctlHost>,
  command: HostsCommand,
  options: HostsOptions,
): Promise<HostsSummary> {
  const { concurrency, onResult, onProgress, signal, ...common } = options;
  // Each host has one connection, to a KDC or to the server; one more may be about to close.
  const most = maxConnections === undefined ? Number.POSITIVE_INFINITY : Math.max(maxConnections - 1, 1);
  const all: RunOnHostsOptions = { ...options, concurrency: Math.min(concurrency ?? defaultConcurrency, most) };
  return runOnEach(
    ({ host, port, service }, args, one) =>
      client.remctl(host, args, {
        ...common,
        ...one,
        ...(port === undefined ? {} : { port }),
        ...(service === undefined ? {} : { service }),
      }),
    hosts,
    command,
    all,
  );
}

const defaultConcurrency = 32;

const manyChecks: Checks<HostsOptions> = { ...remctlChecks, ...hostsChecks };
