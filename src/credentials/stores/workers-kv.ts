import { checkMethods } from "../../checks/index.ts";
import type { KeyValueStore } from "./types.ts";

/** The part of a KV namespace of Cloudflare Workers that is used. */
export interface KvNamespaceLike {
  /** The value of a key; null if it has none. */
  get(key: string, type: "arrayBuffer"): Promise<ArrayBuffer | null>;
  /** Keeps a value for `expirationTtl` seconds. */
  put(
    key: string,
    value: Uint8Array,
    options: {
      /** Seconds. */
      readonly expirationTtl: number;
    },
  ): Promise<void>;
  /** Forgets a value. */
  delete(key: string): Promise<void>;
}

const LEAST_TTL_SECONDS = 60;

/**
 * Makes a store in Workers KV. What is written in one place is seen in others up to a minute later, and nothing is
 * added in one step: Workers that start at once in several places each log in.
 *
 * @param namespace the binding of the namespace
 * @returns the store
 * @example
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { workersKvStore } from "krb5-remctl/credentials";
 *
 * const cache = { store: workersKvStore(env.TICKETS), key: octets };
 * const client = createClient({ credentials: { principal: "alice@EXAMPLE.ORG", password }, cache });
 * ```
 */
export function workersKvStore(namespace: KvNamespaceLike): KeyValueStore {
  checkMethods("namespace", namespace, "get", "put", "delete");
  return {
    async get(key) {
      const value = await namespace.get(key, "arrayBuffer");
      return value === null ? undefined : new Uint8Array(value);
    },
    async set(key, value, { ttlSeconds }) {
      await namespace.put(key, value, { expirationTtl: Math.max(LEAST_TTL_SECONDS, Math.ceil(ttlSeconds)) });
    },
    async delete(key) {
      await namespace.delete(key);
    },
  };
}
