import { ConfigError } from "../errors.ts";
import { type Fetch, withDeadline } from "../host/index.ts";
import type { Trace } from "../trace.ts";
import { type Endpoint, parseEndpoint } from "./endpoint.ts";
import { type ExchangeLimits, exchangeWith } from "./kdc-exchange.ts";
import { KdcHealth } from "./kdc-health.ts";
import type { PlanningHost } from "./plan.ts";
import type { SpareConnections } from "./spare-connections.ts";

/** What goes with one exchange. */
export interface KdcSearch {
  readonly signal?: AbortSignal | undefined;
  /** Default: that of the transport. */
  readonly trace?: Trace | undefined;
}

/** How one request is made. */
export interface KdcRequestOptions extends KdcSearch {
  /** Connections for the requests that follow. */
  readonly spares?: SpareConnections | undefined;
  /** Asks the primary KDCs of the realm alone, which have the newest passwords. */
  readonly isForPrimary?: boolean;
  /** Takes where the answer came from. */
  readonly onAnswer?: ((answer: KdcAnswer) => void) | undefined;
}

/** Where an answer came from. */
export interface KdcAnswer {
  /** As `tcp://host:port`. */
  readonly endpoint: string;
  /** Whether it came by UDP: anybody who can guess a port could have sent it. */
  readonly isDatagram: boolean;
}

/** Asks the KDCs of a realm. */
export interface KdcTransport {
  /**
   * Sends a request to a KDC of `realm` and gives the octets of its answer, unchecked: a reply of the kind that belongs
   * to the request, or a KRB-ERROR. Throws as `exchangeWithKdc` does, and `ConfigError` `NO_KDC_FOR_REALM`.
   */
  exchange(realm: string, request: Uint8Array, options?: KdcRequestOptions): Promise<Uint8Array>;
  /**
   * Tells whether a realm names primary KDCs and what answered is none of them. Absent: no realm does.
   *
   * @param answered the endpoint that answered
   */
  hasOtherPrimary?(realm: string, answered: string, options?: KdcSearch): Promise<boolean>;
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
  /** The primary KDCs of a realm, likewise. Default: none is known. */
  readonly primaryKdcs?: KdcTransportOptions["kdcs"] | undefined;
  readonly trace?: Trace | undefined;
  /** The `fetch` for the HTTPS proxies of a realm, without a `fetch` for all; undefined: the runtime's. */
  readonly fetchOf?: ((realm: string) => Promise<Fetch | undefined>) | undefined;
  /** Milliseconds for which a KDC that failed is asked after the others; 60,000 unless given. 0: not at all. */
  readonly failedKdcRestMs?: number | undefined;
}

/** As `createKdcTransport`, over the transports that are given. */
export function createKdcTransportWith(options: KdcTransportOptions): KdcTransport {
  const { kdcs, primaryKdcs = () => [], fetchOf, failedKdcRestMs = 60_000, ...rest } = options;
  const health = new KdcHealth(failedKdcRestMs);
  return {
    async exchange(realm, request, search = {}) {
      const { signal, trace = rest.trace, isForPrimary = false, onAnswer, spares } = search;
      const endpoints = await endpointsOf(isForPrimary ? primaryKdcs : kdcs, realm, { signal, trace });
      if (endpoints.length === 0) {
        throw new ConfigError(
          `no KDC for realm ${realm}: add it to the option \`kdc\`, for example { "${realm}": ["tcp://..."] }`,
          {
            code: "NO_KDC_FOR_REALM",
            realm,
            key: "kdc",
          },
        );
      }
      const hasProxy = endpoints.some(({ transport }) => transport === "kkdcp");
      const fetch = rest.fetch ?? (hasProxy ? await fetchOf?.(realm) : undefined);
      const asked = { ...rest, trace, fetch, realm, endpoints, request, signal, health, spares };
      const { reply, endpoint } = await exchangeWith(asked);
      onAnswer?.({ endpoint, isDatagram: endpoint.startsWith("udp:") });
      return reply;
    },
  };
}

/** The servers of a realm that a function names. */
export async function endpointsOf(
  those: KdcTransportOptions["kdcs"],
  realm: string,
  { signal, trace }: KdcSearch,
): Promise<readonly Endpoint[]> {
  const ask = (search: AbortSignal) => those(realm, { signal: search, trace });
  const what = `finding the KDCs of ${realm}`;
  const texts = await (signal === undefined ? ask(new AbortController().signal) : withDeadline(ask, { signal, what }));
  return texts.map((text) => parseEndpoint(text));
}
