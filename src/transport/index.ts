/**
 * A request to a KDC and its reply: TCP, UDP, HTTPS proxy (MS-KKDCP), and the order in which endpoints are tried.
 *
 * Layer 3: it may import `krb5`, `host` and what is below them.
 */
export { type Endpoint, formatEndpoint, MAX_SERVERS, parseEndpoint, type TransportName } from "./endpoint.ts";
export type { ExchangeLimits, ExchangeOptions, KdcReply } from "./kdc-exchange.ts";
export {
  createKdcTransportWith,
  type KdcAnswer,
  type KdcRequestOptions,
  type KdcSearch,
  type KdcTransport,
  type KdcTransportOptions,
} from "./kdc-transport.ts";
export { decodeProxyMessage, encodeProxyMessage, kkdcp } from "./kkdcp.ts";
export { type Classify, classifyReplyTo, type ReplyKind } from "./reply-kind.ts";
export { SpareConnections } from "./spare-connections.ts";
export { tcp } from "./tcp.ts";
export type { Question, Transport, TransportHost, Transports } from "./transport.ts";
export { transports } from "./transports.ts";
export { createKdcTransport, exchangeWithKdc } from "./with-all.ts";
