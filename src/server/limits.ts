import type { RemctlServerOptions } from "./options.ts";

/** The limits of a server, with every default filled in. */
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
  readonly commandTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly closeGraceMs: number;
}

/** The limits that options, which have been checked, set. */
export function resolveLimits(options: RemctlServerOptions): ServerLimits {
  const { maxConnections = 1000 } = options;
  return {
    version1: options.version1 ?? "refuse",
    requireReplayProtection: options.requireReplayProtection ?? true,
    maxArguments: options.maxArguments ?? 4096,
    maxCommandBytes: options.maxCommandBytes ?? 100 * 2 ** 20,
    maxBufferedBytes: options.maxBufferedBytes ?? 512 * 2 ** 20,
    maxConnections,
    maxConnectionsPerUser: options.maxConnectionsPerUser ?? Math.ceil(maxConnections / 2),
    maxErrors: options.maxErrors ?? 1000,
    handshakeTimeoutMs: options.handshakeTimeoutMs ?? 10_000,
    commandTimeoutMs: options.commandTimeoutMs ?? 900_000,
    idleTimeoutMs: options.idleTimeoutMs ?? 3_600_000,
    closeGraceMs: options.closeGraceMs ?? 10_000,
  };
}
