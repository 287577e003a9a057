export type { RemctlArgument } from "./arguments.ts";
export { REMCTL_PORT } from "./constants.ts";
export { REMCTL_ERROR, remctlErrorName } from "./error-codes.ts";
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
export { RemctlResult } from "./result.ts";
export { RemctlRun } from "./run.ts";
export { openSession, RemctlSession } from "./session.ts";
