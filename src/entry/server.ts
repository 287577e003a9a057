/**
 * A remctl server to build into a program: commands are functions, clients are Kerberos principals. It speaks the
 * remctl protocol, versions 2 and 3 and, if asked to, 1, to libremctl and to this package's client, over sockets or any
 * byte stream.
 *
 * ```ts
 * import { createRemctlServer } from "krb5-remctl/server";
 *
 * const server = createRemctlServer({
 *   keytab: octets,
 *   commands: [{ command: "ping", subcommand: "EMPTY", acl: ["ANYUSER"], handler: () => 0 }],
 * });
 * await server.listen();
 * ```
 *
 * @module
 */

export type { Keytab, KeytabEntry, KeytabQuery, KeytabText, RawKey } from "../credentials/index.ts";
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
  type GssError,
  isKerberosError,
  type KdcError,
  type KerberosError,
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
export type {
  AcceptorKeys,
  AcceptorOptions,
  AcceptorService,
  BindingAddress,
  ChannelBindings,
  ChannelBindingsOption,
  ContextOptions,
  LegacyTokens,
} from "../gssapi/index.ts";
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
export type {
  Enctypes,
  KeySource,
  Principal,
  ReplayAnswer,
  ReplayCache,
  ReplayEntry,
  ServiceKey,
  ServiceTicket,
  TicketElement,
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
export { REMCTL_ERROR } from "../remctl-wire/index.ts";
export type {
  Acl,
  AclFunction,
  AclRequest,
  CommandHandler,
  CommandRequest,
  ErrorSource,
  HelpText,
  OutputWriter,
  RemctlCommand,
  RemctlServer,
  RemctlServerOptions,
  ServerEvent,
  ServerListenOptions,
  ServerPeer,
} from "../server/index.ts";
export { createRemctlServer } from "../server/on-host.ts";
export type {
  Trace,
  TraceChannel,
  TraceContext,
  TracedOperation,
  TraceEvent,
  TraceListener,
  TraceStep,
} from "../trace.ts";
