import type { Connection } from "../host/index.ts";
import { onAbort } from "../host/index.ts";
import { needBuiltin } from "./node-builtins.ts";
import { NodeConnection } from "./node-connection.ts";

/** `Runtime.connectUnix` over `node:net`. */
export function connectUnix(path: string, options: { readonly signal?: AbortSignal } = {}): Promise<Connection> {
  const { signal } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) throw signal.reason;
    const socket = needBuiltin<typeof import("node:net")>("node:net").connect({ path });
    const forget = onAbort(signal, () => {
      socket.destroy();
      reject(signal?.reason);
    });
    const fail = (error: Error): void => {
      forget();
      reject(error);
    };
    // Not removed on failure: what is destroyed may still report an error, which must not stay unheard.
    socket.on("error", fail);
    socket.once("connect", () => {
      forget();
      const connection = new NodeConnection(socket);
      socket.removeListener("error", fail);
      resolve(connection);
    });
  });
}
