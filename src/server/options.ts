import type { AcceptorKeys, AcceptorOptions } from "../gssapi/index.ts";
import type { Runtime } from "../host/index.ts";
import type { Enctypes } from "../krb5/index.ts";
import type { RemctlCommand } from "./command.ts";
import type { ErrorSource, ServerEvent } from "./events.ts";

/** Options for `createRemctlServer`. */
export interface RemctlServerOptions
  extends Pick<
    AcceptorOptions,
    | "service"
    | "channelBindings"
    | "requireChannelBindings"
    | "replayCache"
    | "skewSeconds"
    | "now"
    | "authorizationData"
    | "legacyTokens"
  > {
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
  /**
   * The most octets that commands which are not whole yet may take on all connections together. Default 512 MiB. One
   * principal has at most half of it; above half full, at most a quarter of what is left. More is answered "Too much
   * data".
   */
  readonly maxBufferedBytes?: number | undefined;
  /**
   * The most connections. One more takes the place of the oldest that has not authenticated; if all have, of the one
   * that has waited longest for a command, a second at least; if all are at work, it is closed. Default 1,000.
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
   * The longest time from a command's first octet to its last, in milliseconds. What takes longer is answered with an
   * error of code 4, and the connection is closed. Default 900,000, a quarter of an hour; remctld waits for ever.
   */
  readonly commandTimeoutMs?: number | undefined;
  /**
   * The longest wait for the client to send, or to take what is sent, in milliseconds. Default one hour, as remctld's.
   */
  readonly idleTimeoutMs?: number | undefined;
  /** How long `close` lets commands run on, in milliseconds. Default 10,000. */
  readonly closeGraceMs?: number | undefined;
  /** Hears what happens, for a log. What it throws is ignored. */
  readonly onTrace?: ((event: ServerEvent) => void) | undefined;
  /** Hears what handlers, ACLs and help texts throw: the client hears nothing of it. What it throws is ignored. */
  readonly onError?: ((error: unknown, source: ErrorSource) => void) | undefined;
  /** The host. Default: the one that runs this. */
  readonly runtime?: Runtime | undefined;
}

/** Where a server listens. */
export interface ServerListenOptions {
  /** A name or an address. Default: all addresses of IPv6 and IPv4, where the host has both. */
  readonly host?: string | undefined;
  /** 0: one that is free. Default 4373. */
  readonly port?: number | undefined;
}

/** Where a client of {@link RemctlServer.accept} connects from. */
export interface ServerPeer {
  /** Its IP address. */
  readonly address?: string | undefined;
  /** Its port. */
  readonly port?: number | undefined;
}
