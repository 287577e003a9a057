import { shownPlace } from "../bytes/index.ts";
import { checkList, checkString, refuse } from "../checks/index.ts";

/** Which servers may get a token: their origins, for example `https://intranet.example.org`, or a function. */
export type Origins = readonly string[] | ((url: URL) => boolean);

const EXPECTED = "origins such as https://intranet.example.org, or a function";

/** Checks the option `origins`. */
export function checkOrigins(name: string, value: unknown): void {
  if (typeof value === "function") return;
  if (!Array.isArray(value)) refuse(name, value, `an array of ${EXPECTED}`);
  checkList(name, value, (at, one) => {
    checkString(at, one);
    originOf(at, one as string);
  });
}

/** An origin as `URL` writes it; a path, a wildcard or another scheme is refused. */
export function originOf(name: string, text: string): string {
  let url: URL | undefined;
  try {
    url = new URL(text);
  } catch {
    // Refused below.
  }
  if (url === undefined || !/^https?:\/\/[^/?#@*]+\/?$/i.test(text)) {
    throw new TypeError(
      `${name} is "${shownPlace(text)}": it must be an origin, as https://host or http://host:8080, without a path`,
    );
  }
  return url.origin;
}

/** Whether a token may go to a URL: rule H1 in SECURITY.md. */
export function originFilter(origins: Origins): (url: URL) => boolean {
  if (typeof origins === "function") return (url) => isHttp(url) && origins(new URL(url.origin)) === true;
  const listed = new Set(origins.map((one) => originOf("origins", one)));
  return (url) => isHttp(url) && listed.has(url.origin);
}

function isHttp({ protocol }: URL): boolean {
  return protocol === "https:" || protocol === "http:";
}

/** A URL of http: or https:, those of a WebSocket as the request that opens it has them. */
export function httpUrl(url: string | URL): URL {
  const parsed = new URL(url);
  if (parsed.protocol === "ws:") parsed.protocol = "http:";
  if (parsed.protocol === "wss:") parsed.protocol = "https:";
  return parsed;
}
