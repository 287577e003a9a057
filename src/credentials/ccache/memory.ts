import type { Credential } from "../credential.ts";
import { checkCacheCall, checkCacheOptions } from "./cache-options.ts";
import type { CacheHost, CacheType } from "./cache-type.ts";
import { isSameEntry } from "./config-entries.ts";
import { noCache } from "./failure.ts";
import { MemoryCaches } from "./memory-caches.ts";
import type { CacheCollection, CacheContents, CacheOptions, CredentialCache, NewCacheContents } from "./types.ts";

/** `MEMORY:`: gone when the program ends. */
export const memoryCache: CacheType = {
  type: "MEMORY",
  open: (residual, host) => new MemoryCache(residual, host.memory ?? new MemoryCaches()),
  openCollection: (residual, host) => new MemoryCollection(residual, host),
};

class MemoryCache implements CredentialCache {
  readonly type = "MEMORY";
  readonly name: string;
  readonly #key: string;
  readonly #caches: MemoryCaches;

  constructor(residual: string, caches: MemoryCaches) {
    this.name = `MEMORY:${residual}`;
    this.#key = residual;
    this.#caches = caches;
  }

  async read(options?: CacheOptions): Promise<CacheContents | undefined> {
    checkCacheOptions(options);
    return this.#caches.contents.get(this.#key);
  }

  async initialize(contents: NewCacheContents, options?: CacheOptions): Promise<void> {
    checkCacheCall("initialize", contents, options);
    const { credentials = [], config = [] } = contents;
    this.#set({ ...contents, credentials: [...credentials], config: [...config] });
  }

  async store(credential: Credential, options?: CacheOptions): Promise<void> {
    checkCacheCall("store", credential, options);
    const contents = this.#get();
    this.#set({ ...contents, credentials: [...contents.credentials, credential] });
  }

  async remove(which: (credential: Credential) => boolean, options?: CacheOptions): Promise<number> {
    checkCacheCall("remove", which, options);
    const contents = this.#get();
    const kept = contents.credentials.filter((one) => !which(one));
    this.#set({ ...contents, credentials: kept });
    return contents.credentials.length - kept.length;
  }

  async setConfig(entry: Parameters<CredentialCache["setConfig"]>[0], options?: CacheOptions): Promise<void> {
    checkCacheCall("setConfig", entry, options);
    const contents = this.#get();
    const { value } = entry;
    const others = contents.config.filter((other) => !isSameEntry(other, entry));
    this.#set({ ...contents, config: value === undefined ? others : [...others, { ...entry, value }] });
  }

  async destroy(options?: CacheOptions): Promise<boolean> {
    checkCacheOptions(options);
    return this.#caches.contents.delete(this.#key);
  }

  #get(): CacheContents {
    const contents = this.#caches.contents.get(this.#key);
    if (contents === undefined) throw noCache(this.name);
    return contents;
  }

  #set(contents: CacheContents): void {
    this.#caches.contents.set(this.#key, contents);
  }
}

class MemoryCollection implements CacheCollection {
  readonly #caches: MemoryCaches;
  readonly #residual: string;
  #count = 0;

  constructor(residual: string, host: CacheHost) {
    this.#caches = host.memory ?? new MemoryCaches();
    this.#residual = residual;
  }

  async list(options?: CacheOptions): Promise<readonly CredentialCache[]> {
    checkCacheOptions(options);
    const primary = this.#primary();
    const names = [...this.#caches.contents.keys()];
    return [...names.filter((name) => name === primary), ...names.filter((name) => name !== primary)].map((name) =>
      this.#open(name),
    );
  }

  async primary(options?: CacheOptions): Promise<CredentialCache> {
    checkCacheOptions(options);
    return this.#open(this.#primary());
  }

  async setPrimary(cache: CredentialCache, options?: CacheOptions): Promise<void> {
    checkCacheOptions(options);
    this.#caches.primary = cache.name.slice("MEMORY:".length);
  }

  async create(options?: CacheOptions): Promise<CredentialCache> {
    checkCacheOptions(options);
    let name: string;
    do name = `${this.#residual}#${++this.#count}`;
    while (this.#caches.contents.has(name));
    return this.#open(name);
  }

  #open(name: string): CredentialCache {
    return new MemoryCache(name, this.#caches);
  }

  #primary(): string {
    return this.#caches.primary ?? this.#residual;
  }
}
