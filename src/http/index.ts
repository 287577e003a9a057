/**
 * HTTP Negotiate (RFC 4559) on both ends: a `fetch` with tokens, and handlers that ask for them; and a proxy to KDCs
 * (MS-KKDCP).
 *
 * Layer 8: it may import `gssapi`, `spnego`, `transport`, `krb5` and what is below them.
 */
export type {
  AnswerFields,
  Authenticated,
  Authentication,
  NotAuthenticated,
  NotAuthenticatedCode,
} from "./authentication.ts";
export type { NegotiateOptions } from "./client-options.ts";
export type { HttpConnections } from "./connections.ts";
export type { AnswerHeaders, NegotiateExchange } from "./exchange.ts";
export { type FastifyReply, fastifyNegotiate } from "./fastify.ts";
export { type HonoContext, honoNegotiate } from "./hono.ts";
export type { IncomingRequest } from "./incoming.ts";
export type { KdcMessage } from "./kdc-message.ts";
export type { RequestHandler } from "./kdc-proxy.ts";
export type { KdcProxyOptions, ProxiedRealm } from "./kdc-proxy-options.ts";
export { type NegotiateFetchOptions, negotiateFetch } from "./negotiate-fetch.ts";
export { type NegotiateInterceptorOptions, negotiateInterceptor } from "./negotiate-interceptor.ts";
export { type CreateContext, NegotiateServer } from "./negotiate-server.ts";
export { type BeginOptions, createNegotiator, type Negotiator } from "./negotiator.ts";
export { expressNegotiate, type NodeMiddleware, type NodeResponse } from "./node-middleware.ts";
export type { Origins } from "./origins.ts";
export { type FindUser, NegotiateStrategy } from "./passport.ts";
export type { ProxyOptions } from "./proxy-options.ts";
export type { NegotiateServerOptions } from "./server-options.ts";
