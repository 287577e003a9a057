import type { ByteStream, Connection, ConnectOptions, Runtime } from "../host/index.ts";
import { connectionOf, onAbort } from "../host/index.ts";
import { builtin } from "./node-builtins.ts";
import { hostFetch } from "./web.ts";

interface WorkerSocket extends ByteStream {
  readonly opened: Promise<unknown>;
  close(): Promise<void>;
}

/** Cloudflare Workers. It has no `connectUdp`: there, `node:dgram` loads, and then nothing ever happens. */
export function workerdRuntime(): Runtime {
  return { name: "workerd", connectTcp, nodeCrypto: () => builtin("node:crypto"), ...hostFetch() };
}

async function connectTcp(host: string, port: number, options: ConnectOptions): Promise<Connection> {
  const { signal, localAddress } = options;
  if (localAddress !== undefined) throw new Error("a Worker cannot choose the address that it connects from");
  if (signal?.aborted) throw signal.reason;
  // A literal specifier: bundlers leave it for the Worker to resolve. No types of the host come with the package.
  // @ts-expect-error TS2307: the module exists on this host only.
  const { connect } = await import("cloudflare:sockets");
  if (signal?.aborted) throw signal.reason;
  const socket: WorkerSocket = connect({ hostname: host, port }, { secureTransport: "off", allowHalfOpen: false });
  let forget = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    forget = onAbort(signal, () => reject(signal?.reason));
  });
  try {
    await Promise.race([socket.opened, aborted]);
  } catch (error) {
    socket.close().catch(() => {});
    throw error;
  } finally {
    forget();
  }
  return connectionOf(socket);
}
