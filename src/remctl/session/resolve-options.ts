import { type Checks, checkOptions, checkValues, type OptionHint } from "../../checks/index.ts";
import { REMCTL_PORT } from "../../remctl-wire/index.ts";
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

/** What is taken where an option is not given; of those that are not here, undefined. */
const UNLESS_GIVEN: Readonly<Record<string, unknown>> = {
  ...REMCTL_DEFAULTS,
  protocol: 2,
  allowVersion1: false,
  protocols: [],
  argumentKinds: [],
  outputKinds: [],
  pipelineDepth: 1,
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
  const given = options as Readonly<Record<string, unknown>>;
  const all: Record<string, unknown> = {};
  for (const name in sessionChecks) all[name] = given[name] ?? UNLESS_GIVEN[name];
  const resolved = all as unknown as ResolvedClientOptions;
  if (resolved.protocols.length === 0 && (resolved.protocol === 1 || resolved.allowVersion1)) {
    throw new TypeError("protocol: 1 and allowVersion1 need the option protocols: [version1()]");
  }
  return resolved;
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
