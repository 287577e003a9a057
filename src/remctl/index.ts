export type { RemctlArgument, StreamedArgument } from "./arguments.ts";
export { REMCTL_PORT } from "./constants.ts";
export { REMCTL_ERROR, remctlErrorName } from "./error-codes.ts";
export type { HostOutcome, HostsProgress, HostsSummary } from "./host-outcomes.ts";
export type { Source } from "./host-source.ts";
export type { OutputStream } from "./messages.ts";
export {
  type CallOptions,
  REMCTL_DEFAULTS,
  type RemctlClientOptions,
  type ResolvedClientOptions,
  type RunOptions,
  resolveClientOptions,
  type SessionOptions,
  type StreamOptions,
} from "./options.ts";
export type { OutputChunk } from "./output-queue.ts";
export { type PoolConnect, type PoolCounts, RemctlPool } from "./pool.ts";
export type { PoolCallOptions, PoolOptions, PoolRunOptions } from "./pool-options.ts";
export type { RemctlHost, RemctlTarget } from "./pool-target.ts";
export { RemctlResult } from "./result.ts";
export { RemctlRun } from "./run.ts";
export { type HostsCommand, type RunOnHost, type RunOnHostsOptions, runOnHosts } from "./run-on-hosts.ts";
export { openSession, RemctlSession } from "./session.ts";
