import { type Checks, checkOptions, checkValues, type OptionHint } from "../../checks/index.ts";
import { REMCTL_PORT } from "../../remctl-wire/index.ts";
import type { ArgumentKind } from "../command/argument.ts";
import type { Protocol } from "../command/protocol.ts";
import type { OutputKind } from "../output/output-kind.ts";
import { connectionChecks, sessionChecks } from "./option-checks.ts";
import type { CallOptions, RemctlClientOptions, ResolvedClientOptions, RunOptions } from "./options.ts";

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
  checkValues(options, sessionChecks);
  const protocols = (options.protocols ?? []) as readonly Protocol[];
  const { protocol = 2, allowVersion1 = false } = options;
  if (protocols.length === 0 && (protocol === 1 || allowVersion1)) {
    throw new TypeError("protocol: 1 and allowVersion1 need the option protocols: [version1()]");
  }
  return {
    port: options.port ?? REMCTL_DEFAULTS.port,
    localAddress: options.localAddress,
    protocol,
    allowVersion1,
    protocols,
    argumentKinds: (options.argumentKinds ?? []) as readonly ArgumentKind[],
    outputKinds: (options.outputKinds ?? []) as readonly OutputKind[],
    legacyTokens: options.legacyTokens,
    pipelineDepth: options.pipelineDepth ?? 1,
    connectTimeoutMs: options.connectTimeoutMs ?? REMCTL_DEFAULTS.connectTimeoutMs,
    idleTimeoutMs: options.idleTimeoutMs ?? REMCTL_DEFAULTS.idleTimeoutMs,
    totalTimeoutMs: options.totalTimeoutMs,
    signal: options.signal,
    maxOutputBytes: options.maxOutputBytes ?? REMCTL_DEFAULTS.maxOutputBytes,
    maxArguments: options.maxArguments ?? REMCTL_DEFAULTS.maxArguments,
    maxCommandBytes: options.maxCommandBytes ?? REMCTL_DEFAULTS.maxCommandBytes,
    trace: options.trace,
  };
}

/** Options of a call, with those of its session where it has none. */
export type ResolvedCallOptions = Pick<
  ResolvedClientOptions,
  "idleTimeoutMs" | "totalTimeoutMs" | "signal" | "maxOutputBytes"
> & { readonly isLast: boolean };

/**
 * Checks the options of a call by name and value, and lays them over its session's. Throws as {@link
 * resolveClientOptions}.
 *
 * @param of the method whose options they are
 */
export function resolveCallOptions<T extends CallOptions>(
  of: string,
  options: T & RunOptions,
  checks: Checks<T>,
  session: ResolvedClientOptions,
): ResolvedCallOptions {
  checkOptions<T>(of, options, checks, ofConnection);
  return {
    idleTimeoutMs: options.idleTimeoutMs ?? session.idleTimeoutMs,
    totalTimeoutMs: options.totalTimeoutMs ?? session.totalTimeoutMs,
    maxOutputBytes: options.maxOutputBytes ?? session.maxOutputBytes,
    signal: options.signal,
    isLast: options.isLast ?? false,
  };
}

/** Of a name that a session's connection has. */
const ofConnection: OptionHint = (name) =>
  Object.hasOwn(connectionChecks, name) ? "it is an option of the connection: give it to connect()" : undefined;
