import {
  type CacheCollection,
  type CacheContents,
  type CredentialCache,
  openCache,
  openCollection,
  shownCache,
} from "../../credentials/index.ts";
import { CredentialError, hasName } from "../../errors.ts";
import { formatPrincipal, type Principal, printableName } from "../../krb5/index.ts";
import { noteTo } from "../../trace.ts";
import type { CredentialHost } from "./credential-source.ts";

/** A cache that is there, and what is in it. */
export interface FoundCache {
  /** The cache itself: of a collection, one of its caches. */
  readonly cache: CredentialCache;
  /** What it held when it was looked at. */
  readonly contents: CacheContents;
}

/** Names of a whole collection; `DIR::/dir/tkt` and `KCM:0:mine` are one cache each. */
const NAMES_ALL = /^(?:DIR:(?!:)|KCM:$)/;

/** How many principals an error names. */
const MAX_NAMED = 5;

/** The collection that a name is of; undefined if it names one cache. */
export function collectionNamed(name: string | CredentialCache, host: CredentialHost): CacheCollection | undefined {
  return typeof name === "string" && NAMES_ALL.test(name) ? openCollection(name, host) : undefined;
}

/**
 * Goes through the caches that a name is of, the primary first: those of a collection (`DIR:/dir`, `KCM:`), or the one
 * cache. What cannot be read ends the search if it is the one cache; of a collection it is passed over with a note,
 * as libkrb5 does, since another login's cache must not keep this one from its tickets.
 */
export async function* cachesNamed(
  name: string | CredentialCache,
  host: CredentialHost,
): AsyncGenerator<FoundCache, void, undefined> {
  const collection = collectionNamed(name, host);
  if (collection === undefined) {
    const cache = typeof name === "string" ? openCache(name, host) : name;
    const contents = await cache.read();
    if (contents !== undefined) yield { cache, contents };
    return;
  }
  for (const cache of await collection.list()) {
    let contents: CacheContents | undefined;
    try {
      contents = await cache.read();
    } catch (error) {
      if (!hasName(error, "CredentialError")) throw error;
      noteTo(host.onTrace, `passed over in the collection: ${error.message}`);
    }
    if (contents !== undefined) yield { cache, contents };
  }
}

/**
 * Finds the cache of one principal among those that a name is of. Another's is never used in its place.
 *
 * Throws CredentialError `NO_CREDENTIAL` if no cache has it: the message names the principals that have tickets, and
 * says what to do.
 */
export async function findCacheOf(
  principal: Principal,
  name: string | CredentialCache,
  host: CredentialHost,
): Promise<FoundCache> {
  const wanted = formatPrincipal(principal);
  const others: Principal[] = [];
  for await (const found of cachesNamed(name, host)) {
    if (formatPrincipal(found.contents.principal) === wanted) return found;
    others.push(found.contents.principal);
  }
  const shown = shownCache(typeof name === "string" ? name : name.name);
  throw new CredentialError(
    "NO_CREDENTIAL",
    `${shown} has no tickets of ${printableName(principal)}${describeOthers(others)}: ` +
      `log in with kinit as ${printableName(principal)}, or name a cache with its tickets`,
    { principal: wanted },
  );
}

function describeOthers(others: readonly Principal[]): string {
  if (others.length === 0) return "";
  const more = others.length > MAX_NAMED ? ` and ${others.length - MAX_NAMED} more` : "";
  return ` (it has those of ${others.slice(0, MAX_NAMED).map(printableName).join(", ")}${more})`;
}
