import { type Authenticated, groupFields } from "./authentication.ts";
import type { IncomingRequest } from "./incoming.ts";
import { checkServer, type NegotiateServer, refusalText } from "./negotiate-server.ts";

/** The part of Fastify's reply that is used. */
export interface FastifyReply {
  /** Sets the status. */
  code(status: number): unknown;
  /** What a field has been set to. */
  getHeader(name: string): number | string | string[] | undefined;
  /** Sets a field. */
  header(name: string, value: string | string[]): unknown;
  /** Sends the answer. */
  send(text: string): unknown;
}

/**
 * Makes a hook of Fastify, for `onRequest`. The client is `request.kerberos`.
 *
 * @param server what `createNegotiateServer` made
 * @returns the hook; it answers itself where the client is not known
 * @throws TypeError for what is not a server: the caller's mistake
 * @example
 * ```ts
 * import { createNegotiateServer, fastifyNegotiate } from "krb5-remctl/http";
 *
 * app.addHook("onRequest", fastifyNegotiate(createNegotiateServer({ keytab: octets })));
 * ```
 */
export function fastifyNegotiate(
  server: NegotiateServer,
): (request: { readonly raw: IncomingRequest; kerberos?: Authenticated }, reply: FastifyReply) => Promise<unknown> {
  checkServer("fastifyNegotiate", server);
  return async (request, reply) => {
    const found = await server.authenticate(request.raw);
    // `Vary` among them, which hooks before this one may have set: nothing of theirs is lost.
    for (const [name, value] of Object.entries(groupFields(found.headers))) {
      reply.header(name, [reply.getHeader(name) ?? [], value].flat().map(String));
    }
    if (found.isAuthenticated) {
      request.kerberos = found;
      return undefined;
    }
    reply.code(found.status);
    reply.send(`${refusalText(found.status)}\n`);
    return reply;
  };
}
