/**
 * HTTP Negotiate (RFC 4559), which browsers call integrated authentication: a `fetch` that has a ticket for the servers
 * that you list, and the server's side for `Request` and `Response`, `node:http`, Express, Fastify, Hono and Passport.
 *
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { negotiateFetch } from "krb5-remctl/http";
 *
 * const credential = createClient({ credentials: { principal: "alice@EXAMPLE.ORG", password } });
 * const fetch = negotiateFetch({ credential, origins: ["https://intranet.example.org"] });
 * const answer = await fetch("https://intranet.example.org/report");
 * ```
 *
 * @module
 */

export { isKerberosError } from "../errors.ts";
export type { AcceptorKeys, LegacyTokens } from "../gssapi/index.ts";
export {
  type AnswerFields,
  type AnswerHeaders,
  type Authenticated,
  type Authentication,
  type BeginOptions,
  type CreateContext,
  createNegotiator,
  expressNegotiate,
  type FastifyReply,
  type FindUser,
  fastifyNegotiate,
  type HonoContext,
  type HttpConnections,
  honoNegotiate,
  type IncomingRequest,
  type KdcMessage,
  type KdcProxyOptions,
  type NegotiateExchange,
  type NegotiateFetchOptions,
  type NegotiateInterceptorOptions,
  type NegotiateOptions,
  type NegotiateServer,
  type NegotiateServerOptions,
  NegotiateStrategy,
  type Negotiator,
  type NodeMiddleware,
  type NodeResponse,
  type NotAuthenticated,
  type NotAuthenticatedCode,
  negotiateFetch,
  negotiateInterceptor,
  type Origins,
  type ProxiedRealm,
  type ProxyOptions,
  type RequestHandler,
} from "../http/index.ts";
export {
  createKdcProxy,
  createNegotiateServer,
  type NodeConnectionsOptions,
  nodeConnections,
  type ProxyAgentOptions,
  proxyAgents,
  proxyConnector,
} from "../http/on-host.ts";
export type { Enctypes, Principal } from "../krb5/index.ts";
export type * from "./lists/accepting.ts";
export type * from "./lists/contexts.ts";
export type * from "./lists/crypto.ts";
export type * from "./lists/errors.ts";
export type * from "./lists/files.ts";
export type * from "./lists/host.ts";
export type * from "./lists/keytabs.ts";
export type * from "./lists/pac.ts";
export type * from "./lists/tickets.ts";
export type * from "./lists/trace.ts";
