import type { CacheHost, CacheType } from "./cache-type.ts";
import { dirCache } from "./dir.ts";
import { cacheError } from "./failure.ts";
import { fileCache } from "./file.ts";
import { kcmCache } from "./kcm.ts";
import { memoryCache } from "./memory.ts";
import type { CacheCollection, CredentialCache } from "./types.ts";

/** Every type of cache: one file in this folder, and one line here. */
export const cacheTypes: readonly CacheType[] = [fileCache, dirCache, memoryCache, kcmCache];

/** Types that exist and cannot be had here, with what to do instead. */
const elsewhere: ReadonlyMap<string, string> = new Map([
  ["KEYRING", "the kernel's keyring cannot be reached from JavaScript; set KRB5CCNAME to FILE:, DIR: or KCM:"],
  ["API", "the credentials API of macOS needs native code; run kinit with KRB5CCNAME set to FILE: or KCM:"],
  ["MSLSA", "the ticket cache of Windows needs native code; run kinit with KRB5CCNAME set to FILE:"],
]);

/**
 * Opens a credential cache by its name: `FILE:/path` or a path, `DIR:/dir`, `MEMORY:name`, `KCM:name`. Nothing is read
 * yet.
 *
 * Throws CredentialError `CCACHE` for a type that is unknown or cannot be had here, and says what to use instead.
 *
 * ```ts
 * const cache = openCache("FILE:/tmp/krb5cc_1000", { files, randomBytes: provider.randomBytes });
 * const contents = await cache.read();
 * ```
 */
export function openCache(name: string, host: CacheHost): CredentialCache {
  const { type, residual } = parseCacheName(name);
  return type.open(residual, host);
}

/** The collection that a name belongs to; undefined if its type has none. */
export function openCollection(name: string, host: CacheHost): CacheCollection | undefined {
  const { type, residual } = parseCacheName(name);
  return type.openCollection?.(residual, host);
}

/** What stands before a colon may be anything. */
function shownType(text: string): string {
  return /^[A-Z]{2,10}$/.test(text) ? text : "what stands before its colon";
}

function parseCacheName(name: string): { readonly type: CacheType; readonly residual: string } {
  const colon = name.indexOf(":");
  // A path has no type, and a single letter is a drive of Windows.
  const isPath = colon <= 1 || /^[./]/.test(name);
  const wanted = isPath ? "FILE" : name.slice(0, colon);
  const type = cacheTypes.find((row) => row.type === wanted);
  if (type !== undefined) return { type, residual: isPath ? name : name.slice(colon + 1) };
  const known = cacheTypes.map((row) => `${row.type}:`).join(", ");
  throw cacheError(
    name,
    elsewhere.get(wanted) ?? `${shownType(wanted)} is not a type of cache; known types are ${known}`,
    {
      reason: "type",
    },
  );
}

export type { CacheHost, CacheType } from "./cache-type.ts";
export {
  type CredentialQuery,
  configValue,
  findCredential,
  START_REALM,
  tgtNameIn,
  wholeContents,
} from "./contents.ts";
export { shownCache } from "./failure.ts";
export { MemoryCaches } from "./memory-caches.ts";
export { type AcquireOptions, createStoreCache, type LoginNotes, StoreCache } from "./store.ts";
export { storeCacheChecks } from "./store-checks.ts";
export type { StoreCacheOptions } from "./store-options.ts";
export type {
  CacheCollection,
  CacheContents,
  CacheOptions,
  ConfigEntry,
  CredentialCache,
  NewCacheContents,
} from "./types.ts";
