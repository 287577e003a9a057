import { checkOptions, checkRequired } from "../checks/index.ts";
import { type Connection, onAbort } from "../host/index.ts";
import { detectRuntime, driverStream } from "../runtime/index.ts";
import { type GssStreamOptions, gssStreamChecks, securePostgres } from "./index.ts";

/**
 * Makes streams for `pg`: the option `stream` of a `Client` or a `Pool`. The driver logs in by Kerberos, unchanged,
 * and its connections are encrypted with GSSAPI, cancel requests too. Leave `ssl` and `password` out.
 *
 * @param options where tickets come from, and whether connections are encrypted
 * @returns a function that makes a stream (a `Duplex` of Node) that is not connected yet
 * @throws TypeError for options that cannot work: the caller's mistake
 * @example
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { gssStream } from "krb5-remctl/postgres";
 *
 * const credential = createClient();
 * const settings = { host: "db.example.org", user: "alice", database: "alice", stream: gssStream({ credential }) };
 * ```
 */
export function gssStream<T = unknown>(options: GssStreamOptions): () => T {
  check("gssStream", options);
  return () => driverStream((host, port, signal) => connect(host, port, signal, options)) as T;
}

/**
 * Makes sockets for `postgres` (Postgres.js): it is the option `socket`. As {@link gssStream}.
 *
 * @param options where tickets come from, and whether connections are encrypted
 * @returns a function that connects, and gives the stream (a `Duplex` of Node)
 * @throws TypeError for options that cannot work: the caller's mistake
 * @example
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { postgresSocket } from "krb5-remctl/postgres";
 *
 * const credential = createClient();
 * const settings = { host: "db.example.org", user: "alice", socket: postgresSocket({ credential }) };
 * ```
 */
export function postgresSocket<T = unknown>(
  options: GssStreamOptions,
): (settings: { readonly host?: unknown; readonly port?: unknown }) => Promise<T> {
  check("postgresSocket", options);
  return (settings) =>
    new Promise((resolve, reject) => {
      const stream = driverStream((host, port, signal) => connect(host, port, signal, options));
      stream.once("error", reject);
      stream.once("connect", () => {
        stream.off("error", reject);
        resolve(stream as T);
      });
      stream.connect(Number(first(settings.port) ?? 5432), String(first(settings.host) ?? "localhost"));
    });
}

function check(of: string, options: GssStreamOptions): void {
  checkOptions(of, options, gssStreamChecks);
  checkRequired(options, gssStreamChecks, "credential");
}

/** Postgres.js has lists of hosts and ports. */
function first(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : value;
}

async function connect(
  host: string,
  port: number,
  signal: AbortSignal,
  options: GssStreamOptions,
): Promise<Connection> {
  const runtime = detectRuntime();
  if (runtime.connectTcp === undefined)
    throw new TypeError("this host has no TCP: gssStream is for Node, Deno and Bun");
  const raw = await runtime.connectTcp(host, port, { signal });
  const release = onAbort(signal, () => raw.abort());
  try {
    return await securePostgres(raw, host, options);
  } catch (error) {
    raw.abort();
    throw error;
  } finally {
    release();
  }
}
