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
  keytabSecret,
  type PasswordSecretOptions,
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
export type * from "./lists/caches.ts";
export type * from "./lists/config.ts";
export type * from "./lists/crypto.ts";
export type * from "./lists/errors.ts";
export type * from "./lists/files.ts";
export type * from "./lists/host.ts";
export type * from "./lists/keytabs.ts";
export * from "./lists/logins.ts";
export type * from "./lists/secrets.ts";
export type * from "./lists/sources.ts";
export type * from "./lists/trace.ts";
