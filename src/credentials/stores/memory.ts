import { equal } from "../../bytes/index.ts";
import { checkFunction, checkNumber, checkObject, checkOctets } from "../../checks/index.ts";
import type { KeyValueStore } from "./types.ts";

/** Values that are looked through for those that have ended; after that, each time that there are twice as many. */
const LEAST_SWEPT = 1_024;

/**
 * Makes a store in memory, for tests and for one process.
 *
 * @param now the clock, in milliseconds since the epoch. Default `Date.now`
 * @returns the store
 * @example
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { memoryStore } from "krb5-remctl/credentials";
 *
 * const cache = { store: memoryStore(), key: crypto.getRandomValues(new Uint8Array(32)) };
 * const client = createClient({ credentials: { principal: "alice@EXAMPLE.ORG", password }, cache });
 * ```
 */
export function memoryStore(now: () => number = Date.now): KeyValueStore {
  checkFunction("now", now);
  let sweepAt = LEAST_SWEPT;
  const entries = new Map<string, { readonly value: Uint8Array; readonly until: number }>();
  const find = (key: string): Uint8Array | undefined => {
    const entry = entries.get(key);
    if (entry !== undefined && entry.until > now()) return entry.value;
    entries.delete(key);
    return undefined;
  };
  const keep = (key: string, value: Uint8Array, ttlSeconds: number): void => {
    entries.set(key, { value: value.slice(), until: now() + ttlSeconds * 1000 });
    // Whose names nobody asks for again, as those of a replay cache, would stay for ever.
    if (entries.size < sweepAt) return;
    for (const name of entries.keys()) find(name);
    sweepAt = Math.max(LEAST_SWEPT, 2 * entries.size);
  };
  return {
    get: async (key) => find(key),
    set: async (key, value, options) => keep(key, value, secondsOf(value, options)),
    delete: async (key) => {
      entries.delete(key);
    },
    add: async (key, value, options) => {
      const ttlSeconds = secondsOf(value, options);
      if (find(key) !== undefined) return false;
      keep(key, value, ttlSeconds);
      return true;
    },
    deleteIf: async (key, value) => {
      checkOctets("value", value);
      const kept = find(key);
      return kept !== undefined && equal(kept, value) && entries.delete(key);
    },
  };
}

function secondsOf(value: Uint8Array, options: { readonly ttlSeconds: number }): number {
  checkOctets("value", value);
  checkObject("options", options);
  checkNumber("ttlSeconds", options.ttlSeconds, 0);
  return options.ttlSeconds;
}
