// TCP proxies that count: how many connections are open at once, over all of them, and a pause before answers on demand.

import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** What is waited before connections are counted: less than the pause before an answer, so that none is missed. */
const SETTLE_MS = 5;

export class CountingProxies {
  /** Open now. */
  open = 0;
  /** The most that were open at once since it was set to 0. */
  most = 0;
  /** All that were opened. */
  total = 0;
  /** What is on its way back waits so long. */
  delayMs = 0;
  readonly #servers: net.Server[] = [];
  readonly #sockets = new Set<net.Socket>();

  /** A port of 127.0.0.1 that leads to `target`. */
  async listen(target: number): Promise<number> {
    const server = net.createServer({ noDelay: true }, (client) => {
      this.total++;
      this.open++;
      // Counted a moment later: the end of an earlier connection may be here already, and not be read yet.
      setTimeout(() => {
        this.most = Math.max(this.most, this.open);
      }, SETTLE_MS);
      const server = net.connect({ port: target, host: "127.0.0.1", noDelay: true });
      for (const socket of [client, server]) {
        this.#sockets.add(socket);
        socket.on("error", () => {});
      }
      client.on("data", (chunk) => server.write(chunk));
      // In order, also where the delay became shorter meanwhile: an end must not overtake an answer.
      let turn = Promise.resolve();
      const inTurn = (step: () => void): void => {
        const dueMs = performance.now() + this.delayMs;
        turn = turn.then(() => sleep(Math.max(0, dueMs - performance.now()))).then(step);
      };
      server.on("data", (chunk) => inTurn(() => client.write(chunk)));
      // The end of the client's side is the end for the client: a Worker's sockets are not half-open.
      let isOpen = true;
      const close = (): void => {
        if (isOpen) this.open--;
        isOpen = false;
      };
      client.on("end", () => {
        close();
        server.end();
      });
      server.on("end", () => inTurn(() => client.end()));
      client.on("close", () => {
        close();
        server.destroy();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.#servers.push(server);
    return (server.address() as net.AddressInfo).port;
  }

  close(): void {
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
