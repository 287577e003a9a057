import { ConfigError } from "../errors.ts";
import { type Fetch, withDeadline } from "../host/index.ts";
import type { Trace } from "../trace.ts";
import { parseEndpoint } from "./endpoint.ts";
import { type ExchangeLimits, exchangeWith } from "./kdc-exchange.ts";
import { KdcHealth } from "./kdc-health.ts";
import type { PlanningHost } from "./plan.ts";

/** What goes with one exchange. */
export interface KdcSearch {
  readonly signal?: AbortSignal | undefined;
  /** Default: that of the transport. */
  readonly trace?: Trace | undefined;
}

/** Asks the KDCs of a realm. */
export interface KdcTransport {
  /**
   * Sends a request to a KDC of `realm` and gives the octets of its answer, unchecked: a reply of the kind that belongs
   * to the request, or a KRB-ERROR. Throws as `exchangeWithKdc` does, and `ConfigError` `NO_KDC_FOR_REALM`.
   */
  exchange(realm: string, request: Uint8Array, options?: KdcSearch): Promise<Uint8Array>;
}

/** Options for {@link createKdcTransportWith}. */
export interface KdcTransportOptions extends PlanningHost, ExchangeLimits {
  /**
   * The KDCs of a realm in the order of preference, in the form that `parseEndpoint` reads; an empty list if they are
   * not known.
   */
  readonly kdcs: (
    realm: string,
    options: KdcSearch & { readonly signal: AbortSignal },
  ) => readonly string[] | Promise<readonly string[]>;
  readonly trace?: Trace | undefined;
  /** The `fetch` for the HTTPS proxies of a realm, where there is no `fetch` for all; undefined: the runtime's. */
  readonly fetchOf?: ((realm: string) => Promise<Fetch | undefined>) | undefined;
  /** Milliseconds for which a KDC that failed is asked after the others; 60,000 unless given. 0: not at all. */
  readonly failedKdcRestMs?: number | undefined;
}

/** As `createKdcTransport`, over the transports that are given. */
export function createKdcTransportWith(options: KdcTransportOptions): KdcTransport {
  const { kdcs, fetchOf, failedKdcRestMs = 60_000, ...rest } = options;
  const health = new KdcHealth(failedKdcRestMs);
  return {
    async exchange(realm, request, { signal, trace = rest.trace } = {}) {
      const what = `finding the KDCs of ${realm}`;
      const texts = await withDeadline((search) => kdcs(realm, { signal: search, trace }), { signal, what });
      const endpoints = texts.map((text) => parseEndpoint(text));
      if (endpoints.length === 0) {
        throw new ConfigError(
          `there is no KDC for realm ${realm}: add it to the option \`kdc\`, as { "${realm}": ["tcp://..."] }`,
          {
            code: "NO_KDC_FOR_REALM",
            realm,
            key: "kdc",
          },
        );
      }
      const hasProxy = endpoints.some(({ transport }) => transport === "kkdcp");
      const fetch = rest.fetch ?? (hasProxy ? await fetchOf?.(realm) : undefined);
      const { reply } = await exchangeWith({ ...rest, trace, fetch, realm, endpoints, request, signal, health });
      return reply;
    },
  };
}
