// Counts what a client sends and waits for, with no clock: every event has the number of what it had to wait for, plus one.

import type { RemctlServer } from "../../src/entry/server.ts";
import { type Connection, connectionOf, type DatagramSocket, type Runtime } from "../../src/host/index.ts";
import { createStreamPair } from "../../src/host/memory-stream.ts";
import type { TestRealm } from "../../src/testing/realm.ts";

/** A runtime with no sockets: TCP leads to one remctl server, UDP to a realm's KDC. */
export class CountingRuntime {
  /** The longest chain of question and answer so far: round trips. */
  flights = 0;
  /** Writes to the server, and the octets of each. */
  writes: number[] = [];
  /** Octets from the server. */
  received = 0;
  datagrams = 0;
  readonly runtime: Runtime;
  #epoch = 0;

  constructor(base: Runtime, realm: TestRealm, server: RemctlServer) {
    const { nodeCrypto } = base;
    this.runtime = {
      name: "web",
      ...(nodeCrypto === undefined ? {} : { nodeCrypto: () => nodeCrypto.call(base) }),
      connectTcp: async () => this.#connect(server),
      connectUdp: async () => this.#datagrams(realm),
    };
  }

  reset(): void {
    this.#epoch++;
    this.flights = 0;
    this.writes = [];
    this.received = 0;
    this.datagrams = 0;
  }

  async #connect(server: RemctlServer): Promise<Connection> {
    const opened = this.flights + 1;
    const epoch = this.#epoch;
    const [client, peer] = createStreamPair();
    void server.accept(peer);
    const inner = connectionOf(client);
    let asked = opened;
    return {
      read: async () => {
        const octets = await inner.read();
        if (octets !== undefined) {
          this.flights = Math.max(this.flights, asked);
          this.received += octets.length;
        }
        return octets;
      },
      write: (octets) => {
        asked = Math.max(this.flights, epoch === this.#epoch ? opened : 0) + 1;
        this.writes.push(octets.length);
        return inner.write(octets.slice());
      },
      close: () => inner.close(),
      abort: () => inner.abort(),
    };
  }

  #datagrams(realm: TestRealm): DatagramSocket {
    const answers: Uint8Array[] = [];
    const waiting: ((octets: Uint8Array) => void)[] = [];
    return {
      send: async (request) => {
        const asked = this.flights + 1;
        this.datagrams++;
        const reply = realm.handle(request, { transport: "udp" });
        if (reply === undefined) return;
        // The answer comes later, as from a network: what is sent meanwhile has not waited for it.
        setTimeout(() => {
          this.flights = Math.max(this.flights, asked);
          const take = waiting.shift();
          if (take === undefined) answers.push(reply);
          else take(reply);
        }, 5);
      },
      receive: () => {
        const octets = answers.shift();
        if (octets !== undefined) return Promise.resolve(octets);
        return new Promise((resolve) => waiting.push(resolve));
      },
      close: () => {},
    };
  }
}
