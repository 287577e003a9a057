/**
 * The remctl client's session, pool and many hosts: commands and their answers over a security context. It may import
 * `gssapi`, `host`, `remctl-wire` and what is below them, and knows neither tickets nor KDCs.
 */

export type { RemctlArgument, RemctlArgumentKind, StreamedArgument } from "./command/argument.ts";
export { prepareArguments } from "./command/arguments.ts";
export type { OutputStream } from "./command/messages.ts";
export type { RemctlProtocol } from "./command/protocol.ts";
export { streamedArguments } from "./command/streamed-arguments.ts";
export { version1 } from "./command/version-1.ts";
export { hostsChecks } from "./hosts/option-checks.ts";
export type { RunOnHostsOptions } from "./hosts/options.ts";
export type { HostFailure, HostOutcome, HostResult, HostsProgress, HostsSummary } from "./hosts/outcomes.ts";
export { type HostsCommand, type RunOnHost, runOnHosts } from "./hosts/run-on-hosts.ts";
export type { Source } from "./hosts/source.ts";
export { outputKindOf, type RemctlOutputKind } from "./output/output-kind.ts";
export type { OutputChunk } from "./output/output-queue.ts";
export { RemctlResult } from "./output/result.ts";
export { RemctlRun } from "./output/run.ts";
export { streamedOutput } from "./output/streamed-output.ts";
export type { PoolCallOptions, PoolOptions, PoolRunOptions } from "./pool/options.ts";
export { type PoolConnect, type PoolCounts, RemctlPool } from "./pool/pool.ts";
export type { RemctlHost, RemctlTarget } from "./pool/target.ts";
export { streamAlone } from "./session/one-shot.ts";
export { connectionChecks } from "./session/option-checks.ts";
export type {
  CallOptions,
  RemctlClientOptions,
  ResolvedClientOptions,
  RunOptions,
  SessionOptions,
  StreamOptions,
} from "./session/options.ts";
export { REMCTL_DEFAULTS, resolveClientOptions } from "./session/resolve-options.ts";
export { openSession, RemctlSession } from "./session/session.ts";
