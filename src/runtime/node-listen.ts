import type { Connection, Listener, ListenOptions, PeerAddress } from "../host/index.ts";
import { needBuiltin } from "./node-builtins.ts";
import { NodeConnection } from "./node-connection.ts";

/** {@link Runtime.listenTcp} over `node:net`. */
export function listenTcp(
  options: ListenOptions,
  onConnection: (connection: Connection, peer: PeerAddress) => void,
): Promise<Listener> {
  const net = needBuiltin<typeof import("node:net")>("node:net");
  return new Promise((resolve, reject) => {
    // Half-open: a client may end its side before it has its answer.
    const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      const { remoteAddress: address = "", remotePort: port = 0 } = socket;
      onConnection(new NodeConnection(socket), { address, port });
    });
    server.once("error", reject);
    server.listen({ host: options.host, port: options.port }, () => {
      server.removeListener("error", reject);
      // A connection that could not be taken (EMFILE) is that client's loss, not the process's.
      server.on("error", () => {});
      // The port is free at once; the callback would wait for the connections.
      resolve({ port: portOf(server.address()), close: async () => void server.close(() => {}) });
    });
  });
}

/** {@link Runtime.listenUdp} over `node:dgram`. */
export function listenUdp(
  options: ListenOptions,
  onDatagram: (datagram: Uint8Array, reply: (datagram: Uint8Array) => void, peer: PeerAddress) => void,
): Promise<Listener> {
  const dgram = needBuiltin<typeof import("node:dgram")>("node:dgram");
  return new Promise((resolve, reject) => {
    const socket = dgram.createSocket(options.host.includes(":") ? "udp6" : "udp4");
    let isOpen = true;
    socket.once("error", reject);
    socket.on("message", (message, { address, port }) => {
      const datagram = new Uint8Array(message.buffer, message.byteOffset, message.byteLength);
      const reply = (octets: Uint8Array): void => {
        // A reply that is lost is what UDP allows; the callback keeps its error from ending the process.
        if (isOpen) socket.send(octets, port, address, () => {});
      };
      onDatagram(datagram, reply, { address, port });
    });
    socket.bind(options.port, options.host, () => {
      socket.removeListener("error", reject);
      socket.on("error", () => {});
      const close = (): Promise<void> => {
        if (!isOpen) return Promise.resolve();
        isOpen = false;
        return new Promise((done) => socket.close(done));
      };
      resolve({ port: portOf(socket.address()), close });
    });
  });
}

function portOf(address: string | { readonly port: number } | null): number {
  return typeof address === "object" && address !== null ? address.port : 0;
}
