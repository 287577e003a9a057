/**
 * The API of npm `kerberos` 7 with no native code: in its place for `mongodb`, `cassandra-driver`, `hive-driver` and
 * all that loads it. `require("krb5-remctl/kerberos")` gives the same object that `require("kerberos")` gives.
 *
 * ```ts
 * import { initializeClient } from "krb5-remctl/kerberos";
 *
 * const client = await initializeClient("HTTP@www.example.org");
 * const token = await client.step("");
 * ```
 *
 * @module
 */

export type {
  CredentialHost,
  CredentialSource,
  Deferred,
  OpenedCredentials,
  PacWish,
  Secret,
  SecretCredentials,
} from "../client/index.ts";
export type {
  Environment,
  Krb5Config,
  Libdefaults,
  Profile,
  RealmConfig,
  Relation,
  ServerAddress,
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
  OtherCipher,
  ProtocolKey,
  StringToKeyOptions,
  UsageKey,
} from "../crypto/index.ts";
export type { DnsOption } from "../discovery/index.ts";
export type {
  AnyKerberosError,
  Attempt,
  CommandState,
  ConfigError,
  CredentialError,
  CryptoError,
  DecodeError,
  ErrorCode,
  ErrorCodes,
  ErrorName,
  GssError,
  KdcError,
  KerberosError,
  PasswordChangeError,
  PasswordPolicy,
  PreauthError,
  ProtocolError,
  RemctlError,
  RemctlProtocolError,
  RemctlServerError,
  ServiceError,
  TransportError,
  UnsupportedError,
} from "../errors.ts";
export type { AcceptorKeys } from "../gssapi/index.ts";
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
  type AuthGssClientContext,
  type AuthGssServerContext,
  type Callback,
  type ConfigureOptions,
  definedNapiVersion,
  GSS_C_ANON_FLAG,
  GSS_C_CONF_FLAG,
  GSS_C_DELEG_FLAG,
  GSS_C_INTEG_FLAG,
  GSS_C_MUTUAL_FLAG,
  GSS_C_NO_OID,
  GSS_C_PROT_READY_FLAG,
  GSS_C_REPLAY_FLAG,
  GSS_C_SEQUENCE_FLAG,
  GSS_C_TRANS_FLAG,
  GSS_MECH_OID_KRB5,
  GSS_MECH_OID_SPNEGO,
  type InitializeClientOptions,
  type KerberosClient,
  type KerberosServer,
  type LegacyKerberos,
  NativeError,
  version,
  type WrapOptions,
} from "../kerberos/index.ts";
export {
  checkPassword,
  configure,
  initializeClient,
  initializeServer,
  Kerberos,
  nativeModule as default,
  nativeModule as "module.exports",
  principalDetails,
} from "../kerberos/on-host.ts";
export type {
  Enctypes,
  ForwardedTicketOptions,
  GetTicketOptions,
  KeySource,
  PaData,
  Principal,
  ReplayAnswer,
  ReplayCache,
  ReplayEntry,
  ServiceKey,
  ServiceTicket,
  TicketElement,
  TicketSource,
} from "../krb5/index.ts";
export type { ExchangeOptions, FastPart, KerberosOptions, ServerLists } from "../library/index.ts";
export type {
  Armor,
  Ask,
  CompletePrompts,
  KdcTrust,
  KeyHint,
  LoginContext,
  OpenedReply,
  OtpQuestion,
  OtpToken,
  Pem,
  PinNotice,
  PkinitIdentity,
  PreauthMechanism,
  PreauthOffer,
  PreauthReply,
  PreauthRound,
  PreauthRun,
  Prompts,
  Question,
  SecretKind,
  Sign,
  SignatureAlgorithm,
  TokenQuestion,
} from "../preauth/index.ts";
export type { Credentials } from "../remctl-client/index.ts";
export type {
  Trace,
  TraceChannel,
  TraceContext,
  TracedOperation,
  TraceEvent,
  TraceListener,
  TraceStep,
} from "../trace.ts";
