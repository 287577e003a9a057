import type { Runtime } from "../host/index.ts";
import {
  type HostsCommand,
  type HostsSummary,
  type PoolOptions,
  type RemctlHost,
  RemctlPool,
  type RunOnHostsOptions,
  runOnHosts,
  type Source,
} from "../remctl/index.ts";
import type { RemctlOptions } from "./options.ts";
import type { SessionClient } from "./session-client.ts";

/** What `runOnHosts` takes: what it is bounded by and reports to, and what each of its calls may say of its server. */
export interface HostsOptions extends RunOnHostsOptions, Omit<RemctlOptions, keyof RunOnHostsOptions> {}

/** The pool of one client. */
export function poolOf(client: Pick<SessionClient, "connect">, runtime: Runtime, options: PoolOptions): RemctlPool {
  return poolFor((principal) => (principal === undefined ? client : undefined), runtime, options);
}

/** A pool of the sessions of several clients, within what the host bears. */
export function poolFor(
  clientFor: (principal: string | undefined) => Pick<SessionClient, "connect"> | undefined,
  { maxConnections }: Runtime,
  options: PoolOptions,
): RemctlPool {
  return new RemctlPool(
    async ({ host, port, service, principal }, { signal }) => {
      const client = clientFor(principal);
      if (client === undefined) {
        throw new TypeError(
          `there is no client for principal ${principal}: a pool of one client takes none, see createPool`,
        );
      }
      return client.connect(host, { port, signal, ...(service === undefined ? {} : { service }) });
    },
    maxConnections === undefined ? options : withinConnections(maxConnections, options),
  );
}

/**
 * One session is opened at a time, and beside it there may be one connection to a KDC that is about to close. Such hosts may also
 * bind a socket to the request that opened it, and say so only when it is written to: NOOP first, unless the caller knows better.
 */
function withinConnections(maxConnections: number, options: PoolOptions): PoolOptions {
  return {
    ...options,
    maxSessions: Math.min(options.maxSessions ?? Number.POSITIVE_INFINITY, Math.max(maxConnections - 1, 1)),
    maxOpening: 1,
    noopAfterMs: options.noopAfterMs ?? 0,
  };
}

/** Runs a command on many hosts with the tickets of one client. */
export async function runOnHostsOf(
  client: Pick<SessionClient, "remctl">,
  runtime: Runtime,
  hosts: Source<RemctlHost>,
  command: HostsCommand,
  options: HostsOptions,
): Promise<HostsSummary> {
  const { concurrency, onResult, onProgress, signal, ...common } = options;
  const { maxConnections } = runtime;
  // Each host has one connection, to a KDC or to the server; one more may be about to close.
  const most = maxConnections === undefined ? Number.POSITIVE_INFINITY : Math.max(maxConnections - 1, 1);
  const all: RunOnHostsOptions = { ...options, concurrency: Math.min(concurrency ?? defaultConcurrency, most) };
  return runOnHosts(
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
