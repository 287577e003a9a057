import type { Connection, Files } from "../../host/index.ts";
import type { TraceListener } from "../../trace.ts";
import type { MemoryCaches } from "./memory-caches.ts";
import type { CacheCollection, CredentialCache } from "./types.ts";

/** What of a host the caches use; a type whose member is absent says so in an error. */
export interface CacheHost {
  /** For `FILE:` and `DIR:`. */
  readonly files?: Files | undefined;
  /**
   * The number of another user whose `FILE:` and `DIR:` caches count as one's own, for example of a sidecar that fills
   * the cache. Default: none.
   */
  readonly trustOwner?: number | undefined;
  /** For `KCM:`. */
  readonly connectUnix?:
    | ((path: string, options?: { readonly signal?: AbortSignal }) => Promise<Connection>)
    | undefined;
  /** As `CryptoProvider.randomBytes`. */
  readonly randomBytes: (length: number) => Uint8Array;
  /** The `MEMORY:` caches of a program, which share their names; default: each is alone. */
  readonly memory?: MemoryCaches | undefined;
  /** `kcm_socket`. Default: `/var/run/.heim_org.h5l.kcm-socket`. */
  readonly kcmSocket?: string | undefined;
  /** Hears what a cache does without being asked, as events of the type `note`. */
  readonly onTrace?: TraceListener | undefined;
}

/** A row of the registry. */
export interface CacheType {
  /** What stands before the colon. */
  readonly type: string;
  /** `residual` is what stands after the colon. No I/O is done. */
  open(residual: string, host: CacheHost): CredentialCache;
  /** The caches that share a `residual`; absent for a type without collections. */
  openCollection?(residual: string, host: CacheHost): CacheCollection;
}
