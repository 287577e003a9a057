import type { Principal } from "../../krb5/index.ts";
import type { TraceListener } from "../../trace.ts";
import type { KeyValueStore } from "../stores/index.ts";

/** Options for {@link createStoreCache}. */
export interface StoreCacheOptions {
  /** Where the sealed contents are kept. */
  readonly store: KeyValueStore;
  /** 16 or 32 random octets; or several, of which the first seals and any opens. Keep it apart from the store. */
  readonly key: Uint8Array | readonly Uint8Array[];
  /** Whose tickets: two programs with the same principal, secret, store and key share them. */
  readonly principal: Principal;
  /**
   * Octets that the secret of the principal alone has, as `Secret.identity` gives them: tickets that were had with one
   * secret are found with that one only. A client binds a cache to its secret itself. Default: the cache is that of
   * programs without a secret.
   */
  readonly secret?: Uint8Array | undefined;
  /**
   * Passes over what was sealed before this time: what an owner of the store kept and put back after you destroyed the
   * cache. Default: all counts that has not ended.
   */
  readonly notBefore?: Date | undefined;
  /** Sets the caches of one program apart from another's in the same store. Default `krb5:`. */
  readonly prefix?: string | undefined;
  /** Default: the host's. */
  readonly randomBytes?: ((length: number) => Uint8Array) | undefined;
  /** Seconds that a rejected secret rests. Default 300. */
  readonly restSeconds?: number | undefined;
  /** Seconds after which a process that began a login and never came back is taken for dead. Default 30. */
  readonly lockSeconds?: number | undefined;
  /** Gets each step as an event. */
  readonly onTrace?: TraceListener | undefined;
}
