/**
 * TCP through a WebSocket proxy, for hosts that have no sockets: a browser, an edge function. It makes the function for
 * the option `dial`.
 *
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { webSocketDial } from "krb5-remctl/websocket";
 *
 * const client = createClient({
 *   credentials: { principal: "alice@EXAMPLE.ORG", password },
 *   kdc: ["https://gateway.example.org/KdcProxy"],
 *   dial: webSocketDial((host, port) => `wss://gateway.example.org/${host}/${port}`),
 * });
 * ```
 *
 * @module
 */
export { isKerberosError } from "../errors.ts";
export type { ByteStream, Dial } from "../host/index.ts";
export {
  type WebSocketConstructor,
  type WebSocketDialOptions,
  type WebSocketLike,
  type WebSocketPlace,
  type WebSocketStreamOptions,
  type WebSocketTarget,
  webSocketDial,
  webSocketStream,
} from "../websocket/index.ts";
export type * from "./lists/errors.ts";
