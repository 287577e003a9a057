/** A request as a server has it: a `Request`, or what `node:http` gives. */
export interface IncomingRequest {
  /** GET and so on. */
  readonly method?: string | undefined;
  /** The whole URL in a `Request`, else the path. */
  readonly url?: string | undefined;
  /** Its header. */
  readonly headers:
    | { get(name: string): string | null }
    | Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The connection it came over, where one is known. */
  readonly socket?: object | null | undefined;
  /** Ends the wait for a replay cache or a key source: that of a `Request` aborts when its client is gone. */
  readonly signal?: AbortSignal | undefined;
  /** 2 and more: many requests share a connection at once. */
  readonly httpVersionMajor?: number | undefined;
}

/** A field of a request; undefined if it is not there, or empty. */
export function fieldOf({ headers }: IncomingRequest, name: string): string | undefined {
  // `Headers` takes no pseudo-field of HTTP/2.
  const value = !isHeaders(headers) ? headers[name] : name.startsWith(":") ? null : headers.get(name);
  const text = value === null || value === undefined || typeof value === "string" ? value : value.join(", ");
  return text === null || text === "" ? undefined : text;
}

/** Whether a request came over TLS, as its URL or its socket says. */
export function isOverTls({ url, socket }: IncomingRequest): boolean {
  return /^https:/i.test(url ?? "") || (socket as { readonly encrypted?: unknown } | undefined)?.encrypted === true;
}

/** The connection that a request has to itself; undefined where it is not known, or shared. */
export function connectionOf({ socket, httpVersionMajor = 1 }: IncomingRequest): object | undefined {
  return httpVersionMajor < 2 ? (socket ?? undefined) : undefined;
}

function isHeaders(headers: IncomingRequest["headers"]): headers is { get(name: string): string | null } {
  return typeof (headers as { readonly get?: unknown }).get === "function";
}
