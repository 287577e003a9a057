import { fieldOf, type IncomingRequest } from "./incoming.ts";

const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

/**
 * Why a request that changes something is refused: a page of another origin made it (rule H10 in SECURITY.md).
 * Undefined for a request of a page of this host, of one that is allowed, and of a program, which names no origin.
 */
export function foreignOrigin(request: IncomingRequest, allowed: ReadonlySet<string>): string | undefined {
  if (SAFE.has((request.method ?? "GET").toUpperCase())) return undefined;
  const origin = fieldOf(request, "origin");
  if (origin === undefined) {
    const site = fieldOf(request, "sec-fetch-site");
    return site === "cross-site" || site === "same-site" ? "a page of another origin made the request" : undefined;
  }
  if (allowed.has(origin)) return undefined;
  const host = hostOf(request.url) ?? fieldOf(request, "host") ?? fieldOf(request, ":authority");
  if (host !== undefined && /^https?:\/\//.test(origin) && hostOf(origin) === host.toLowerCase()) return undefined;
  return "a page of another origin made the request: list that origin in allowedOrigins if it may";
}

function hostOf(url: string | undefined): string | undefined {
  return /^https?:\/\/([^/?#]+)/i.exec(url ?? "")?.[1]?.toLowerCase();
}
