// Credential caches and what is in them. A list that several entries publish.

export type {
  CacheContents,
  CacheHost,
  CacheOptions,
  ConfigEntry,
  Credential,
  CredentialCache,
  NewCacheContents,
  TypedOctets,
} from "../../credentials/index.ts";
