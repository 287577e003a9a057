import type { CacheContents } from "./types.ts";

/** The `MEMORY:` caches of one program: a value to pass on, so that two programs in one process do not share tickets. */
export class MemoryCaches {
  readonly contents: Map<string, CacheContents> = new Map();
  primary: string | undefined;
}
