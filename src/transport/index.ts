export { type Endpoint, formatEndpoint, parseEndpoint, type TransportName } from "./endpoint.ts";
export { type ExchangeLimits, type ExchangeOptions, exchangeWithKdc, type KdcReply } from "./kdc-exchange.ts";
export { createKdcTransport, type KdcTransport, type KdcTransportOptions } from "./kdc-transport.ts";
export { type Classify, classifyReplyTo, type ReplyKind } from "./reply-kind.ts";
export type { Question, Transport, TransportHost } from "./transport.ts";
export { transports } from "./transports.ts";
