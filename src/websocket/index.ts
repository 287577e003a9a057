/**
 * TCP through a WebSocket proxy, for hosts that have no sockets: a browser, an edge function. It makes a function for
 * the option `dial`.
 *
 * Layer 2: it may import `host`, `bytes`, `checks` and `errors.ts`.
 */
export { type WebSocketDialOptions, type WebSocketPlace, type WebSocketTarget, webSocketDial } from "./dial.ts";
export type { WebSocketConstructor, WebSocketLike, WebSocketStreamOptions } from "./socket.ts";
export { webSocketStream } from "./socket-stream.ts";
