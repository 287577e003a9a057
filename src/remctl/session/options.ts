import { REMCTL_PORT } from "../../remctl-wire/index.ts";
import type { Trace } from "../../trace.ts";
import type { ArgumentKind, RemctlArgumentKind } from "../command/argument.ts";
import type { Protocol, RemctlProtocol } from "../command/protocol.ts";

/** What a single command may be given; it overrides the session's. Durations are milliseconds. */
export interface CallOptions {
  /** Ends the command, and the session with it, when aborted. */
  readonly signal?: AbortSignal | undefined;
  /** The longest wait for an octet from the server, or for it to take one. Default 60,000; Infinity: no limit. */
  readonly idleTimeoutMs?: number | undefined;
  /** The longest time for the whole command. Default: no limit. */
  readonly totalTimeoutMs?: number | undefined;
}

/** Options for {@link RemctlSession.run}. */
export interface RunOptions extends CallOptions {
  /** The most octets of output collected, both streams together. Default 16 MiB. */
  readonly maxOutputBytes?: number | undefined;
  /**
   * The last command of the session: keep-alive 0, so that the server closes after it and its last octets come at once
   * (remctl protocol section 2.4). The session is closed when the command is done.
   */
  readonly isLast?: boolean | undefined;
}

/** Options for {@link RemctlSession.stream}. */
export interface StreamOptions extends CallOptions {
  /** As in {@link RunOptions}. */
  readonly isLast?: boolean | undefined;
}

/** Options for {@link openSession}; the limits are defaults for every command. */
export interface SessionOptions extends CallOptions {
  /**
   * The longest time for the TCP connection, and again for the security context. Default 10,000; Infinity: no limit.
   */
  readonly connectTimeoutMs?: number | undefined;
  /** The most octets of output that `run` collects, both streams together. Default 16 MiB. */
  readonly maxOutputBytes?: number | undefined;
  /** The most arguments sent. Default 4,096, remctld's own limit. */
  readonly maxArguments?: number | undefined;
  /** The most octets of a command: counts, lengths and arguments. Default 100 MiB, remctld's own limit. */
  readonly maxCommandBytes?: number | undefined;
  /**
   * Versions of the protocol beside 2 and 3: `[version1()]`, for `protocol: 1` and `allowVersion1`. Default: that in
   * the main entry, none in `krb5-remctl/lean`.
   */
  readonly protocols?: readonly RemctlProtocol[] | undefined;
  /**
   * Kinds of arguments beside text and octets: `[streamedArguments()]`. Default: that in the main entry, none in
   * `krb5-remctl/lean`.
   */
  readonly argumentKinds?: readonly RemctlArgumentKind[] | undefined;
  /**
   * The protocol spoken from the start. Default 2, with NOOP of version 3 where the server has it. 1 is for a server
   * that is known to be older than 2007: one command a connection, 64 KB each way, both outputs in one, and no error
   * codes.
   */
  readonly protocol?: 1 | 2 | undefined;
  /**
   * Goes on in version 1 with a server that answers so. Default false: the octet that says so is protected by nothing,
   * and anyone who can change it on the way can force this.
   */
  readonly allowVersion1?: boolean | undefined;
  /**
   * The most commands that are on their way at once. Default 1: a second call while one is under way is
   * `REMCTL_SESSION_BUSY`. Above 1, calls wait in line, and the server gets that many ahead of its answers. The answers
   * are told apart by their order alone: ask for it where the server is known to give one for each command.
   */
  readonly pipelineDepth?: number | undefined;
  /** Receives what happens. */
  readonly trace?: Trace | undefined;
}

/** {@link SessionOptions} with what opening a connection takes. */
export interface RemctlClientOptions extends SessionOptions {
  /** 1 to 65,535. Default 4373. */
  readonly port?: number | undefined;
  /** The address to connect from. Default: the host's choice. Not with `dial`, and not on Workers. */
  readonly localAddress?: string | undefined;
}

/** {@link RemctlClientOptions} checked, with every default filled in. */
export interface ResolvedClientOptions {
  readonly port: number;
  readonly localAddress: string | undefined;
  readonly protocol: 1 | 2;
  readonly allowVersion1: boolean;
  readonly protocols: readonly Protocol[];
  readonly argumentKinds: readonly ArgumentKind[];
  readonly pipelineDepth: number;
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly totalTimeoutMs: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly maxOutputBytes: number;
  readonly maxArguments: number;
  readonly maxCommandBytes: number;
  readonly trace: Trace | undefined;
}

/** The defaults of {@link RemctlClientOptions}. */
export const REMCTL_DEFAULTS: Readonly<
  Record<"port" | "connectTimeoutMs" | "idleTimeoutMs" | "maxOutputBytes" | "maxArguments" | "maxCommandBytes", number>
> = {
  port: REMCTL_PORT,
  connectTimeoutMs: 10_000,
  idleTimeoutMs: 60_000,
  maxOutputBytes: 16 * 2 ** 20,
  maxArguments: 4_096,
  maxCommandBytes: 100 * 2 ** 20,
};

