import type { KeyValueStore } from "./types.ts";

/** A store in memory, for tests and for one process. `now` is milliseconds since the epoch. */
export function memoryStore(now: () => number = Date.now): KeyValueStore {
  const entries = new Map<string, { readonly value: Uint8Array; readonly until: number }>();
  const find = (key: string): Uint8Array | undefined => {
    const entry = entries.get(key);
    if (entry !== undefined && entry.until > now()) return entry.value;
    entries.delete(key);
    return undefined;
  };
  const keep = (key: string, value: Uint8Array, ttlSeconds: number): void => {
    entries.set(key, { value: value.slice(), until: now() + ttlSeconds * 1000 });
  };
  return {
    get: async (key) => find(key),
    set: async (key, value, { ttlSeconds }) => keep(key, value, ttlSeconds),
    delete: async (key) => {
      entries.delete(key);
    },
    add: async (key, value, { ttlSeconds }) => {
      if (find(key) !== undefined) return false;
      keep(key, value, ttlSeconds);
      return true;
    },
  };
}
