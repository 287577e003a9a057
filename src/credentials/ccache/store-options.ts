import type { Principal } from "../../krb5/index.ts";
import type { TraceListener } from "../../trace.ts";
import type { KeyValueStore } from "../stores/index.ts";

/** Options for {@link createStoreCache}. */
export interface StoreCacheOptions {
  /** Where the sealed contents are kept. */
  readonly store: KeyValueStore;
  /** 16 or 32 random octets; or several, of which the first seals and any opens. Keep it apart from the store. */
  readonly key: Uint8Array | readonly Uint8Array[];
  /** Whose tickets: two programs with the same principal, store and key share them. */
  readonly principal: Principal;
  /** Sets the caches of one program apart from another's in the same store. Default `krb5:`. */
  readonly prefix?: string;
  /** Default: the host's. */
  readonly randomBytes?: (length: number) => Uint8Array;
  /** Seconds that a rejected secret rests. Default 300. */
  readonly restSeconds?: number;
  /** Seconds after which a process that began a login and never came back is taken for dead. Default 30. */
  readonly lockSeconds?: number;
  /** Gets each step as an event. */
  readonly onTrace?: TraceListener;
}
