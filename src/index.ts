/**
 * Kerberos v5 and a remctl client with no native code. `remctl` runs one command, `createClient` keeps tickets between
 * commands; everything else that speaks Kerberos finds its context in `krb5-remctl/gssapi`.
 */
export {
  type CredentialHost,
  type CredentialSource,
  ccache,
  contentsOfLogin,
  type Deferred,
  fromEnvironment,
  type Kerberos,
  keytab,
  type Login,
  type LoginOptions,
  type PasswordChangeOptions,
  password,
  type RefreshOptions,
  type ServiceTicketOptions,
  type TicketOptions,
} from "./client/index.ts";
export { type Krb5Config, type Libdefaults, parseKrb5Conf, type RealmConfig } from "./config/index.ts";
export type { DnsOption } from "./discovery/index.ts";
export * from "./errors.ts";
export type { ByteStream, Dial, Fetch, HostEnvironment, Runtime } from "./host/index.ts";
export { createKerberos } from "./kerberos.ts";
export type { KerberosOptions } from "./kerberos-options.ts";
export {
  type AuthenticatorClock,
  formatPrincipal,
  type GetTicketOptions,
  type Principal,
  parsePrincipal,
  type ServiceTicket,
  type TicketElement,
  type TicketSource,
} from "./krb5/index.ts";
export { createPool, type HostsOptions } from "./many.ts";
export type { ClientOptions, Credentials, RemctlOptions, StoreCacheSettings } from "./options.ts";
export {
  type HostOutcome,
  type HostsCommand,
  type HostsProgress,
  type HostsSummary,
  type OutputChunk,
  type OutputStream,
  type PoolCallOptions,
  type PoolCounts,
  type PoolOptions,
  type PoolRunOptions,
  REMCTL_ERROR,
  type RemctlArgument,
  type RemctlHost,
  RemctlPool,
  type RemctlResult,
  type RemctlRun,
  type RemctlSession,
  type RemctlTarget,
  type RunOptions,
  remctlErrorName,
  type StreamedArgument,
  type StreamOptions,
} from "./remctl/index.ts";
export { createClient, RemctlClient, remctl, runOnHosts } from "./remctl-client.ts";
export type { TraceEvent, TraceListener } from "./trace.ts";
