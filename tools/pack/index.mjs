// Modules of this package for tests elsewhere, which cannot import them by name.

/** As wrangler bundles a Worker. */
export { build } from "esbuild";
/** Node 22's global WebSocket, for Node 20. */
export { WebSocket as undiciWebSocket } from "undici";
/** `ws` as a host's own WebSocket: one that can make its peer wait. */
export { WebSocket, WebSocketServer } from "ws";
