/**
 * Kerberos v5 and a remctl client with no native code. {@link remctl} runs one command, {@link createClient} keeps
 * tickets between commands; everything else that speaks Kerberos finds its context in `krb5-remctl/gssapi`.
 *
 * ```ts
 * import { createClient } from "krb5-remctl";
 *
 * const client = createClient({ credentials: { principal: "alice@EXAMPLE.ORG", password } });
 * const { status, stdout } = await client.remctl("server.example.org", ["account", "show", "alice"]);
 * ```
 *
 * @module
 */
export {
  type CredentialHost,
  type CredentialSource,
  ccache,
  contentsOfLogin,
  type Deferred,
  fromEnvironment,
  type KeptTickets,
  type Kerberos,
  keytab,
  type Login,
  type LoginOptions,
  type OpenedCredentials,
  type PasswordChangeOptions,
  password,
  type RefreshOptions,
  type Secret,
  type ServiceTicketOptions,
  type TicketOptions,
} from "../client/index.ts";
export {
  type Environment,
  type Krb5Config,
  type Libdefaults,
  type ParseOptions,
  type Profile,
  parseKrb5Conf,
  type RealmConfig,
  type Relation,
  type ServerAddress,
} from "../config/index.ts";
export type {
  CacheContents,
  CacheHost,
  CacheOptions,
  ConfigEntry,
  Credential,
  CredentialCache,
  Keytab,
  KeytabEntry,
  KeytabQuery,
  KeytabText,
  KeyValueStore,
  MemoryCaches,
  NewCacheContents,
  RawKey,
  TypedOctets,
} from "../credentials/index.ts";
export type {
  CbcCipher,
  CryptoProvider,
  DigestName,
  EncType,
  EncTypeSet,
  HashName,
  Mac,
  ProtocolKey,
  StringToKeyOptions,
  UsageKey,
} from "../crypto/index.ts";
export type { DnsOption } from "../discovery/index.ts";
export {
  type AnyKerberosError,
  type Attempt,
  type CommandState,
  ConfigError,
  CredentialError,
  CryptoError,
  DecodeError,
  type ErrorCode,
  type ErrorCodes,
  type ErrorFields,
  type ErrorName,
  GssError,
  isKerberosError,
  isSafeToRetry,
  KdcError,
  KerberosError,
  PasswordChangeError,
  type PasswordPolicy,
  PreauthError,
  ProtocolError,
  RemctlError,
  RemctlProtocolError,
  RemctlServerError,
  ServiceError,
  TransportError,
  UnsupportedError,
} from "../errors.ts";
export type {
  ByteStream,
  Connection,
  ConnectOptions,
  DatagramSocket,
  Dial,
  Fetch,
  FileStatus,
  Files,
  HostEnvironment,
  Listener,
  ListenOptions,
  PeerAddress,
  Runtime,
} from "../host/index.ts";
export {
  type AuthenticatorClock,
  type AuthenticatorTime,
  type Enctypes,
  formatPrincipal,
  type GetTicketOptions,
  type PaData,
  type ParsePrincipalOptions,
  type Principal,
  parsePrincipal,
  type ServiceTicket,
  type TicketElement,
  type TicketSource,
} from "../krb5/index.ts";
export type { ExchangeOptions, KerberosOptions, ServerLists } from "../library/index.ts";
export { createKerberos } from "../library/on-host.ts";
export {
  type Armor,
  type Ask,
  encTimestamp,
  hintFor,
  type KeyHint,
  type LoginContext,
  longTermReplyKey,
  type OpenedReply,
  type OtpQuestion,
  type PreauthMechanism,
  type PreauthOffer,
  type PreauthReply,
  type PreauthRound,
  type PreauthRun,
  type Prompts,
  type Question,
} from "../preauth/index.ts";
export {
  type CallOptions,
  type HostFailure,
  type HostOutcome,
  type HostResult,
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
  type RemctlArgumentKind,
  type RemctlClientOptions,
  type RemctlHost,
  type RemctlPool,
  type RemctlProtocol,
  type RemctlResult,
  type RemctlRun,
  type RemctlSession,
  type RemctlTarget,
  type RunOnHostsOptions,
  type RunOptions,
  type SessionOptions,
  type StreamedArgument,
  type StreamOptions,
  streamedArguments,
  version1,
} from "../remctl/index.ts";
export type {
  ClientOptions,
  Credentials,
  HostsOptions,
  RemctlClient,
  RemctlOptions,
  SessionClient,
  StoreCacheSettings,
} from "../remctl-client/index.ts";
export { createClient, createPool, remctl, runOnHosts } from "../remctl-client/on-host.ts";
export { REMCTL_ERROR, remctlErrorName } from "../remctl-wire/index.ts";
export type {
  Trace,
  TraceChannel,
  TraceContext,
  TracedOperation,
  TraceEvent,
  TraceListener,
  TraceStep,
} from "../trace.ts";
