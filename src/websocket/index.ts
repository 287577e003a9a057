/**
 * TCP through a WebSocket proxy, for hosts that have no sockets: a browser, an edge function. It gives what the option `dial` takes.
 *
 * @module
 */
export { type WebSocketDialOptions, type WebSocketPlace, type WebSocketTarget, webSocketDial } from "./dial.ts";
export type { WebSocketConstructor, WebSocketLike, WebSocketStreamOptions } from "./socket.ts";
export { webSocketStream } from "./socket-stream.ts";
