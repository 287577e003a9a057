import { printableLine } from "../bytes/index.ts";
import { isKerberosError } from "../errors.ts";
import type { ChannelBindingsOption, SecurityContext } from "../gssapi/index.ts";
import { ANONYMOUS, formatPrincipal, type Principal } from "../krb5/index.ts";
import type { AnswerFields, Authenticated, Authentication, NotAuthenticated } from "./authentication.ts";
import { readAuthorization } from "./authorization.ts";
import { foreignOrigin } from "./cross-origin.ts";
import { NEGOTIATE, writeNegotiation } from "./field.ts";
import { connectionOf, fieldOf, type IncomingRequest, isOverTls } from "./incoming.ts";
import { originOf } from "./origins.ts";
import type { NegotiateServerOptions } from "./server-options.ts";

/** Makes the context of one client. */
export type CreateContext = (channelBindings: ChannelBindingsOption | undefined) => Promise<SecurityContext>;

/** Answers are for one client alone (RFC 9110 section 12.5.5, RFC 9111 section 5.2.2.5): rule H11 in SECURITY.md. */
const PRIVATE: AnswerFields = [
  ["vary", "Authorization"],
  ["cache-control", "no-store"],
];
/** What refuses nobody. */
const GOES_ON: ReadonlySet<string> = new Set(["NO_TOKEN", "MORE_TOKENS"]);
const DEFAULT_TOKEN_BYTES = 65_536;

/** Finds out who makes a request, by HTTP Negotiate. `createNegotiateServer` makes one. */
export class NegotiateServer {
  readonly #options: NegotiateServerOptions;
  readonly #createContext: CreateContext;
  readonly #allowedOrigins: ReadonlySet<string>;
  /** Contexts that wait for the next token, and clients, each of a connection. */
  readonly #waiting = new WeakMap<object, SecurityContext>();
  readonly #bound = new WeakMap<object, Authenticated>();

  /** `createNegotiateServer` makes one. */
  constructor(options: NegotiateServerOptions, createContext: CreateContext) {
    this.#options = options;
    this.#createContext = createContext;
    this.#allowedOrigins = new Set(options.allowedOrigins?.map((one) => originOf("allowedOrigins", one)));
  }

  /**
   * Says who makes a request.
   *
   * @param request a `Request`, or what `node:http` gives
   * @returns who it is, or why that is not known; with it the fields of the answer. It rejects with what a replay cache
   *   or key source of yours throws, and with TransportError `ABORTED` where the request's signal ends the wait
   */
  async authenticate(request: IncomingRequest): Promise<Authentication> {
    const found = await this.#identify(request);
    const { onRefused } = this.#options;
    if (onRefused !== undefined && !found.isAuthenticated && !GOES_ON.has(found.code)) {
      // In its own turn, so that one that rejects is ignored as one that throws.
      void Promise.resolve()
        .then(() => onRefused(found, request))
        .catch(() => {});
    }
    return found;
  }

