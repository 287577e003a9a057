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
} from "../client/index.ts";
export { type Krb5Config, type Libdefaults, parseKrb5Conf, type RealmConfig } from "../config/index.ts";
export type { DnsOption } from "../discovery/index.ts";
export * from "../errors.ts";
export type { ByteStream, Dial, Fetch, HostEnvironment, Runtime } from "../host/index.ts";
export {
  type AuthenticatorClock,
  formatPrincipal,
  type GetTicketOptions,
  type Principal,
  parsePrincipal,
  type ServiceTicket,
  type TicketElement,
  type TicketSource,
} from "../krb5/index.ts";
export type { KerberosOptions } from "../library/index.ts";
export { createKerberos } from "../library/on-host.ts";
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
  type RemctlArgument,
  type RemctlHost,
  RemctlPool,
  type RemctlResult,
  type RemctlRun,
  type RemctlSession,
  type RemctlTarget,
  type RunOptions,
  type StreamedArgument,
  type StreamOptions,
} from "../remctl/index.ts";
export {
  type ClientOptions,
  type Credentials,
  type HostsOptions,
  RemctlClient,
  type RemctlOptions,
  type StoreCacheSettings,
} from "../remctl-client/index.ts";
export { createClient, createPool, remctl, runOnHosts } from "../remctl-client/on-host.ts";
export { REMCTL_ERROR, remctlErrorName } from "../remctl-wire/index.ts";
export type { TraceEvent, TraceListener } from "../trace.ts";
