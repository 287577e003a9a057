import type { Connection } from "../host/index.ts";
import { driverStream } from "./driver-stream.ts";
import { needBuiltin } from "./node-builtins.ts";
import { NodeConnection } from "./node-connection.ts";

/**
 * Puts TLS onto a connection, as its client, and gives the connection within. `settings` are those of Node's
 * `tls.connect`; the server's certificate is checked against `host` unless they say otherwise.
 */
export function driverTls(raw: Connection, host: string, settings: object): Promise<Connection> {
  const tls = needBuiltin<typeof import("node:tls")>("node:tls");
  const { isIP } = needBuiltin<typeof import("node:net")>("node:net");
  return new Promise((resolve, reject) => {
    const beneath = driverStream(() => Promise.resolve(raw));
    beneath.once("connect", () => {
      const socket = tls.connect({
        ...(isIP(host) === 0 ? { servername: host } : { host }),
        ...settings,
        socket: beneath as unknown as import("node:stream").Duplex,
      });
      socket.once("error", reject);
      socket.once("secureConnect", () => {
        const connection = new NodeConnection(socket);
        socket.removeListener("error", reject);
        resolve(connection);
      });
    });
    beneath.once("error", reject);
    beneath.connect(0);
  });
}
