import { type Checks, checkMethods, checkOptions, checkString } from "../checks/index.ts";
import type { KeyValueStore } from "../credentials/index.ts";
import type { ReplayCache } from "../krb5/index.ts";

/** Options for {@link storeReplayCache}. */
export interface StoreReplayCacheOptions {
  /** Where the authenticators are: it must have `add`, which looks and sets in one step. */
  readonly store: KeyValueStore;
  /** What the name of each value begins with. Default `krb5-replay:`. */
  readonly prefix?: string | undefined;
}

const storeReplayCacheChecks: Checks<StoreReplayCacheOptions> = { store: [checkMethods, "add"], prefix: checkString };

/** Whether there is a value is all that counts. */
const SEEN: Uint8Array = Uint8Array.of(1);

/**
 * Makes a replay cache in a key-value store, for all processes that have the same key, and for one that is started anew
 * (RFC 4120 section 3.2.3). The store must keep what it has: one that lets values go before their time to make room for
 * others lets authenticators pass again. It has no shares: how many values there may be is the store's to say.
 *
 * @param options the store, and the prefix of its names
 * @returns the cache, for the option `replayCache` of an acceptor
 * @throws TypeError for a store without `add`: the caller's mistake
 * @example
 * ```ts
 * import { redisStore } from "krb5-remctl/credentials";
 * import { createAcceptor, storeReplayCache } from "krb5-remctl/gssapi";
 *
 * const replayCache = storeReplayCache({ store: redisStore(redis) });
 * const acceptor = createAcceptor({ keytab: octets, replayCache });
 * ```
 */
export function storeReplayCache(options: StoreReplayCacheOptions): ReplayCache {
  checkOptions("storeReplayCache", options, storeReplayCacheChecks);
  const { store, prefix = "krb5-replay:" } = options;
  checkMethods("store", store, "add", "get?", "set?", "delete?", "deleteIf?");
  return {
    async remember({ tag, keepUntil }, nowMs) {
      const ttlSeconds = Math.max(1, Math.ceil((keepUntil.getTime() - nowMs) / 1000) + 1);
      return (await store.add?.(`${prefix}${tag}`, SEEN, { ttlSeconds })) === true;
    },
  };
}
