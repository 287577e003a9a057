import type { Connection, ConnectOptions } from "../host/index.ts";
import { onAbort } from "../host/index.ts";
import { needBuiltin } from "./node-builtins.ts";
import { NodeConnection } from "./node-connection.ts";

// For each address of a name but the last: Node's own 250 ms gives up a working address of a far host.
const addressTimeoutMs = 1000;

/**
 * {@link Runtime.connectTcp} over `node:net`: every address of the name in turn, IPv6 and IPv4 alternating. Without
 * `lookup` the host looks the name up.
 */
export function connectTcp(
  host: string,
  port: number,
  options: ConnectOptions,
  lookup?: import("node:net").LookupFunction,
): Promise<Connection> {
  const { signal, localAddress } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) throw signal.reason;
    const net = needBuiltin<typeof import("node:net")>("node:net");
    // Before there is a socket: Node refuses such an address later and leaves the handle, and takes "" for none.
    if (localAddress !== undefined && net.isIP(localAddress) === 0) {
      throw Object.assign(new TypeError(`not an IP address: "${localAddress}"`), { code: "ERR_INVALID_IP_ADDRESS" });
    }
    const socket = net.connect({
      host,
      port,
      noDelay: true,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: addressTimeoutMs,
      ...(lookup === undefined ? {} : { lookup }),
      // An address of the other family cannot be reached from this one.
      ...(localAddress === undefined ? {} : { localAddress, family: localAddress.includes(":") ? 6 : 4 }),
    });
    const forget = onAbort(signal, () => {
      socket.destroy();
      reject(signal?.reason);
    });
    const fail = (error: Error): void => {
      forget();
      reject(readable(error, host, port));
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

/** A failure of several addresses comes from Node as one error with no words. */
function readable(
  error: Error & { readonly code?: string; readonly errors?: readonly Error[] },
  host: string,
  port: number,
): Error {
  if (error.message !== "" || error.errors === undefined) return error;
  const reasons = error.errors.map((one) => one.message).join(", ");
  return Object.assign(new Error(reasons === "" ? `cannot connect to ${host}:${port}` : reasons, { cause: error }), {
    code: error.code,
  });
}
