import type { AcceptorKeys, AcceptorOptions } from "../gssapi/index.ts";
import type { Runtime } from "../host/index.ts";
import type { Enctypes } from "../krb5/index.ts";
import type { RemctlCommand } from "./command.ts";
import type { ErrorSource, ServerEvent } from "./events.ts";

/** Options for `createRemctlServer`. */
export interface RemctlServerOptions
  extends Pick<AcceptorOptions, "service" | "channelBindings" | "replayCache" | "skewSeconds" | "now"> {
  /**
   * The service's keys: octets of a keytab file, a `Keytab`, or a key source, which may change its keys while it
   * serves.
   */
  readonly keytab: AcceptorKeys;
  /** The first that matches is the one. */
  readonly commands: readonly RemctlCommand[];
  /** Permitted enctypes by name or number, best first. Default: all strong ones. */
  readonly enctypes?: Enctypes | undefined;
  /**
   * Protocol version 1, of before 2007: `"refuse"` (default) closes the connection of a client that speaks it;
   * `"allow"` takes it; `"only"` answers every client as a server of that time would, for tests.
   */
  readonly version1?: "refuse" | "allow" | "only" | undefined;
  /** Refuse clients without replay and sequence protection (section 4 leaves it to the server). Default true. */
  readonly requireReplayProtection?: boolean | undefined;
  /** The most arguments of a command, as remctld's: 4,096. */
  readonly maxArguments?: number | undefined;
  /** The most octets of a command: count, lengths and arguments. Default 100 MiB, as remctld's. */
  readonly maxCommandBytes?: number | undefined;
  /** The most octets that commands which are not whole yet may take on all connections together. Default 512 MiB. */
  readonly maxBufferedBytes?: number | undefined;
  /**
   * The most connections. One more takes the place of the oldest that has not authenticated; if all have, it is closed.
   * Default 1,000.
   */
  readonly maxConnections?: number | undefined;
  /**
   * The most connections of one principal. Default: half of `maxConnections`. A connection counts, here and in
   * `maxConnections`, until its handler is done, though its client has gone: a principal whose handlers never end is
   * shut out, and not the server filled. `onTrace` tells of it, as the reason of `closed`. A handler that heeds its
   * signal keeps no place.
   */
  readonly maxConnectionsPerUser?: number | undefined;
  /** Errors in a row, with no command that succeeds between them, after which a connection is closed. Default 1,000. */
  readonly maxErrors?: number | undefined;
  /** The longest time from the connection to the security context, in milliseconds. Default 10,000. */
  readonly handshakeTimeoutMs?: number | undefined;
  /**
   * The longest wait for the client to send, or to take what is sent, in milliseconds. Default one hour, as remctld's.
   */
  readonly idleTimeoutMs?: number | undefined;
  /** How long `close` lets commands run on, in milliseconds. Default 10,000. */
  readonly closeGraceMs?: number | undefined;
  /** Hears what happens, for a log. What it throws is ignored. */
  readonly onTrace?: ((event: ServerEvent) => void) | undefined;
  /** Hears what handlers, ACLs and help texts throw: the client is told nothing of it. What it throws is ignored. */
  readonly onError?: ((error: unknown, source: ErrorSource) => void) | undefined;
  /** The host. Default: the one that runs this. */
  readonly runtime?: Runtime | undefined;
}

/** The limits, with every default filled in. */
export interface ServerLimits {
  readonly version1: "refuse" | "allow" | "only";
  readonly requireReplayProtection: boolean;
  readonly maxArguments: number;
  readonly maxCommandBytes: number;
  readonly maxBufferedBytes: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerUser: number;
  readonly maxErrors: number;
  readonly handshakeTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly closeGraceMs: number;
}

/** Checks limits and fills in the defaults. Throws TypeError and RangeError: the caller's mistake. */
export function resolveLimits(options: RemctlServerOptions): ServerLimits {
  const { version1 = "refuse" } = options;
  if (!["refuse", "allow", "only"].includes(version1)) {
    throw new TypeError(`version1 is ${JSON.stringify(version1)}, not "refuse", "allow" or "only"`);
  }
  for (const name of ["onTrace", "onError"] as const) {
    if (options[name] !== undefined && typeof options[name] !== "function")
      throw new TypeError(`${name} is not a function`);
  }
  const maxConnections = count("maxConnections", options.maxConnections, 1000);
  return {
    version1,
    requireReplayProtection: options.requireReplayProtection ?? true,
    maxArguments: count("maxArguments", options.maxArguments, 4096),
    maxCommandBytes: count("maxCommandBytes", options.maxCommandBytes, 100 * 2 ** 20),
    maxBufferedBytes: count("maxBufferedBytes", options.maxBufferedBytes, 512 * 2 ** 20),
    maxConnections,
    maxConnectionsPerUser: count("maxConnectionsPerUser", options.maxConnectionsPerUser, Math.ceil(maxConnections / 2)),
    maxErrors: count("maxErrors", options.maxErrors, 1000),
    handshakeTimeoutMs: duration("handshakeTimeoutMs", options.handshakeTimeoutMs, 10_000),
    idleTimeoutMs: duration("idleTimeoutMs", options.idleTimeoutMs, 3_600_000),
    closeGraceMs: options.closeGraceMs === 0 ? 0 : duration("closeGraceMs", options.closeGraceMs, 10_000),
  };
}

function count(name: string, value: number | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  if (typeof value !== "number") throw new TypeError(`${name} is not a number`);
  if (value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && value >= 1)) return value;
  throw new RangeError(`${name} is ${value}: it must be a whole number above 0, or Infinity`);
}

function duration(name: string, value: number | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  if (typeof value !== "number") throw new TypeError(`${name} is not a number of milliseconds`);
  if (value > 0) return value;
  throw new RangeError(`${name} is ${value}: it must be above 0 (Infinity: no limit)`);
}