  async #identify(request: IncomingRequest): Promise<Authentication> {
    const foreign = foreignOrigin(request, this.#allowedOrigins, this.#options.isSecure);
    if (foreign !== undefined) return refusal("FOREIGN_ORIGIN", foreign, 403, PRIVATE);
    const connection = connectionOf(request);
    const value = fieldOf(request, "authorization");
    if (value === undefined) {
      const bound = this.#boundTo(connection);
      return bound ?? this.#ask(request, { code: "NO_TOKEN", reason: "the client has sent no token yet" });
    }
    const authorization = readAuthorization(value, this.#options.maxTokenBytes ?? DEFAULT_TOKEN_BYTES);
    if ("reason" in authorization) return this.#ask(request, authorization);
    return await this.#accept(request, authorization.token, connection);
  }

  async #accept(request: IncomingRequest, token: Uint8Array, connection: object | undefined): Promise<Authentication> {
    const waiting = connection && this.#waiting.get(connection);
    if (connection !== undefined) this.#waiting.delete(connection);
    const context = waiting ?? (await this.#createContext(this.#bindingsOf(request)));
    let reply: Uint8Array | undefined;
    try {
      const { signal } = request;
      reply = await context.step(token, { signal });
    } catch (error) {
      context.dispose();
      // `GSS` is what a replay cache or a key source threw, `ABORTED` what the request's signal says: nothing that a
      // client could mend.
      if (!isKerberosError(error) || error.code === "GSS" || error.code === "ABORTED") throw error;
      return this.#ask(request, { code: error.code, reason: error.message, error }, error.token);
    }
    if (!context.isEstablished) {
      if (connection === undefined) {
        context.dispose();
        const reason = "the client needs more than one token, and its connection is not known";
        return this.#ask(request, { code: "CONNECTION_UNKNOWN", reason });
      }
      this.#waiting.set(connection, context);
      return this.#ask(request, { code: "MORE_TOKENS", reason: "the client has more tokens to send" }, reply);
    }
    return this.#letIn(context, reply, connection);
  }

  #letIn(context: SecurityContext, reply: Uint8Array | undefined, connection: object | undefined): Authentication {
    const { peer: client } = context;
    const proof: AnswerFields = reply === undefined ? [] : [["www-authenticate", writeNegotiation(reply)]];
    const reason = client === undefined ? "the context names no client" : this.#refusalOf(client);
    if (client === undefined || reason !== undefined) {
      context.dispose();
      return refusal("ANONYMOUS", reason ?? "", 403, [...proof, ...PRIVATE]);
    }
    const found: Authenticated = {
      isAuthenticated: true,
      principal: formatPrincipal(client),
      client,
      context,
      headers: [...proof, ...PRIVATE],
    };
    if (this.#options.bindConnections !== true || connection === undefined) return found;
    const persistent = [["persistent-auth", "true"] as const];
    this.#bound.set(connection, { ...found, headers: [...persistent, ...PRIVATE] });
    return { ...found, headers: [...found.headers, ...persistent] };
  }

  /** Rule H9 in SECURITY.md. */
  #refusalOf({ components }: Principal): string | undefined {
    if (this.#options.allowAnonymous === true) return undefined;
    const isAnonymous = components.join("\0") === ANONYMOUS.components.join("\0");
    return isAnonymous ? "the client is anonymous (allowAnonymous lets it in)" : undefined;
  }

  /** Who has authenticated on a connection, until its ticket ends. */
  #boundTo(connection: object | undefined): Authenticated | undefined {
    const bound = connection && this.#bound.get(connection);
    if (connection === undefined || bound === undefined) return undefined;
    const { expires } = bound.context;
    if (expires !== undefined && expires.getTime() > (this.#options.now ?? Date.now)()) return bound;
    this.#bound.delete(connection);
    return undefined;
  }

  #bindingsOf(request: IncomingRequest): ChannelBindingsOption | undefined {
    const { channelBindings } = this.#options;
    return typeof channelBindings === "function" ? channelBindings(request) : channelBindings;
  }

  #ask(
    request: IncomingRequest,
    { code, reason, status = 401, error }: Pick<NotAuthenticated, "code" | "reason"> & Partial<NotAuthenticated>,
    token?: Uint8Array,
  ): NotAuthenticated {
    const { fallback = [], isSecure = isOverTls } = this.#options;
    // Rule H12 in SECURITY.md: a password goes over TLS or not at all.
    const others = fallback.filter((one) => !/^basic\b/i.test(one) || isSecure(request));
    const asked = [token === undefined ? NEGOTIATE : writeNegotiation(token), ...others];
    const headers: AnswerFields = [...asked.map((one) => ["www-authenticate", one] as const), ...PRIVATE];
    return { ...refusal(code, reason, status, headers), ...(error && { error }) };
  }

  /**
   * Makes a handler of requests that only known clients reach.
   *
   * @param handler gets the request, and who makes it
   * @returns a handler as Deno, Bun and Workers take one. Where `handler` gives undefined, so does it: to Bun that says
   *   that the connection has become a WebSocket
   */
  protect<Rest extends readonly unknown[], Answer extends Response | undefined = Response>(
    handler: (request: Request, client: Authenticated, ...rest: Rest) => Answer | Promise<Answer>,
  ): (request: Request, ...rest: Rest) => Promise<Answer | Response> {
    return async (request, ...rest) => {
      const found = await this.authenticate(request);
      const answer = found.isAuthenticated ? await handler(request, found, ...rest) : refusalAnswer(found);
      if (answer === undefined) return answer;
      const response = new Response(answer.body, answer);
      for (const [name, value] of found.headers) response.headers.append(name, value);
      return response;
    };
  }
}

/** A peer's words may stand in a reason: they add no line to a log. */
function refusal(
  code: NotAuthenticated["code"],
  reason: string,
  status: NotAuthenticated["status"],
  headers: AnswerFields,
): NotAuthenticated {
  return { isAuthenticated: false, status, headers, code, reason: printableLine(reason) };
}

/** Throws TypeError for what `createNegotiateServer` did not make, its options for example: the caller's mistake. */
export function checkServer(of: string, server: NegotiateServer): void {
  if (typeof Object(server).authenticate === "function") return;
  throw new TypeError(`${of} needs a server: give it what createNegotiateServer makes`);
}

function refusalAnswer({ status }: NotAuthenticated): Response {
  return new Response(`${refusalText(status)}\n`, { status, headers: { "content-type": "text/plain; charset=utf-8" } });
}

/** What a client hears that is not let in. */
export function refusalText(status: NotAuthenticated["status"]): string {
  return { 401: "Authentication is needed", 403: "Not allowed", 431: "The token is too long" }[status];
}
