/** A place as text has it: `host`, `host:port`, `[v6]:port` or a bare IPv6 address. */
export interface HostAndPort {
  /** A name or an address, an IPv6 one without brackets. */
  readonly host: string;
  /** What stands after the colon, unchecked; undefined without a colon. */
  readonly port: string | undefined;
}

/** A name of DNS has 253 characters; an address with a zone and a port is shorter. */
const MAX_LENGTH = 320;

/**
 * Splits a place into host and port. More than one colon and no brackets is an IPv6 address with no port. The cost is
 * linear: strangers name places too, for example in a DNS record.
 *
 * @param text - The place, at most 320 characters.
 * @returns Host and port, or undefined if the text is not a place.
 */
export function splitHostPort(text: string): HostAndPort | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  if (text.startsWith("[")) {
    const end = text.indexOf("]");
    const host = text.slice(1, Math.max(end, 1));
    const rest = text.slice(end + 1);
    if (end < 0 || !ADDRESS.test(host) || (rest !== "" && !rest.startsWith(":"))) return undefined;
    return { host, port: rest === "" ? undefined : rest.slice(1) };
  }
  const colon = text.indexOf(":");
  if (colon >= 0 && text.includes(":", colon + 1) && ADDRESS.test(text)) return { host: text, port: undefined };
  const host = colon < 0 ? text : text.slice(0, colon);
  if (!NAME.test(host)) return undefined;
  return { host, port: colon < 0 ? undefined : text.slice(colon + 1) };
}

const ADDRESS = /^[0-9A-Fa-f:.]+(?:%[\w.-]+)?$/;
const NAME = /^[^\s\p{Cc}:/?#@[\]]+$/u;

/** A port from 1 to 65,535 as digits; undefined for any other text. */
export function parsePort(text: string): number | undefined {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}
