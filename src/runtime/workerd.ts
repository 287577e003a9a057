import { UnsupportedError } from "../errors.ts";
import type { ByteStream, Connection, ConnectOptions, Dial, Runtime } from "../host/index.ts";
import { connectionOf, onAbort } from "../host/index.ts";
import { ConnectionGate } from "./connection-gate.ts";
import { PerInvocation } from "./invocation.ts";
import { builtin } from "./node-builtins.ts";
import { traceChannel } from "./node-diagnostics.ts";
import { hostFetch } from "./web.ts";

interface WorkerSocket extends ByteStream {
  readonly opened: Promise<unknown>;
  close(): Promise<void>;
}

type Connect = (address: { hostname: string; port: number }, options: Record<string, unknown>) => WorkerSocket;

// Of the six connections that an invocation may have open, two are left to the Worker itself.
const maxConnections = 4;

const gates = new PerInvocation(
  () => new ConnectionGate(maxConnections),
  (gate) => gate.isIdle,
);

/**
 * Cloudflare Workers. It has no `connectUdp`: there, `node:dgram` loads, and then nothing ever happens. Connections
 * beyond the fourth of an invocation wait for one of the others to end.
 */
export function workerdRuntime(): Runtime {
  const { fetch } = hostFetch();
  return {
    name: "workerd",
    hasRequestBoundPromises: true,
    isOneOfMany: () => true,
    isNodeCryptoCostly: true,
    maxConnections,
    connectTcp,
    limitDial,
    nodeCrypto: () => builtin("node:crypto"),
    traceChannel,
    ...(fetch === undefined
      ? {}
      : {
          async fetch(url, init) {
            const leave = await gates.get().enter(init.signal);
            try {
              return await fetch(url, init);
            } finally {
              leave();
            }
          },
        }),
  };
}

function limitDial(dial: Dial): Dial {
  return (host, port, options) => dialWithin(dial, host, port, options);
}

async function dialWithin(
  dial: Dial,
  host: string,
  port: number,
  options: Parameters<Dial>[2],
  onWanted?: () => boolean,
): Promise<ByteStream> {
  const leave = await gates.get().enter(options.signal, onWanted);
  try {
    const stream = await dial(host, port, options);
    // The one end that every connection comes to: `connectionOf` closes its stream, whatever happened.
    const close = async (): Promise<void> => {
      try {
        await stream.close?.();
      } finally {
        leave();
      }
    };
    return {
      readable: stream.readable,
      writable: stream.writable,
      ...(stream.closed && { closed: stream.closed }),
      close,
    };
  } catch (error) {
    leave();
    throw error;
  }
}

async function connectTcp(host: string, port: number, options: ConnectOptions): Promise<Connection> {
  const { signal, localAddress, onWanted } = options;
  if (localAddress !== undefined) {
    throw new UnsupportedError("a Worker cannot choose the address that it connects from: leave out the local address");
  }
  return connectionOf(await dialWithin(openSocket, host, port, signal === undefined ? {} : { signal }, onWanted));
}

async function openSocket(
  host: string,
  port: number,
  { signal }: { readonly signal?: AbortSignal },
): Promise<ByteStream> {
  signal?.throwIfAborted();
  const connect = await loadConnect();
  signal?.throwIfAborted();
  const socket = connect({ hostname: host, port }, { secureTransport: "off", allowHalfOpen: false });
  let forget = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    forget = onAbort(signal, () => reject(signal?.reason));
  });
  // Rejects with the socket, and perhaps nothing waits for it.
  socket.closed?.catch(() => {});
  try {
    await Promise.race([socket.opened, aborted]);
  } catch (error) {
    socket.close().catch(() => {});
    throw signal?.aborted ? error : readable(error, host, port);
  } finally {
    forget();
  }
  return socket;
}

/** Cloudflare's sockets. */
async function loadConnect(): Promise<Connect> {
  try {
    const { connect } = await importOnHost("cloudflare:sockets");
    return connect;
  } catch (cause) {
    throw new UnsupportedError(
      "this Worker has no cloudflare:sockets, and so no TCP: give `dial`, or the https:// URL of a KDC proxy",
      { cause },
    );
  }
}

/**
 * Imports a module that the host has and nobody else. The specifier is a parameter: a literal, also one that can be
 * computed while bundling, is looked up by the bundlers of other hosts, which then fail (Vite's dev server) or warn
 * (Rollup). The comments keep webpack and Vite from warning of an import that they cannot follow.
 */
function importOnHost(specifier: string): Promise<{ readonly connect: Connect }> {
  return import(/* webpackIgnore: true */ /* @vite-ignore */ specifier);
}

/**
 * The host's error has no code, and the same words for a refusal of the peer and one of the Worker's own configuration.
 */
function readable(error: unknown, host: string, port: number): unknown {
  if (!(error instanceof Error)) return error;
  return new Error(
    `nothing listens at ${host}:${port}, or this Worker may not connect to it; ` +
      "a private network needs a binding, given as `dial`",
    { cause: error },
  );
}
