import { shownPlace } from "../bytes/index.ts";
import { parsePort, splitHostPort } from "../host/index.ts";

/** How a KDC is spoken to. */
export type TransportName = "tcp" | "udp" | "kkdcp";

/** Where a KDC, or a proxy in front of it, is. */
export interface Endpoint {
  /** undefined: UDP, then TCP, or the other way round for a long request. */
  readonly transport: TransportName | undefined;
  /** A name or an address, an IPv6 one without brackets. */
  readonly host: string;
  /** 1 to 65,535. */
  readonly port: number;
  /** Of a proxy: the whole URL. */
  readonly url?: string;
}

/** More servers of DNS than any realm has are not tried: one answer must not make a thousand connections. */
export const MAX_SERVERS = 32;

/** Kerberos (RFC 4120 section 7.2). */
const kdcPort = 88;

/**
 * Parses where a KDC is: `tcp://host:port`, `udp://host`, a bare `host` or `host:port` (UDP, then TCP), `[v6]:port`,
 * or the `https://` URL of a proxy (MS-KKDCP). The default port is 88 unless given.
 *
 * Throws `TypeError` for any other text: the caller's mistake.
 *
 * ```ts
 * parseEndpoint("tcp://kdc.example.org"); // { transport: "tcp", host: "kdc.example.org", port: 88 }
 * ```
 */
export function parseEndpoint(text: string, defaultPort: number = kdcPort): Endpoint {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(text);
  switch (scheme?.[1]?.toLowerCase()) {
    case undefined:
      return parseHostAndPort(text, text, undefined, defaultPort);
    case "tcp":
      return parseHostAndPort(text, text.slice(6), "tcp", defaultPort);
    case "udp":
      return parseHostAndPort(text, text.slice(6), "udp", defaultPort);
    case "https":
      return parseProxy(text);
    case "http":
      throw new TypeError(
        `the proxy "${shownPlace(text)}" is not safe: it must be https, so that its certificate is checked`,
      );
    default:
      throw refuse(text, "its scheme is not tcp, udp or https");
  }
}

/** The endpoint as reports and traces show it: `tcp://host:port`, or a proxy's URL without its query. */
export function formatEndpoint({ transport, host, port, url }: Endpoint): string {
  if (url !== undefined) return url.split(/[?#]/, 1)[0] as string;
  const name = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  return transport === undefined ? name : `${transport}://${name}`;
}

function parseHostAndPort(
  text: string,
  rest: string,
  transport: TransportName | undefined,
  defaultPort: number,
): Endpoint {
  const { host, port } = splitHostPort(rest) ?? {};
  if (host === undefined) throw refuse(text, "it has no host, or more than a host and a port");
  if (host.includes(":") && !isIpv6(host)) throw refuse(text, "its host is not an IPv6 address");
  if (port === undefined) return { transport, host, port: defaultPort };
  const number = parsePort(port);
  if (number === undefined) throw refuse(text, "its port is not a number from 1 to 65535");
  return { transport, host, port: number };
}

function isIpv6(address: string): boolean {
  try {
    return new URL(`http://[${address.split("%", 1)[0]}]/`).hostname !== "";
  } catch {
    return false;
  }
}

function parseProxy(text: string): Endpoint {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw refuse(text, "it is not a URL");
  }
  // `fetch` refuses them too, and an error would show them.
  if (url.username !== "" || url.password !== "") {
    throw new TypeError(`the URL of the KDC proxy at ${url.host} has a user name or password in it: leave them out`);
  }
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return { transport: "kkdcp", host, port: url.port === "" ? 443 : Number(url.port), url: url.href };
}

function refuse(text: string, reason: string): TypeError {
  return new TypeError(
    `"${shownPlace(text)}" is not a server: ${reason}; write tcp://host:port, udp://host:port, host, host:port or https://host/KdcProxy`,
  );
}
