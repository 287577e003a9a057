/**
 * Kerberos v5 and a remctl client with no native code. `remctl` runs one command, `createClient` keeps tickets between
 * commands; everything else that speaks Kerberos finds its context in `krb5-remctl/gssapi`.
 */
export * from "./errors.ts";
export type { ByteStream, Dial, Fetch } from "./host/index.ts";
export {
  formatPrincipal,
  type Principal,
  parsePrincipal,
  type ServiceTicket,
  type TicketSource,
} from "./krb5/index.ts";
export type { ClientOptions, Credentials, Deferred, RemctlOptions } from "./options.ts";
export {
  type OutputChunk,
  REMCTL_ERROR,
  type RemctlResult,
  type RemctlRun,
  type RemctlSession,
} from "./remctl/index.ts";
export { createClient, RemctlClient, remctl } from "./remctl-client.ts";
export type { TraceEvent, TraceListener } from "./trace.ts";
