/**
 * SASL (RFC 4422) with Kerberos: GSSAPI (RFC 4752), GSS-SPNEGO, GS2-KRB5 and GS2-KRB5-PLUS (RFC 5801), both sides, and
 * the security layer after them. It knows neither the protocols that carry the exchange nor where tickets come from.
 *
 * Layer 6: it may import `gssapi` and what is below it; it does not know `spnego`, whose contexts it is given.
 */
export type { Authorize } from "./authorization.ts";
export { createSaslClient, type SaslClient } from "./client.ts";
export type { SaslClientOptions, SaslMechanism } from "./client-options.ts";
export type { Deframer } from "./deframer.ts";
export { saslDuplex } from "./duplex.ts";
export type { SaslStepOptions } from "./exchange.ts";
export type { Layer, LayerOptions } from "./layers.ts";
export type { SecurityLayer } from "./security-layer.ts";
export { createSaslServer, type SaslServer, type SaslServerOptions } from "./server.ts";
