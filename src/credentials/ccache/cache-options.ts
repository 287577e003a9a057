import { type Checks, checkOptions, checkSignal } from "../../checks/index.ts";
import type { CacheOptions } from "./types.ts";

const cacheChecks: Checks<CacheOptions> = { signal: checkSignal };

/** Checks the options of a method of a cache. Throws TypeError: the caller's mistake. */
export function checkCacheOptions(options: CacheOptions): void {
  checkOptions("the method of the cache", options, cacheChecks);
}
