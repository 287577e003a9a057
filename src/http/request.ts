import type { Outgoing } from "./redirect.ts";

/**
 * What of a `Request` goes into another. Not `mode`: that of a request made by a script cannot be chosen everywhere.
 */
const KEPT = ["cache", "credentials", "integrity", "keepalive", "referrer", "referrerPolicy", "signal", "cf"] as const;

/** The parts of what `fetch` takes. A body of a `Request` is a stream, and so can be sent once, but in a page. */
export async function outgoing(input: string | URL | Request, init: RequestInit = {}): Promise<Outgoing> {
  const request = typeof input === "object" && "headers" in input ? input : undefined;
  const base = typeof location === "object" && location !== null ? location.href : undefined;
  const url = request === undefined ? new URL(String(input), base) : new URL(request.url);
  if (url.username !== "" || url.password !== "") {
    throw new TypeError("the URL has a user name or password in it: leave them out, a ticket says who calls");
  }
  const body = init.body ?? (request && (await bodyOf(request, base !== undefined))) ?? null;
  const kept: Record<string, unknown> = {};
  for (const name of request === undefined ? [] : KEPT) {
    const value = (request as unknown as Record<string, unknown>)[name];
    if (value !== undefined) kept[name] = value;
  }
  return {
    url,
    init: { ...kept, ...init, redirect: init.redirect ?? request?.redirect ?? "follow" },
    headers: new Headers(init.headers ?? request?.headers),
    method: methodOf(init.method ?? request?.method ?? "GET"),
    body,
  };
}

/** As the Fetch standard writes them; redirects look at it. */
function methodOf(method: string): string {
  return /^(?:delete|get|head|options|post|put)$/i.test(method) ? method.toUpperCase() : method;
}

/** Browsers send streams over HTTP/2 alone, if at all, and Firefox does not show the body of a request. */
async function bodyOf(request: Request, isInPage: boolean): Promise<BodyInit | null> {
  if (!isInPage) return request.body as BodyInit | null;
  const octets = await request.arrayBuffer();
  return octets.byteLength === 0 ? null : octets;
}
