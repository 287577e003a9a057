import { type Checks, checkBoolean, checkFunction, checkMethods } from "../checks/index.ts";
import { readBody } from "../host/index.ts";
import { checkNegotiateOptions, type NegotiateOptions, negotiateChecks } from "./client-options.ts";
import { ConnectionPool, type HttpConnections, IDEMPOTENT, Line } from "./connections.ts";
import type { NegotiateExchange } from "./exchange.ts";
import { SERVER_FIELDS } from "./field.ts";
import { learnedOver } from "./learned.ts";
import { makeNegotiator, type Negotiator } from "./negotiator.ts";
import { isSpent, MAX_REDIRECTS, type Outgoing, redirected, redirectOf } from "./redirect.ts";
import { refuseBound, severalTokens, spentBody } from "./refusals.ts";
import { outgoing } from "./request.ts";

/** Options for {@link negotiateFetch}. */
export interface NegotiateFetchOptions extends NegotiateOptions {
  /** What requests go through. Default: the host's `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /**
   * Connections of this credential's alone, in place of `fetch`: for servers that authenticate connections, and for
   * those that want channel bindings. `nodeConnections()` makes them.
   */
  readonly connections?: HttpConnections | undefined;
  /**
   * Says that the connections of `fetch` are this credential's alone: of a dispatcher or agent that nobody else uses.
   * Then a server may authenticate a connection for all that follows on it. Default false: such a server is refused.
   */
  readonly ownsConnections?: boolean | undefined;
}

const fetchChecks: Checks<NegotiateFetchOptions> = {
  ...negotiateChecks,
  fetch: checkFunction,
  connections: [checkMethods, "open"],
  ownsConnections: checkBoolean,
};

/**
 * Makes a `fetch` that authenticates with Kerberos where a listed server asks for it (RFC 4559, HTTP Negotiate). Each
 * request has a token that is good once. The server's proof is checked before the answer is given. Redirects are
 * followed here: no token goes along, and one is made for the next place if it is listed.
 *
 * @param options the credential, and the origins that may get a token
 * @returns the function. It rejects as `fetch` does, with what the credential throws, with GssError for a proof that is
 *   wrong, or missing where `mutual` is `"required"`, and with TypeError for a body that cannot be sent again. A server
 *   that does not let the client in is an answer with status 401
 * @throws TypeError for options that cannot work: the caller's mistake
 * @example
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { negotiateFetch } from "krb5-remctl/http";
 *
 * const credential = createClient({ credentials: { principal: "alice@EXAMPLE.ORG", password } });
 * const fetch = negotiateFetch({ credential, origins: ["https://intranet.example.org"] });
 * const answer = await fetch("https://intranet.example.org/report");
 * ```
 */
export function negotiateFetch(options: NegotiateFetchOptions): typeof globalThis.fetch {
  checkNegotiateOptions("negotiateFetch", options, fetchChecks);
  const { fetch = globalThis.fetch, ownsConnections = false, preemptive, connections } = options;
  if (connections !== undefined && options.fetch !== undefined) {
    throw new TypeError("fetch and connections are both given: connections take its place, leave one out");
  }
  const pool = connections && new ConnectionPool(connections);
  const isShared = pool === undefined && !ownsConnections;
  const negotiator = makeNegotiator(options, SERVER_FIELDS, isShared ? learnedOver(fetch) : undefined);
  const sender: Sender = { negotiator, fetch, ownsConnections, mayForesee: preemptive !== false, pool };
  return async (input, init) => {
    const request = await outgoing(input, init);
    // Not passed over: the caller counts on it.
    if (pool !== undefined && request.init.integrity) {
      throw new TypeError("integrity is not looked at over connections: leave it out, and check the body's hash");
    }
    return await follow(sender, request).catch((error) => {
      // The caller's reason, as fetch has it, whatever was waited for.
      request.init.signal?.throwIfAborted();
      throw error;
    });
  };
}

interface Sender {
  readonly negotiator: Negotiator;
  readonly fetch: typeof globalThis.fetch;
  readonly ownsConnections: boolean;
  /** Whether a token may go with a request that nobody asked for one. */
  readonly mayForesee: boolean;
  readonly pool: ConnectionPool | undefined;
}

