import { encodeBase64 } from "../../bytes/index.ts";
import { checkMethods } from "../../checks/index.ts";
import type { KeyValueStore } from "./types.ts";
import { octetsOf } from "./value.ts";

/** The part of an `unstorage` storage that is used. */
export interface UnstorageLike {
  /** The value of a key; null if it has none. */
  getItem(key: string): Promise<unknown>;
  /** Keeps a value; drivers that can forget it after `ttl` seconds. */
  setItem(
    key: string,
    value: string,
    options?: {
      /** Seconds. */
      readonly ttl?: number;
    },
  ): Promise<void> | void;
  /** Forgets a value. */
  removeItem(key: string): Promise<void> | void;
}

/** No JSON begins so: what a driver parses comes back as it was. */
const MARK = "b64.";

/**
 * Makes a store over any driver of `unstorage`. Some drivers keep values forever whatever their lifetime (a ticket
 * that has ended is not used), and none adds in one step: of many processes that start at once, more than one may log
 * in.
 *
 * @param storage what `createStorage({ driver })` of `unstorage` gives
 * @returns the store
 * @example
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { unstorageStore } from "krb5-remctl/credentials";
 *
 * const cache = { store: unstorageStore(storage), key: octets };
 * const client = createClient({ credentials: { principal: "alice@EXAMPLE.ORG", password }, cache });
 * ```
 */
export function unstorageStore(storage: UnstorageLike): KeyValueStore {
  checkMethods("storage", storage, "getItem", "setItem", "removeItem");
  return {
    async get(key) {
      const value = await storage.getItem(key);
      if (typeof value !== "string" || !value.startsWith(MARK)) return undefined;
      return octetsOf(value.slice(MARK.length));
    },
    async set(key, value, { ttlSeconds }) {
      await storage.setItem(key, MARK + encodeBase64(value), { ttl: Math.max(1, Math.ceil(ttlSeconds)) });
    },
    async delete(key) {
      await storage.removeItem(key);
    },
  };
}
