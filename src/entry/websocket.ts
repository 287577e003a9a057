/**
 * TCP through a WebSocket proxy, for hosts that have no sockets: a browser, an edge function. It gives what the option `dial` takes.
 *
 * @module
 */
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
