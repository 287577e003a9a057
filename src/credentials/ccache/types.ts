import type { Principal } from "../../krb5/index.ts";
import type { Credential } from "../credential.ts";

/** A remark that a cache keeps beside its tickets, as libkrb5's `fast_avail`, `pa_type` or `refresh_time`. */
export interface ConfigEntry {
  /** The name of the remark. */
  readonly key: string;
  /** The principal that the remark is about, if it is about one. */
  readonly server?: Principal | undefined;
  /** What it says. */
  readonly value: Uint8Array;
}

/** What a cache holds. */
export interface CacheContents {
  /** Whose tickets they are. */
  readonly principal: Principal;
  /** In the order of being stored; configuration entries and removed credentials are not among them. */
  readonly credentials: readonly Credential[];
  /** The remarks. */
  readonly config: readonly ConfigEntry[];
  /** Milliseconds to add to the local clock to have the KDC's, if the cache knows. */
  readonly clockOffsetMs?: number | undefined;
}

/** The contents of a new cache, for {@link CredentialCache.initialize}. */
export type NewCacheContents = Pick<CacheContents, "principal"> & {
  readonly [part in Exclude<keyof CacheContents, "principal">]?: CacheContents[part] | undefined;
};

/** What every operation of a cache takes. */
export interface CacheOptions {
  /** Ends the operation when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A place that keeps tickets of one principal. One file a type in this folder. Every method throws CredentialError
 * `CCACHE`, with the cache's name, what the host said and what to do, and leaves what was there as it was.
 */
export interface CredentialCache {
  /** As `FILE`. */
  readonly type: string;
  /** The whole name, for example `FILE:/tmp/krb5cc_0`. */
  readonly name: string;
  /** Everything in one look; undefined if the cache is not there. */
  read(options?: CacheOptions): Promise<CacheContents | undefined>;
  /** Recreates the cache with these contents, in one step: a reader sees the old ones or these. */
  initialize(contents: NewCacheContents, options?: CacheOptions): Promise<void>;
  /** Adds a ticket to a cache that is there. */
  store(credential: Credential, options?: CacheOptions): Promise<void>;
  /** Removes the tickets for which `which` is true, and says how many those were. */
  remove(which: (credential: Credential) => boolean, options?: CacheOptions): Promise<number>;
  /** Sets a remark, or takes it away if `value` is undefined. */
  setConfig(
    entry: Omit<ConfigEntry, "value"> & { readonly value: Uint8Array | undefined },
    options?: CacheOptions,
  ): Promise<void>;
  /** Removes the cache with all that is in it; false if it was absent. */
  destroy(options?: CacheOptions): Promise<boolean>;
}

/** Several caches with one of them the primary, as a `DIR:` or a KCM daemon has them. */
export interface CacheCollection {
  /** Those that are there, the primary first. */
  list(options?: CacheOptions): Promise<readonly CredentialCache[]>;
  /** The one that is used where none is named; it need not be there. */
  primary(options?: CacheOptions): Promise<CredentialCache>;
  /** Makes a cache of this collection the primary. */
  setPrimary(cache: CredentialCache, options?: CacheOptions): Promise<void>;
  /** A new cache with a new name, not there until it is initialized. */
  create(options?: CacheOptions): Promise<CredentialCache>;
}
