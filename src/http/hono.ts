import type { IncomingRequest } from "./incoming.ts";
import { checkServer, type NegotiateServer, refusalText } from "./negotiate-server.ts";

/** The part of Hono's context that is used. */
export interface HonoContext {
  /** The request. */
  readonly req: { readonly raw: Request };
  /** On Node, `incoming` is what `node:http` gives. */
  readonly env?: unknown;
  /** Keeps a variable of the request. */
  set(name: string, value: unknown): void;
  /** Adds a field to the answer. */
  header(
    name: string,
    value: string,
    options?: {
      /** Beside a header of that name. */
      readonly append?: boolean;
    },
  ): void;
  /** Makes an answer. */
  body(text: string, status: never): Response;
}

/**
 * Makes a middleware of Hono. The client is `context.get("kerberos")`.
 *
 * @param server what `createNegotiateServer` made
 * @returns the middleware; it answers itself where the client is not known
 * @throws TypeError for what is not a server: the caller's mistake
 * @example
 * ```ts
 * import { createNegotiateServer, honoNegotiate } from "krb5-remctl/http";
 *
 * app.use("/private/*", honoNegotiate(createNegotiateServer({ keytab: octets })));
 * ```
 */
export function honoNegotiate(
  server: NegotiateServer,
): (context: HonoContext, next: () => Promise<void>) => Promise<Response | undefined> {
  checkServer("honoNegotiate", server);
  return async (context, next) => {
    const { raw } = context.req;
    const { method, url, headers } = raw;
    const { incoming } = Object(context.env) as { readonly incoming?: IncomingRequest };
    const { socket, httpVersionMajor } = incoming ?? {};
    // On Node a request has a signal only once somebody asks for it, and costs more from then on.
    const signal = incoming === undefined ? raw.signal : undefined;
    const found = await server.authenticate({ method, url, headers, socket, httpVersionMajor, signal });
    for (const [name, value] of found.headers) context.header(name, value, { append: true });
    if (!found.isAuthenticated) return context.body(`${refusalText(found.status)}\n`, found.status as never);
    context.set("kerberos", found);
    await next();
    return undefined;
  };
}
