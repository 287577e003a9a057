import { fieldOf, type IncomingRequest, isOverTls } from "./incoming.ts";

const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

/**
 * Why a request that changes something, or opens a WebSocket, is refused: a page of another origin made it (rule H10 in
 * SECURITY.md). Undefined for a request of a page of this host, of one that is allowed, and of a program, which names
 * no origin. A page that came without TLS could be anybody's: it is of another origin than a server with TLS.
 */
export function foreignOrigin(
  request: IncomingRequest,
  allowed: ReadonlySet<string>,
  isSecure: (request: IncomingRequest) => boolean = isOverTls,
): string | undefined {
  // RFC 6455 section 10.2: what a page reads and writes over a WebSocket is bound by no other rule of a browser.
  const isUpgrade = fieldOf(request, "upgrade") !== undefined;
  if (SAFE.has((request.method ?? "GET").toUpperCase()) && !isUpgrade) return undefined;
  const origin = fieldOf(request, "origin");
  const site = fieldOf(request, "sec-fetch-site");
  if (origin === undefined) {
    return site === "cross-site" || site === "same-site" ? "a page of another origin made the request" : undefined;
  }
  // A form of a page that sends no referrer (Fetch, "append a request Origin header"); no page can set the other field.
  if (origin === "null" && site === "same-origin") return undefined;
  if (allowed.has(origin)) return undefined;
  const host = hostOf(request.url) ?? fieldOf(request, "host") ?? fieldOf(request, ":authority");
  // An origin of another scheme has no host here.
  const isSameScheme = /^https:\/\//.test(origin) || !isSecure(request);
  if (host !== undefined && isSameScheme && hostOf(origin) === withoutPort(host, origin)) return undefined;
  return "a page of another origin made the request: list that origin in allowedOrigins if it may";
}

/** A host as origins have it: proxies write the scheme's own port too (`Host: www.example.org:443`). */
function withoutPort(host: string, origin: string): string {
  return host.toLowerCase().replace(origin.startsWith("https:") ? /:443$/ : /:80$/, "");
}

function hostOf(url: string | undefined): string | undefined {
  return /^https?:\/\/([^/?#]+)/i.exec(url ?? "")?.[1]?.toLowerCase();
}
