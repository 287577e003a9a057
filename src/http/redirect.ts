/** A request as it is sent, and sent again elsewhere. */
export interface Outgoing {
  readonly url: URL;
  readonly init: RequestInit;
  readonly headers: Headers;
  readonly method: string;
  readonly body: BodyInit | null;
}

/** As many as the Fetch standard follows. */
export const MAX_REDIRECTS = 20;

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** What describes a body, and goes with it. */
const BODY_FIELDS = ["content-encoding", "content-language", "content-location", "content-length", "content-type"];
/** What is for one origin alone: rule H2 in SECURITY.md. */
const ORIGIN_FIELDS = ["authorization", "proxy-authorization", "cookie", "host"];

/** Where an answer leads; undefined if it does not. */
export function redirectOf(status: number, location: string | null, from: URL): URL | undefined {
  if (!REDIRECTS.has(status) || location === null) return undefined;
  let to: URL | undefined;
  try {
    to = new URL(location, from);
  } catch {
    // Node's error has the text in it, which may be a password's.
  }
  if (to?.protocol !== "https:" && to?.protocol !== "http:") {
    throw new TypeError("fetch failed: the server redirects to what is not http: or https:");
  }
  if (to.hash === "") to.hash = from.hash;
  if (to.username !== "" || to.password !== "") {
    throw new TypeError("fetch failed: the server redirects to a URL with a user name or password");
  }
  return to;
}

/**
 * The request for a redirect (the Fetch standard, "HTTP-redirect fetch"). Throws TypeError for a body that is spent.
 */
export function redirected(request: Outgoing, status: number, to: URL): Outgoing {
  const headers = new Headers(request.headers);
  if (to.origin !== request.url.origin) for (const name of ORIGIN_FIELDS) headers.delete(name);
  const toGet =
    (status === 303 && request.method !== "GET" && request.method !== "HEAD") ||
    ((status === 301 || status === 302) && request.method === "POST");
  if (toGet) {
    for (const name of BODY_FIELDS) headers.delete(name);
    return { ...request, url: to, headers, method: "GET", body: null };
  }
  if (isSpent(request.body)) {
    throw new TypeError(
      `fetch failed: the server redirects (HTTP ${status}), and the body is a stream, which cannot be sent again: give text or octets`,
    );
  }
  return { ...request, url: to, headers };
}

/** Whether a body can be sent once only. */
export function isSpent(body: unknown): boolean {
  if (body === null || typeof body !== "object") return false;
  // By what is used of it: hosts have several classes, and Node takes anything that can be iterated.
  return "getReader" in body || "next" in body || (Symbol.asyncIterator in body && !("arrayBuffer" in body));
}
