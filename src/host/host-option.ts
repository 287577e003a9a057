import { refuse } from "../checks/index.ts";
import { splitHostPort } from "./host-port.ts";

/** Of a name in DNS, as text (RFC 1035 section 2.3.4). */
const MAX_NAME = 253;

/**
 * Checks the name or the address of a host, without a port: what would be looked up as a name that nobody has. Throws
 * TypeError: the caller's mistake.
 */
export function checkHost(name: string, value: unknown): void {
  if (typeof value !== "string" || value === "") refuse(name, value, "the name or the address of a host");
  if (value.includes("://")) throw new TypeError(`${name} is a URL: give the name of the host alone`);
  const place = splitHostPort(value);
  if (place === undefined) {
    throw new TypeError(`${name} is not the name or the address of a host: give one, for example server.example.org`);
  }
  if (place.host.length > MAX_NAME) {
    throw new TypeError(`${name} has ${place.host.length} characters: the name of a host has ${MAX_NAME} at most`);
  }
  if (place.port !== undefined) {
    throw new TypeError(`${name} has a port in it: give the host alone, and the port as the option port`);
  }
  if (place.host !== value) throw new TypeError(`${name} is an IPv6 address in brackets: leave the brackets out`);
}
