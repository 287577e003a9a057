import { shownPlace } from "../bytes/index.ts";
import { TransportError } from "../errors.ts";
import { onAbort, type ProxyStream, type Tunnel } from "../host/index.ts";
import { needBuiltin } from "./node-builtins.ts";
import { openHttpSocket } from "./node-http.ts";

type Socket = import("node:net").Socket;
type TLSSocket = import("node:tls").TLSSocket;

/** A socket that leads to a URL's host and port, through a proxy. `anchors`: authorities (PEM) for TLS to the proxy. */
export async function openTunnel(
  tunnel: Tunnel,
  to: URL,
  anchors: readonly string[] | undefined,
  signal: AbortSignal | undefined,
): Promise<Socket> {
  const ask = tunnel.ask(to);
  for (;;) {
    const socket = await openHttpSocket(tunnel.proxy, { anchors, signal }).catch((cause: unknown) => {
      signal?.throwIfAborted();
      throw unreachable(tunnel.proxy, cause);
    });
    const release = onAbort(signal, () => void socket.destroy(signal?.reason as Error));
    let isOpen = false;
    try {
      isOpen = await ask(streamOf(socket), signal);
      if (isOpen) return socket;
    } finally {
      release();
      if (!isOpen) socket.destroy();
    }
  }
}

/** Node says neither that it is the proxy, nor what to do. */
function unreachable({ origin, protocol }: URL, cause: unknown): TransportError {
  const { code, message } = cause as { readonly code?: string; readonly message: string };
  const advice = protocol === "https:" ? "whether it has TLS, and at trustAnchors" : "whether it runs there";
  const text = `the proxy ${shownPlace(origin)} cannot be reached (${code ?? message}): look at its URL, ${advice}`;
  return new TransportError("CONNECT", text, [], { cause });
}

function streamOf(socket: Socket): ProxyStream {
  return {
    peerCertificate: "getPeerCertificate" in socket ? (socket as TLSSocket).getPeerCertificate().raw : undefined,
    write: (octets) => void socket.write(octets),
    async read() {
      for (;;) {
        const chunk: Uint8Array | null = socket.read();
        if (chunk !== null) return chunk;
        if (socket.errored) throw socket.errored;
        if (socket.readableEnded || socket.destroyed) return undefined;
        await nextEvent(socket);
      }
    },
  };
}

/** Waits until there is something to read, or nothing more. No listener stays: the socket goes on to TLS or HTTP. */
function nextEvent(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const events = ["readable", "end", "close", "error"];
    const done = (): void => {
      for (const event of events) socket.off(event, done);
      resolve();
    };
    for (const event of events) socket.on(event, done);
  });
}

/** What Node's agents and undici say of the place to connect to. */
interface Place {
  readonly host?: string | null;
  readonly hostname?: string | null;
  readonly port?: number | string | null;
  readonly protocol?: string | null;
}

type Done = (error: Error | null, socket?: Socket) => void;

/** Agents and undici give no signal: a proxy that never answers would keep the connection of a request that is over. */
const LIMIT_MS = 60_000;

async function openWithin(
  limitMs: number,
  tunnel: Tunnel,
  to: URL,
  anchors: readonly string[] | undefined,
): Promise<Socket> {
  const ending = new AbortController();
  const late = `the proxy ${tunnel.proxy.host} did not open a way within ${limitMs} ms: ask who runs it`;
  const timer = setTimeout(() => ending.abort(new TransportError("TIMEOUT", late)), limitMs);
  try {
    return await openTunnel(tunnel, to, anchors, ending.signal);
  } finally {
    clearTimeout(timer);
  }
}

/** What is made of a socket; the socket is ended where that throws: TLS refuses a key that does not read. */
async function orDestroy(socket: Socket, finish: () => Socket | Promise<Socket>): Promise<Socket> {
  try {
    return await finish();
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Agents for requests of `node:http` and `node:https` whose connections go through a proxy. */
export function tunnelAgents(
  tunnel: Tunnel,
  anchors: readonly string[] | undefined,
  limitMs: number = LIMIT_MS,
): { readonly http: object; readonly https: object } {
  const http = needBuiltin<typeof import("node:http")>("node:http");
  const https = needBuiltin<typeof import("node:https")>("node:https");
  const plain = new http.Agent({ keepAlive: true });
  const secure = new https.Agent({ keepAlive: true, ...(anchors === undefined ? {} : { ca: [...anchors] }) });
  // TLS as the agent does it, with the options of each request.
  const overTls = secure.createConnection.bind(secure) as unknown as (options: object) => Socket;
  const create = (protocol: string, finish: (socket: Socket, place: Place) => Socket) => (place: Place, done: Done) => {
    openWithin(limitMs, tunnel, urlOf({ ...place, protocol }), anchors)
      .then((socket) => orDestroy(socket, () => finish(socket, place)))
      .then((socket) => done(null, socket), done);
  };
  Object.assign(plain, { createConnection: create("http:", (socket) => socket) });
  Object.assign(secure, { createConnection: create("https:", (socket, place) => overTls({ ...place, socket })) });
  return { http: plain, https: secure };
}

/** The option `connect` of undici's `Agent`, `Pool` and `Client`. */
export function tunnelConnector(
  tunnel: Tunnel,
  anchors: readonly string[] | undefined,
): (place: Place, done: Done) => void {
  return (place, done) => {
    const to = urlOf(place);
    openWithin(LIMIT_MS, tunnel, to, anchors)
      .then((socket) => orDestroy(socket, () => openHttpSocket(to, { anchors, socket })))
      .then((socket) => done(null, socket), done);
  };
}

function urlOf({ hostname, host, port, protocol }: Place): URL {
  const name = hostname ?? host ?? "localhost";
  const literal = name.includes(":") && !name.startsWith("[") ? `[${name}]` : name;
  return new URL(`${protocol}//${literal}${port ? `:${port}` : ""}/`);
}
