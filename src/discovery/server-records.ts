import { decodeText } from "../bytes/index.ts";
import type { Trace } from "../trace.ts";
import { MAX_SERVERS, parseEndpoint } from "../transport/index.ts";
import type { DnsRecord } from "./dns/index.ts";
import { isHostName } from "./dns/name.ts";
import { formatPlace } from "./endpoints.ts";
import type { ServiceHost } from "./types.ts";
import { type Weighted, weightedOrder } from "./weighted-order.ts";

/** A server by its SRV records: by which transports it is there. */
interface Place extends Weighted {
  readonly host: string;
  readonly port: number;
  readonly transports: Set<"udp" | "tcp">;
}

/** A host has 253 characters, and the path of a KDC proxy a few: more would only fill messages. */
const MAX_URI_CHARACTERS = 1_024;

/**
 * Servers by SRV records (RFC 2782, RFC 4120 section 7.2.3.2) as endpoints in the order to try: `udp://`, `tcp://`, or
 * a bare `host:port` for one that has both. A record that names no host or no port is ignored.
 */
export function endpointsOfSrv(
  udp: readonly DnsRecord<"srv">[],
  tcp: readonly DnsRecord<"srv">[],
  trace: Trace,
  random: () => number,
): readonly string[] {
  const places = new Map<string, Place>();
  for (const [transport, records] of [["udp", udp] as const, ["tcp", tcp] as const]) {
    for (const { name, data } of records) {
      const { target: host, port, priority, weight } = data;
      if (!isUsable(name, host, port, trace)) continue;
      const key = `${host}:${port}`;
      const place = places.get(key) ?? { host, port, priority, weight, transports: new Set() };
      place.transports.add(transport);
      places.set(key, place);
    }
  }
  return atMost(weightedOrder([...places.values()], random), trace).map(({ host, port, transports }) => {
    const [only] = transports.size === 1 ? transports : [];
    return only === undefined ? formatPlace(host, port) : `${only}://${formatPlace(host, port)}`;
  });
}

/**
 * The hosts of SRV records in the order to try; none if the only target is `.` (RFC 2782: "decidedly not available").
 */
export function hostsOfSrv(
  records: readonly DnsRecord<"srv">[],
  trace: Trace,
  random: () => number,
): readonly ServiceHost[] {
  const usable = records.filter(({ name, data }) => isUsable(name, data.target, data.port, trace));
  const ordered = weightedOrder(
    usable.map(({ data }) => data),
    random,
  );
  return atMost(ordered, trace).map(({ target, port }) => ({ host: target, port }));
}

function isUsable(name: string, host: string, port: number, trace: Trace): boolean {
  if (host === "") return false;
  if (isHostName(host) && port !== 0) return true;
  trace({ type: "note", text: `an SRV record of ${name} passed over: it leads to no host and port` });
  return false;
}

/** What a `krb5srv` URI says. */
export interface UriServer {
  /** As `parseEndpoint` takes it. */
  readonly endpoint: string;
  /** It has the newest passwords. */
  readonly isPrimary: boolean;
}

/**
 * Servers by URI records (RFC 7553), in the order to try: `krb5srv:FLAGS:TRANSPORT:HOST[:PORT]`, TRANSPORT `udp`, `tcp`
 * or `kkdcp` with a URL for HOST. Anything else is ignored.
 */
export function serversOfUri(
  records: readonly DnsRecord<"uri">[],
  defaultPort: number,
  trace: Trace,
  random: () => number,
): readonly UriServer[] {
  const found = records.flatMap(({ name, data }) => {
    const server = parseServerUri(decodeText(data.target), defaultPort);
    if (server !== undefined) return [{ ...data, ...server }];
    trace({
      type: "note",
      text: `a URI record of ${name} passed over: it is not a krb5srv: URI with a known transport`,
    });
    return [];
  });
  return atMost(weightedOrder(found, random), trace);
}

function atMost<T>(servers: readonly T[], trace: Trace): readonly T[] {
  if (servers.length <= MAX_SERVERS) return servers;
  trace({ type: "note", text: `DNS names ${servers.length} servers: the first ${MAX_SERVERS} are tried, and no more` });
  return servers.slice(0, MAX_SERVERS);
}

/** The server that a URI names; undefined for any other URI. */
export function parseServerUri(text: string, defaultPort: number): UriServer | undefined {
  if (text.length > MAX_URI_CHARACTERS) return undefined;
  const match = /^krb5srv:([^:]*):(udp|tcp|kkdcp):(.+)$/i.exec(text);
  if (match === null) return undefined;
  const [, flags = "", transport = "", place = ""] = match;
  // Flags that are not known mean nothing here.
  const isPrimary = flags.toLowerCase().includes("m");
  if (transport.toLowerCase() === "kkdcp") {
    if (!/^https:\/\//i.test(place)) return undefined;
    return readable({ endpoint: place, isPrimary });
  }
  const hasPort = /^(?:\[[^\]]*\]|[^:[\]]*):/.test(place);
  return readable({ endpoint: `${transport.toLowerCase()}://${place}${hasPort ? "" : `:${defaultPort}`}`, isPrimary });
}

function readable(server: UriServer): UriServer | undefined {
  try {
    const { host, transport } = parseEndpoint(server.endpoint);
    return transport === "kkdcp" || host.includes(":") || isHostName(host) ? server : undefined;
  } catch {
    return undefined;
  }
}
