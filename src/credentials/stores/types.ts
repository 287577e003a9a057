/**
 * What a cache needs of a key-value store. Keys are of letters, digits, `:`, `-` and `_`; values are octets, and what
 * the library puts there is sealed.
 */
export interface KeyValueStore {
  /** The value of a key; undefined if it has none. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** Keeps a value; the store may forget it after `ttlSeconds`. */
  set(
    key: string,
    value: Uint8Array,
    options: {
      /** How long it is kept. */
      readonly ttlSeconds: number;
    },
  ): Promise<void>;
  /** Forgets a value; a missing key is not an error. */
  delete(key: string): Promise<void>;
  /**
   * Keeps a value if the key has none, as one step that nobody else can come between, and says whether it did. Absent
   * where the store lacks that step: then what must happen once happens about once.
   */
  add?(
    key: string,
    value: Uint8Array,
    options: {
      /** How long it is kept. */
      readonly ttlSeconds: number;
    },
  ): Promise<boolean>;
  /**
   * Forgets a value if the key still has this one, as one step, and says whether it did. Absent where the store has no
   * such step: then a lock that was held for long is left to end by itself.
   */
  deleteIf?(key: string, value: Uint8Array): Promise<boolean>;
}
