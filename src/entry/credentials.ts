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
  type CacheChoice,
  ccache,
  contentsOfLogin,
  fromEnvironment,
  keytab,
  keytabSecret,
  type Login,
  type PasswordOptions,
  type PasswordSecretOptions,
  password,
  passwordSecret,
} from "../client/index.ts";
export {
  type AcquireOptions,
  type CacheCollection,
  type CcacheFile,
  type CcacheReadOptions,
  type CcacheVersion,
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
  type KeytabReadOptions,
  type KeyValueStore,
  type KvNamespaceLike,
  type LoginNotes,
  MemoryCaches,
  memoryStore,
  type NewCcacheFile,
  type RedisClient,
  redisStore,
  type StoreCache,
  type StoreCacheOptions,
  ticketOfCredential,
  type UnstorageLike,
  unstorageStore,
  workersKvStore,
} from "../credentials/index.ts";
export { cacheHost, openCache, openCollection, readKeytabFile, writeKeytabFile } from "../credentials/on-host.ts";
export { CredentialError, DecodeError, isKerberosError, KerberosError } from "../errors.ts";
export type { Enctypes, Principal, ServiceTicket, TicketElement } from "../krb5/index.ts";
export type * from "./types/caches.ts";
export type * from "./types/config.ts";
export type * from "./types/crypto.ts";
export type * from "./types/errors.ts";
export type * from "./types/files.ts";
export type * from "./types/host.ts";
export type * from "./types/keytabs.ts";
export type * from "./types/secrets.ts";
export type * from "./types/sources.ts";
export type * from "./types/trace.ts";
