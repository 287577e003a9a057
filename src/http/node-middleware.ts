import { type Authenticated, groupFields } from "./authentication.ts";
import type { IncomingRequest } from "./incoming.ts";
import { checkServer, type NegotiateServer, refusalText } from "./negotiate-server.ts";

/** The part of `ServerResponse` of `node:http` that is used. */
export interface NodeResponse {
  /** The status. */
  statusCode: number;
  /** Adds a field. */
  appendHeader(name: string, value: string | string[]): unknown;
  /** Sends the answer. */
  end(text: string): unknown;
}

/** Takes a request to a known client's handler. */
export type NodeMiddleware = (
  request: IncomingRequest & { kerberos?: Authenticated },
  response: NodeResponse,
  next: (error?: unknown) => void,
) => Promise<void>;

/**
 * Makes a middleware for Express, Connect and `node:http`. The client is `request.kerberos`.
 *
 * @param server what `createNegotiateServer` made
 * @returns the middleware; it answers itself where the client is not known
 * @throws TypeError for what is not a server: the caller's mistake
 * @example
 * ```ts
 * import { createNegotiateServer, expressNegotiate } from "krb5-remctl/http";
 *
 * app.use("/private", expressNegotiate(createNegotiateServer({ keytab: octets })));
 * ```
 */
export function expressNegotiate(server: NegotiateServer): NodeMiddleware {
  checkServer("expressNegotiate", server);
  return async (request, response, next) => {
    try {
      const found = await server.authenticate(request);
      for (const [name, value] of Object.entries(groupFields(found.headers))) response.appendHeader(name, value);
      if (!found.isAuthenticated) {
        response.statusCode = found.status;
        response.end(`${refusalText(found.status)}\n`);
        return;
      }
      request.kerberos = found;
    } catch (error) {
      next(error);
      return;
    }
    next();
  };
}
