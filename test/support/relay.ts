// A TCP relay on loopback that counts what passes and can cut it: connections, and flights, which are changes of direction.

import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";

export interface Relay {
  readonly port: number;
  /** Connections so far. */
  connections(): number;
  /** Connections that are open now. */
  open(): number;
  /**
   * Times that octets from the client began to pass after octets from the server, or first: round trips begun. The few octets
   * that a session sends ahead of its next packet, which nobody waits for, do not count.
   */
  flights(): number;
  /** Ends every connection at once, as a network that fails does. */
  cut(): void;
  close(): Promise<void>;
}

export async function startRelay(target: number): Promise<Relay> {
  let connections = 0;
  let flights = 0;
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (down) => {
    connections += 1;
    const up = connect({ port: target, host: "127.0.0.1", noDelay: true });
    let last: "down" | "up" | undefined;
    for (const socket of [down, up]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        (socket === down ? up : down).destroySoon();
      });
    }
    down.on("data", (octets) => {
      if (octets.length > 4) {
        if (last !== "up") flights += 1;
        last = "up";
      }
      up.write(octets);
    });
    up.on("data", (octets) => {
      last = "down";
      down.write(octets);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    open: () => sockets.size / 2,
    flights: () => flights,
    cut,
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
