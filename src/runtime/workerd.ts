import { TransportError } from "../errors.ts";
import type { ByteStream, Connection, ConnectOptions, Runtime } from "../host/index.ts";
import { connectionOf, onAbort } from "../host/index.ts";
import { builtin } from "./node-builtins.ts";
import { hostFetch } from "./web.ts";

interface WorkerSocket extends ByteStream {
  readonly opened: Promise<unknown>;
  close(): Promise<void>;
}

type Connect = (address: { hostname: string; port: number }, options: Record<string, unknown>) => WorkerSocket;

/**
 * Cloudflare Workers. It has no `connectUdp`: there, `node:dgram` loads, and then nothing ever happens. Of the six connections
 * that an invocation may have open, two are left to the Worker itself.
 */
export function workerdRuntime(): Runtime {
  return { name: "workerd", maxConnections: 4, connectTcp, nodeCrypto: () => builtin("node:crypto"), ...hostFetch() };
}

async function connectTcp(host: string, port: number, options: ConnectOptions): Promise<Connection> {
  const { signal, localAddress } = options;
  if (localAddress !== undefined) {
    throw new TransportError(
      "UNSUPPORTED_BY_RUNTIME",
      "a Worker cannot choose the address that it connects from: leave out the local address",
    );
  }
  if (signal?.aborted) throw signal.reason;
  const connect = await loadConnect();
  if (signal?.aborted) throw signal.reason;
  const socket = connect({ hostname: host, port }, { secureTransport: "off", allowHalfOpen: false });
  let forget = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    forget = onAbort(signal, () => reject(signal?.reason));
  });
  // Rejects with the socket, and nobody may wait for it.
  socket.closed?.catch(() => {});
  try {
    await Promise.race([socket.opened, aborted]);
  } catch (error) {
    socket.close().catch(() => {});
    throw signal?.aborted ? error : readable(error, host, port);
  } finally {
    forget();
  }
  return connectionOf(socket);
}

/**
 * Cloudflare's module, by a literal specifier: bundlers for Workers leave it to the Worker, those for other hosts leave it
 * alone (the comments), and `try` makes a bundler warn where it would fail.
 */
async function loadConnect(): Promise<Connect> {
  try {
    // @ts-expect-error TS2307: the module exists on this host only, and no types of it come with the package.
    const { connect } = await import(/* webpackIgnore: true */ /* @vite-ignore */ "cloudflare:sockets");
    return connect;
  } catch (cause) {
    throw new TransportError(
      "UNSUPPORTED_BY_RUNTIME",
      "this Worker has no cloudflare:sockets, and so no TCP: give `dial`, or the https:// URL of a KDC proxy",
      [],
      { cause },
    );
  }
}

/** The host's error has no code, and the same words for a refusal of the peer and one of the Worker's own configuration. */
function readable(error: unknown, host: string, port: number): unknown {
  if (!(error instanceof Error)) return error;
  return new Error(
    `nothing listens at ${host}:${port}, or this Worker may not connect to it; ` +
      "a private network needs a binding, given as `dial`",
    { cause: error },
  );
}
