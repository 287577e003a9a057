/**
 * Where tickets and keys are kept: credential caches, keytabs, and caches in key-value stores.
 *
 * ```ts
 * import { openCache } from "krb5-remctl/credentials";
 *
 * const contents = await openCache("FILE:/tmp/krb5cc_1000").read();
 * for (const { server, endTime } of contents?.credentials ?? []) console.log(server.components.join("/"), endTime);
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
  keytab,
  keytabSecret,
  type Login,
  type OpenedCredentials,
  password,
  passwordSecret,
  type Secret,
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
export {
  type AcquireOptions,
  type CacheCollection,
  type CacheContents,
  type CacheHost,
  type CacheOptions,
  type CcacheFile,
  type CcacheReadOptions,
  type CcacheVersion,
  type ConfigEntry,
  type Credential,
  type CredentialCache,
  type CredentialQuery,
  configValue,
  createStoreCache,
  credential,
  credentialOfTicket,
  decodeCcacheFile,
  decodeKeytab,
  encodeCcacheFile,
  encodeKeytab,
  findCredential,
  KeyBlock,
  Keytab,
  type KeytabEntry,
  type KeytabQuery,
  type KeytabReadOptions,
  type KeytabText,
  type KeyValueStore,
  type KvNamespaceLike,
  MemoryCaches,
  memoryStore,
  type NewCacheContents,
  type NewCcacheFile,
  type RawKey,
  type RedisClient,
  redisStore,
  type StoreCache,
  type StoreCacheOptions,
  type TypedOctets,
  ticketOfCredential,
  type UnstorageLike,
  unstorageStore,
  workersKvStore,
} from "../credentials/index.ts";
export { cacheHost, openCache, openCollection, readKeytabFile, writeKeytabFile } from "../credentials/on-host.ts";
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
export {
  type AnyKerberosError,
  type Attempt,
  type CommandState,
  type ConfigError,
  CredentialError,
  type CryptoError,
  DecodeError,
  type ErrorCode,
  type ErrorCodes,
  type ErrorFields,
  type ErrorName,
  type GssError,
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
  Listener,
  ListenOptions,
  OpenedFile,
  PeerAddress,
  Runtime,
} from "../host/index.ts";
export type { Enctypes, Principal, ServiceTicket, TicketElement } from "../krb5/index.ts";
export type { KeyHint } from "../preauth/index.ts";
export type {
  Trace,
  TraceChannel,
  TraceContext,
  TracedOperation,
  TraceEvent,
  TraceListener,
  TraceStep,
} from "../trace.ts";
