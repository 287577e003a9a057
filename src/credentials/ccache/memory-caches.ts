import type { CacheContents } from "./types.ts";

/** The `MEMORY:` caches of one program: a value to pass on, so that two programs in one process do not share tickets. */
export class MemoryCaches {
  /** What each cache holds, by its name without `MEMORY:`. */
  readonly contents: Map<string, CacheContents> = new Map();
  /** The name of the primary cache, if one was made primary. */
  primary: string | undefined;
}
