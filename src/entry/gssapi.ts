/**
 * GSS-API contexts of the Kerberos 5 mechanism (RFC 4121): establishment, sealed and signed messages, both sides. They
 * know neither where tickets come from ({@link TicketSource}) nor what the messages say.
 *
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { createInitiator } from "krb5-remctl/gssapi";
 *
 * const client = createClient({ credentials: { principal: "alice@EXAMPLE.ORG", password } });
 * const context = createInitiator({ target: "imap@mail.example.org", credential: client });
 * const token = await context.step();
 * ```
 *
 * @module
 */
export type { Keytab, KeytabEntry, KeytabQuery, KeytabText, KeyValueStore, RawKey } from "../credentials/index.ts";
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
} from "../crypto/index.ts";
export {
  type AnyKerberosError,
  type Attempt,
  type CommandState,
  type ConfigError,
  type CredentialError,
  type CryptoError,
  type DecodeError,
  type ErrorCode,
  type ErrorCodes,
  type ErrorFields,
  type ErrorName,
  GssError,
  isKerberosError,
  type KdcError,
  KerberosError,
  type PasswordChangeError,
  type PasswordPolicy,
  type PreauthError,
  type ProtocolError,
  type RemctlError,
  type RemctlProtocolError,
  type RemctlServerError,
  type ServiceError,
  type TransportError,
  type UnsupportedError,
} from "../errors.ts";
export {
  type AcceptorKeys,
  type AcceptorOptions,
  type AcceptorService,
  type BindingAddress,
  type ChannelBindings,
  type ChannelBindingsOption,
  type ContextFlags,
  type ContextOptions,
  createInitiator,
  type FileReplayCacheOptions,
  type InitiatorOptions,
  keytabKeys,
  type LegacyTokens,
  type SealingContext,
  type SecurityContext,
  type StoreReplayCacheOptions,
  storeReplayCache,
  tlsExporter,
  tlsServerEndPoint,
  type UnwrapOptions,
  type WrapOptions,
} from "../gssapi/index.ts";
export { createAcceptor, createEncTypeSet, type EncTypeSetOptions, fileReplayCache } from "../gssapi/on-host.ts";
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
} from "../host/index.ts";
export {
  type AuthenticatorClock,
  type AuthenticatorTime,
  createReplayCache,
  type Enctypes,
  type ForwardedTicketOptions,
  formatPrincipal,
  type GetTicketOptions,
  type KeySource,
  type Principal,
  type ReplayAnswer,
  type ReplayCache,
  type ReplayCacheOptions,
  type ReplayEntry,
  type ServiceKey,
  type ServiceTicket,
  type TicketElement,
  type TicketSource,
} from "../krb5/index.ts";
export type {
  AdElement,
  AuthorizationReader,
  Claim,
  ClaimName,
  ClientInfo,
  DelegationInfo,
  DeviceInfo,
  DomainGroups,
  GroupMembership,
  LogonInfo,
  OpenedAuthorization,
  Pac,
  PacAttributes,
  PacBuffer,
  PacCredentials,
  SidAndAttributes,
  TicketAuthorization,
  UpnDnsInfo,
  VerifiedPac,
} from "../pac/index.ts";
export type {
  Trace,
  TraceChannel,
  TraceContext,
  TracedOperation,
  TraceEvent,
  TraceListener,
  TraceStep,
} from "../trace.ts";