/**
 * Checks options and fills in the defaults. Throws TypeError for a value of the wrong type and RangeError for one out
 * of its range, both the caller's mistake.
 *
 * ```ts
 * resolveClientOptions({ idleTimeoutMs: 5_000 }).port; // 4373
 * ```
 */
export function resolveClientOptions(options: RemctlClientOptions = {}): ResolvedClientOptions {
  const { trace, signal } = options;
  if (trace !== undefined && typeof trace !== "function") throw new TypeError("trace is not a function");
  checkSignal(signal);
  const port = options.port ?? REMCTL_DEFAULTS.port;
  checkInteger("port", port, 1, 65_535);
  const { localAddress, protocol = 2, allowVersion1 = false, pipelineDepth = 1 } = options;
  if (localAddress !== undefined && typeof localAddress !== "string")
    throw new TypeError("localAddress is not a string");
  checkInteger("protocol", protocol, 1, 2);
  if (typeof allowVersion1 !== "boolean") throw new TypeError("allowVersion1 is not a boolean");
  const protocols = parts<Protocol>("protocols", "version1()", "exchange", options.protocols);
  if (protocols.length === 0 && (protocol === 1 || allowVersion1)) {
    throw new TypeError("protocol: 1 and allowVersion1 need the option protocols: [version1()]");
  }
  const argumentKinds = parts<ArgumentKind>("argumentKinds", "streamedArguments()", "check", options.argumentKinds);
  checkInteger("pipelineDepth", pipelineDepth, 1, 1_024);
  return {
    port,
    localAddress,
    protocol,
    allowVersion1,
    protocols,
    argumentKinds,
    pipelineDepth,
    connectTimeoutMs: timeout("connectTimeoutMs", options.connectTimeoutMs) ?? REMCTL_DEFAULTS.connectTimeoutMs,
    idleTimeoutMs: timeout("idleTimeoutMs", options.idleTimeoutMs) ?? REMCTL_DEFAULTS.idleTimeoutMs,
    totalTimeoutMs: timeout("totalTimeoutMs", options.totalTimeoutMs),
    signal,
    maxOutputBytes: limit("maxOutputBytes", options.maxOutputBytes, 0) ?? REMCTL_DEFAULTS.maxOutputBytes,
    maxArguments: limit("maxArguments", options.maxArguments, 0xffff_ffff) ?? REMCTL_DEFAULTS.maxArguments,
    maxCommandBytes: limit("maxCommandBytes", options.maxCommandBytes, 0) ?? REMCTL_DEFAULTS.maxCommandBytes,
    trace,
  };
}

/** A command's options over its session's. Throws as {@link resolveClientOptions}. */
export function resolveCallOptions<T extends RunOptions>(
  options: T,
  session: ResolvedClientOptions,
): Pick<ResolvedClientOptions, "idleTimeoutMs" | "totalTimeoutMs" | "signal" | "maxOutputBytes"> & { isLast: boolean } {
  checkSignal(options.signal);
  return {
    idleTimeoutMs: timeout("idleTimeoutMs", options.idleTimeoutMs) ?? session.idleTimeoutMs,
    totalTimeoutMs: timeout("totalTimeoutMs", options.totalTimeoutMs) ?? session.totalTimeoutMs,
    maxOutputBytes: limit("maxOutputBytes", options.maxOutputBytes, 0) ?? session.maxOutputBytes,
    signal: options.signal,
    isLast: options.isLast ?? false,
  };
}

/** The values of an option that takes parts, each of which has the method `member`. Throws TypeError. */
function parts<T>(name: string, maker: string, member: keyof T, values: readonly unknown[] = []): readonly T[] {
  const isPart = (value: unknown): value is T => typeof (value as Partial<T> | null)?.[member] === "function";
  if (Array.isArray(values) && values.every(isPart)) return values;
  throw new TypeError(`${name} is not a list of what ${maker} gives`);
}

function timeout(name: string, value: number | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "number") throw new TypeError(`${name} is not a number of milliseconds`);
  if (!(value > 0)) throw new RangeError(`${name} is ${value}: it must be above 0 (leave it out for the default)`);
  return value;
}

/** An integer from 0 to `most`, or to the largest exact one and Infinity if `most` is 0. */
function limit(name: string, value: number | undefined, most: number): number | undefined {
  if (value === undefined) return undefined;
  if (most === 0 && value === Number.POSITIVE_INFINITY) return value;
  checkInteger(name, value, 0, most === 0 ? Number.MAX_SAFE_INTEGER : most);
  return value;
}

function checkInteger(name: string, value: number, least: number, most: number): void {
  if (typeof value !== "number") throw new TypeError(`${name} is not a number`);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`${name} is ${value}: it must be an integer from ${least} to ${most}`);
  }
}

function checkSignal(signal: AbortSignal | undefined): void {
  if (signal !== undefined && typeof signal?.addEventListener !== "function") {
    throw new TypeError("signal is not an AbortSignal");
  }
}