async function follow(sender: Sender, first: Outgoing): Promise<Response> {
  let request = first;
  for (let hops = 0; ; hops++) {
    const response = await exchange(sender, request);
    if (request.init.redirect === "manual") return response;
    if (response.type === "opaqueredirect") {
      throw new TypeError(
        'fetch failed: this host does not tell where the server redirects to: ask for the last URL, or set redirect to "manual"',
      );
    }
    const { url } = request;
    const to = await orDiscard(response, () => redirectOf(response.status, response.headers.get("location"), url));
    if (to === undefined) {
      if (hops > 0) Object.defineProperty(response, "redirected", { value: true });
      return response;
    }
    await discard(response);
    if (request.init.redirect === "error") throw new TypeError("fetch failed: the server redirects");
    if (hops === MAX_REDIRECTS) throw new TypeError(`fetch failed: more than ${MAX_REDIRECTS} redirects`);
    request = redirected(request, response.status, to);
  }
}

/** One request, with as many tokens as it takes. */
async function exchange(sender: Sender, request: Outgoing): Promise<Response> {
  const { negotiator, pool } = sender;
  const { url } = request;
  const exchanging = negotiator.isListed(url) ? negotiate : send;
  if (pool === undefined || (exchanging === send && !pool.isOnlyWay)) return exchanging(sender, undefined, request);
  for (let isNew = false; ; isNew = true) {
    const line = new Line(pool, url, request.init.signal ?? undefined, isNew);
    try {
      const response = await exchanging(sender, line, request);
      line.release();
      return response;
    } catch (error) {
      line.close();
      // The second request brings another token: the server may have taken the first.
      if (isSpent(request.body) || !line.mayRepeat(request.method)) throw error;
    }
  }
}

const ADVICE = "give negotiateFetch connections of its own (nodeConnections), or say that they are (ownsConnections)";

async function negotiate(sender: Sender, line: Line | undefined, request: Outgoing): Promise<Response> {
  const { negotiator, mayForesee, ownsConnections } = sender;
  const { url, headers } = request;
  if (headers.has("authorization")) return send(sender, line, request);
  const signal = request.init.signal ?? undefined;
  const isOnce = isSpent(request.body);
  const isForeseen = negotiator.isExpected(url) || (isOnce && mayForesee);
  const begin = async () => negotiator.begin(url, { signal, channelBindings: (await line?.open())?.channelBindings });
  let negotiation = isForeseen ? await begin() : undefined;
  let response = await send(sender, line, request, negotiation?.authorization);
  if (negotiation === undefined) {
    if (!(await orDiscard(response, () => negotiator.isAsked(url, response.headers, response.status)))) return response;
    await discard(response);
    if (isOnce) throw spentBody();
    negotiation = await begin();
    try {
      response = await send(sender, line, request, negotiation.authorization);
    } catch (error) {
      // Busy servers end the connection of their 401 as this request is on its way, and `fetch` does not say so. Once
      // more, with another token, where seeing it twice changes nothing (RFC 9110 section 9.2.2).
      if (line !== undefined || !IDEMPOTENT.has(request.method)) throw error;
      negotiation = await begin();
      response = await send(sender, line, request, negotiation.authorization);
    }
  }
  const { verify }: NegotiateExchange = negotiation;
  for (;;) {
    const last = response;
    const next = await orDiscard(last, () => verify(last.headers, last.status, { signal }));
    if (next === undefined) {
      await orDiscard(last, () =>
        refuseBound(last.headers, { areOwn: ownsConnections || line !== undefined, advice: ADVICE }),
      );
      return last;
    }
    await discard(last);
    if (line === undefined) throw severalTokens();
    response = await send(sender, line, request, next.authorization, true);
  }
}

function send(
  { fetch }: Sender,
  line: Line | undefined,
  request: Outgoing,
  authorization?: string,
  isMidway = false,
): Promise<Response> {
  const { url, init, method, body } = request;
  const headers = new Headers(request.headers);
  if (authorization !== undefined) headers.set("authorization", authorization);
  const half = { duplex: "half" };
  const sent: RequestInit = { ...init, ...half, method, headers, body, redirect: "manual" };
  return line === undefined ? fetch(url.href, sent) : line.send(new Request(url, sent), isMidway);
}

/** What is read of an answer that is not given on; more costs its connection. */
const MAX_DISCARDED = 65_536;

/** Reads an answer that is not given on to its end, so that its connection is free for the next request. */
async function discard(response: Response): Promise<void> {
  await readBody(response, MAX_DISCARDED).catch(() => {});
}

/** What a check of an answer gives; the answer is ended where the check throws. */
async function orDiscard<T>(response: Response, check: () => T | Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (error) {
    await discard(response);
    throw error;
  }
}
