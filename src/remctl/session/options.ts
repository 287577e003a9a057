import type { LegacyTokens } from "../../gssapi/index.ts";
import type { Trace } from "../../trace.ts";
import type { ArgumentKind, RemctlArgumentKind } from "../command/argument.ts";
import type { Protocol, RemctlProtocol } from "../command/protocol.ts";
import type { OutputKind, RemctlOutputKind } from "../output/output-kind.ts";

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
   * Ways to give output beside all of it at the end: `[streamedOutput()]`, for `stream()`. Default: that in the main
   * entry, none in `krb5-remctl/lean`.
   */
  readonly outputKinds?: readonly RemctlOutputKind[] | undefined;
  /**
   * Tokens of a deprecated enctype that the session may use, where the ticket brings a key of it and `enctypes` permits
   * it too: `arcfourTokens()` of `krb5-remctl/legacy-tokens`. Who watches can break such a session sooner or later.
   * Default: a server whose ticket has such a key is refused.
   */
  readonly legacyTokens?: LegacyTokens | undefined;
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
  readonly outputKinds: readonly OutputKind[];
  readonly legacyTokens: LegacyTokens | undefined;
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
