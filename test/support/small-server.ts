// A server on loopback that a test writes: one function for each connection.

import net, { type AddressInfo } from "node:net";

/** Starts it on a port that the host chooses, or on one of `freePort()`; `close` ends its connections too. */
export async function startSmallServer(serve: (socket: net.Socket) => Promise<void>, port = 0) {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    void serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
