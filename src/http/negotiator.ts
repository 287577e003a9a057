import { shownPlace } from "../bytes/index.ts";
import { type ChannelBindingsOption, createInitiator, type SecurityContext } from "../gssapi/index.ts";
import { createSpnegoInitiator } from "../spnego/index.ts";
import { checkNegotiateOptions, initiatorOptions, type NegotiateOptions, negotiateChecks } from "./client-options.ts";
import { Exchange, type NegotiateExchange } from "./exchange.ts";
import { type Fields, readNegotiation, SERVER_FIELDS } from "./field.ts";
import { Learned } from "./learned.ts";
import { httpUrl, originFilter } from "./origins.ts";
import { httpTarget } from "./target.ts";

/** What goes with the token of one request. */
export interface BeginOptions {
  /** Ends the wait for a ticket when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** What ties the token to the TLS connection that it is sent over (RFC 5929, RFC 9266). */
  readonly channelBindings?: ChannelBindingsOption | undefined;
}

/** Makes tokens for the requests of another HTTP client. */
export interface Negotiator {
  /** Whether a URL's origin is listed. */
  isListed(url: string | URL): boolean;
  /** Whether a request to a listed URL should have a token before it is asked for. */
  isExpected(url: string | URL): boolean;
  /**
   * Whether an answer asks for a token: a 401 that names Negotiate. Then the same request is sent once more, with what
   * `begin` gives, and the origin is learned.
   */
  isAsked(url: string | URL, headers: { get(name: string): string | null }, status: number): boolean;
  /**
   * Makes the token of one request. Rejects with TypeError for a URL that is not listed, and with what the credential
   * throws.
   */
  begin(url: string | URL, options?: BeginOptions): Promise<NegotiateExchange>;
}

/**
 * Makes tokens for an HTTP client that is not `fetch`: axios, got, an interceptor of undici, ws (RFC 4559). The caller
 * sends `authorization` with one request and gives the answer to `verify` before it uses it.
 *
 * @param options the credential, and the origins that may get a token
 * @returns the negotiator
 * @throws TypeError for options that cannot work: the caller's mistake
 * @example
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { createNegotiator } from "krb5-remctl/http";
 *
 * const credential = createClient({ credentials: { principal: "alice@EXAMPLE.ORG", password } });
 * const negotiator = createNegotiator({ credential, origins: ["https://intranet.example.org"] });
 * const { authorization, verify } = await negotiator.begin("https://intranet.example.org/report");
 * ```
 */
export function createNegotiator(options: NegotiateOptions): Negotiator {
  checkNegotiateOptions("createNegotiator", options, negotiateChecks);
  return makeNegotiator(options, SERVER_FIELDS);
}

/** As {@link createNegotiator}, for servers or proxies. */
export function makeNegotiator(
  options: NegotiateOptions,
  fields: Fields,
  learned: Learned = new Learned(),
): Negotiator {
  const { mutual = "if-offered", target = httpTarget, useSpnego = true } = options;
  const { preemptive = mutual === "required" ? true : "learned" } = options;
  const isListed = originFilter(options.origins);
  return {
    isListed: (url) => isListed(httpUrl(url)),
    isExpected: (url) => preemptive === true || (preemptive === "learned" && learned.has(httpUrl(url).origin)),
    isAsked(url, headers, status) {
      if (status !== fields.status || readNegotiation(headers.get(fields.challenge)) === undefined) return false;
      learned.add(httpUrl(url).origin);
      return true;
    },
    async begin(place, { signal, channelBindings } = {}) {
      const url = httpUrl(place);
      // Rule H1 in SECURITY.md.
      if (!isListed(url)) {
        throw new TypeError(
          `${shownPlace(url.origin)} is not among the origins that may get a token: list it if it is yours`,
        );
      }
      const context: SecurityContext = (useSpnego ? createSpnegoInitiator : createInitiator)({
        ...initiatorOptions(options),
        target: target(url),
        channelBindings,
      });
      const token = await context.step(undefined, { signal });
      const exchange = new Exchange(context, token ?? new Uint8Array(), fields, mutual === "required");
      return { authorization: exchange.authorization, verify: exchange.verify.bind(exchange) };
    },
  };
}
