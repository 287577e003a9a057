/**
 * The client of `krb5-remctl/lean` that computes and connects with Node's modules: on Node, Deno and Bun, and on
 * Workers with `nodejs_compat`.
 *
 * ```ts
 * import { createClient } from "krb5-remctl/lean/node";
 *
 * const client = createClient({
 *   credentials: { principal: "robot@EXAMPLE.ORG", keytab: async () => octets },
 *   kdc: ["tcp://kdc.example.org:88"],
 * });
 * const { stdout } = await client.remctl("server.example.org", ["account", "list"]);
 * ```
 *
 * @module
 */

export type {
  Deferred,
  PacWish,
  Secret,
  SecretCredentials,
  ServiceTicketOptions,
  TicketOptions,
} from "../../client/index.ts";
export type { Keytab, KeytabEntry, KeytabQuery, KeytabText, RawKey } from "../../credentials/index.ts";
export type {
  CbcCipher,
  CryptoProvider,
  DigestName,
  EncType,
  EncTypeSet,
  HashName,
  Mac,
  OtherCipher,
  ProtocolKey,
  StringToKeyOptions,
  UsageKey,
} from "../../crypto/index.ts";
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
  type PasswordChangeError,
  type PasswordPolicy,
  PreauthError,
  ProtocolError,
  RemctlError,
  RemctlProtocolError,
  RemctlServerError,
  ServiceError,
  TransportError,
  UnsupportedError,
} from "../../errors.ts";
export type { LegacyTokens } from "../../gssapi/index.ts";
export type {
  ByteStream,
  Connection,
  ConnectOptions,
  DatagramSocket,
  Dial,
  Fetch,
  FileOpenOptions,
  FileStatus,
  Files,
  HostEnvironment,
  HttpConnection,
  Listener,
  ListenOptions,
  OpenedFile,
  PeerAddress,
  Runtime,
} from "../../host/index.ts";
export {
  type Enctypes,
  type ForwardedTicketOptions,
  type GetTicketOptions,
  type PaData,
  type Principal,
  type RegisteredNames,
  registeredNames,
  type ServiceTicket,
  type TicketElement,
  type TicketSource,
} from "../../krb5/index.ts";
export type { ExchangeOptions, FastPart, ServerLists } from "../../library/index.ts";
export {
  type Armor,
  type Ask,
  type CompletePrompts,
  encTimestamp,
  hintFor,
  type KdcTrust,
  type KeyHint,
  type LoginContext,
  longTermReplyKey,
  type OpenedReply,
  type OtpQuestion,
  type OtpToken,
  type Pem,
  type PinNotice,
  type PkinitIdentity,
  type PreauthMechanism,
  type PreauthOffer,
  type PreauthReply,
  type PreauthRound,
  type PreauthRun,
  type Prompts,
  type Question,
  type SecretKind,
  type Sign,
  type SignatureAlgorithm,
  type TokenQuestion,
} from "../../preauth/index.ts";
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
  type RemctlOutputKind,
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
  streamedOutput,
  version1,
} from "../../remctl/index.ts";
export {
  actFor,
  type HostsOptions,
  httpsProxy,
  type ImpersonateOptions,
  impersonate,
  type KdcTransportPart,
  type LeanClient,
  type LeanClientOptions,
  type LeanCredentials,
  pool,
  type RemctlOptions,
  runOnHosts,
  type SessionClient,
  type UserCertificate,
} from "../../remctl-client/index.ts";
export { createClient } from "../../remctl-client/lean-node/on-host.ts";
export type {
  Trace,
  TraceChannel,
  TraceContext,
  TracedOperation,
  TraceEvent,
  TraceListener,
  TraceStep,
} from "../../trace.ts";
