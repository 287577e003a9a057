/**
 * Where tickets and keys are kept: credential caches, keytabs, and caches in key-value stores. `krb5-remctl/credentials`.
 *
 * @module
 */
export { ccache, contentsOfLogin, fromEnvironment, keytab, password } from "../client/index.ts";
export {
  type AcquireOptions,
  type CacheCollection,
  type CacheContents,
  type CacheHost,
  type CacheOptions,
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
  type KeyValueStore,
  type KvNamespaceLike,
  MemoryCaches,
  memoryStore,
  type NewCacheContents,
  type RawKey,
  type RedisClient,
  redisStore,
  StoreCache,
  type StoreCacheOptions,
  type TypedOctets,
  ticketOfCredential,
  type UnstorageLike,
  unstorageStore,
  workersKvStore,
} from "../credentials/index.ts";
export { cacheHost, openCache, openCollection, readKeytabFile, writeKeytabFile } from "../credentials/on-host.ts";
export { CredentialError, DecodeError, KerberosError } from "../errors.ts";
