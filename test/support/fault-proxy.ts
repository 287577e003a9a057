// A TCP proxy that spoils one connection at one octet: between a real client and a real server, over real sockets.

import { createServer, connect as dial, type Server, type Socket } from "node:net";

/** What happens when `at` octets have passed in a direction. */
export interface Cut {
  /** "down" is what the server sends. */
  readonly direction: "up" | "down";
  readonly at: number;
  /**
   * `closed`: both sides get a clean end; `reset`: the client gets a TCP reset; `stalled`: nothing more passes in this direction;
   * `garbled`: the next octet has a bit flipped.
   */
  readonly kind: "closed" | "reset" | "stalled" | "garbled";
}

export interface ProxyPlan {
  readonly cut?: Cut | undefined;
  /** Called when the cut happens. */
  readonly onCut?: (() => void) | undefined;
  /**
   * One octet at a time in this direction, with so many milliseconds between two (0: the next turn of the loop), of the first
   * `octets` (default: of all).
   */
  readonly dribble?:
    | { readonly direction: "up" | "down"; readonly gapMs: number; readonly octets?: number }
    | undefined;
}

/** What the proxy saw of one connection. */
export interface ProxiedConnection {
  readonly passed: { up: number; down: number };
  /** The cut has happened. */
  isCut: boolean;
  /** Both sockets are gone. */
  isOver: boolean;
}

export interface FaultProxy {
  readonly port: number;
  readonly connections: ProxiedConnection[];
  close(): Promise<void>;
}

/** Listens on loopback; `planOf` says what happens to each connection, numbered from 0. */
export async function startFaultProxy(
  upstream: { readonly host?: string; readonly port: number },
  planOf: (number: number) => ProxyPlan,
): Promise<FaultProxy> {
  const connections: ProxiedConnection[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const plan = planOf(connections.length);
    const connection: ProxiedConnection = { passed: { up: 0, down: 0 }, isCut: false, isOver: false };
    connections.push(connection);
    const far = dial({ host: upstream.host ?? "127.0.0.1", port: upstream.port, allowHalfOpen: true, noDelay: true });
    let open = 2;
    for (const socket of [client, far]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        if (--open === 0) connection.isOver = true;
        // What ends on one side without a plan ends on the other.
        else if (socket === client || !connection.isCut)
          setImmediate(() => (socket === client ? far : client).destroy());
      });
    }
    relay("up", client, far);
    relay("down", far, client);

    function relay(direction: "up" | "down", from: Socket, to: Socket): void {
      const cut = plan.cut?.direction === direction ? plan.cut : undefined;
      const dribble = plan.dribble?.direction === direction ? plan.dribble : undefined;
      let queue = Promise.resolve();
      from.on("data", (chunk: Buffer) => {
        from.pause();
        queue = queue.then(() => pass(chunk)).then(() => void from.resume());
      });
      from.on("end", () => {
        queue = queue.then(() => void (connection.isCut || to.end()));
      });
      if (cut?.at === 0) queue = queue.then(strike);

      async function pass(chunk: Buffer): Promise<void> {
        if (connection.isCut && cut !== undefined && cut.kind !== "garbled") return;
        const room = cut === undefined || connection.isCut ? chunk.length : cut.at - connection.passed[direction];
        await send(chunk.subarray(0, room));
        if (cut === undefined || connection.isCut || connection.passed[direction] < cut.at) return;
        await strike();
        if (cut.kind !== "garbled") return;
        const rest = Buffer.from(chunk.subarray(room));
        if (rest.length > 0) rest[0] = (rest[0] as number) ^ 0x10;
        else connection.isCut = false;
        await send(rest);
      }

      async function send(octets: Buffer): Promise<void> {
        for (let at = 0; at < octets.length; ) {
          const isDribbled = dribble !== undefined && connection.passed[direction] < (dribble.octets ?? Infinity);
          const next = octets.subarray(at, isDribbled ? at + 1 : octets.length);
          if (to.destroyed) return;
          await new Promise<void>((resolve) => to.write(next, () => resolve()));
          connection.passed[direction] += next.length;
          at += next.length;
          if (!isDribbled) continue;
          if (dribble.gapMs === 0) await new Promise((resolve) => setImmediate(resolve));
          else await new Promise((resolve) => setTimeout(resolve, dribble.gapMs));
        }
      }

      async function strike(): Promise<void> {
        connection.isCut = true;
        plan.onCut?.();
        if (cut?.kind === "closed") {
          client.end();
          far.destroy();
        } else if (cut?.kind === "reset") {
          client.resetAndDestroy();
          far.resetAndDestroy();
        }
      }
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as { port: number }).port,
    connections,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
