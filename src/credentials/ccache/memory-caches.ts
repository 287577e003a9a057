import type { CacheContents } from "./types.ts";

/**
 * The `MEMORY:` caches of one program: a value to pass on, so that two programs in one process do not share tickets.
 *
 * @example
 * ```ts
 * import { cacheHost, MemoryCaches, openCache } from "krb5-remctl/credentials";
 *
 * const host = { ...cacheHost(), memory: new MemoryCaches() };
 * const cache = openCache("MEMORY:mine", host);
 * ```
 */
export class MemoryCaches {
  /** What each cache holds, by its name without `MEMORY:`. */
  readonly contents: Map<string, CacheContents> = new Map();
  /** The name of the primary cache, if one was made primary. */
  primary: string | undefined;
}
