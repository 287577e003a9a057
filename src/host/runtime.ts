import type { TraceChannel } from "../trace.ts";
import type { HostEnvironment } from "./environment.ts";
import type { Files } from "./files.ts";

/**
 * What a host can do for the library: the whole contract of an adapter in `src/runtime`. A member that the host lacks
 * is absent; callers fall back or say so by name before any traffic.
 */

/** The shape of the Sockets API that edge runtimes share; what a user's `dial` gives. */
export interface ByteStream {
  /** What the peer sends. */
  readonly readable: ReadableStream<Uint8Array>;
  /** What is sent to the peer. A write resolves when there is room for more. */
  readonly writable: WritableStream<Uint8Array>;
  /** Settles when the stream is closed. */
  readonly closed?: Promise<unknown>;
  /** Closes both directions. */
  close?(): Promise<unknown> | unknown;
}

/**
 * Opens a byte stream; `host` is a name or an address. Aborting `signal` ends the attempt and rejects with its reason.
 */
export type Dial = (
  host: string,
  port: number,
  options: { readonly signal?: AbortSignal },
) => Promise<ByteStream> | ByteStream;

/** The part of the platform's `fetch` that the library uses. */
export type Fetch = (
  url: string,
  init: {
    readonly method: string;
    readonly headers: Record<string, string>;
    readonly body: Uint8Array<ArrayBuffer>;
    /** Ends the attempt when it aborts. */
    readonly signal?: AbortSignal;
    readonly redirect?: "error" | "manual";
  },
) => Promise<{
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** Read piece by piece where it is there, so that an endless answer takes no memory. */
  readonly body?: ReadableStream<Uint8Array> | null;
  arrayBuffer(): Promise<ArrayBuffer>;
}>;

/**
 * A byte stream as the protocol drivers use it: octets in, octets out, in order. An adapter that is faster without
 * web streams gives one of these as a {@link ByteStream} too.
 */
export interface Connection {
  /** The next octets, never empty; undefined at the end of the stream. One read at a time. */
  read(): Promise<Uint8Array | undefined>;
  /** Resolves when the host has taken the octets: back-pressure. The caller does not touch them until then. */
  write(octets: Uint8Array): Promise<void>;
  /** True if octets have arrived that no `read` has returned, where the host can tell. */
  hasUnread?(): boolean;
  /** Ends cleanly: what was written is delivered, a read gives undefined, a further write rejects. It never rejects. */
  close(): Promise<void>;
  /** Ends at once; a pending read or write rejects, and so does every later one. */
  abort(): void;
}

/** A datagram socket connected to one peer: it drops what comes from anyone else. */
export interface DatagramSocket {
  /** Sends one datagram; resolves when the host has taken it. */
  send(datagram: Uint8Array): Promise<void>;
  /** The next datagram; rejects when the peer is known to refuse. */
  receive(): Promise<Uint8Array>;
  /** Closes the socket; a pending `receive` rejects. */
  close(): void;
}

/** Options for {@link Runtime.connectTcp} and {@link Runtime.connectUdp}. */
export interface ConnectOptions {
  /** Ends the attempt when it aborts. */
  readonly signal?: AbortSignal;
  /** The address to bind before connecting. */
  readonly localAddress?: string;
  /**
   * Called with false when the look-up of the name begins, and with true when it is over: the time that it takes is
   * the name's. A host that does not let us see it never calls.
   */
  readonly onLookUp?: (isOver: boolean) => void;
  /**
   * For a connection that is opened before it is needed. Called when its place is wanted, by a host that has few
   * ({@link Runtime.maxConnections}): gives the connection up, and returns true; false where it is in use by now.
   */
  readonly onWanted?: (() => boolean) | undefined;
}

/** Where a peer's octets come from. */
export interface PeerAddress {
  /** An IPv4 or IPv6 address. */
  readonly address: string;
  /** The UDP or TCP port. */
  readonly port: number;
}

/** Options for {@link Runtime.listenTcp} and {@link Runtime.listenUdp}. */
export interface ListenOptions {
  /** The address to listen on. */
  readonly host: string;
  /** 0: one that is free. */
  readonly port: number;
}

/** A place where a server listens. */
export interface Listener {
  /** The port in use. */
  readonly port: number;
  /** Takes nothing more; connections that are open stay so. */
  close(): Promise<void>;
}

/** One connection of HTTP/1.1, for one request at a time. */
export interface HttpConnection {
  /** Whether it takes another request, once the body of the last answer was read. */
  readonly isFree: boolean;
  /** The server's certificate in DER; undefined without TLS. */
  readonly peerCertificate: Uint8Array | undefined;
  /** How far the request came that failed: nothing of it was sent, or no octet of an answer to it has come. */
  readonly lost?: "unsent" | "unanswered" | undefined;
  /** Sends a request and gives its answer; `onFree` is called when its body was read, and the connection stays open. */
  send(request: Request, onFree: () => void): Promise<Response>;
  /** Ends it. */
  close(): void;
}

/** The host. */
export interface Runtime {
  /** The host, for messages; nothing is decided by it. */
  readonly name: "node" | "deno" | "bun" | "workerd" | "web";
  /** No-delay TCP. Rejects with an Error whose `code` is the host's (`ECONNREFUSED`), if it has one. */
  connectTcp?(host: string, port: number, options: ConnectOptions): Promise<Connection>;
  /** A datagram socket with one peer. Rejects as `connectTcp` does. */
  connectUdp?(host: string, port: number, options: ConnectOptions): Promise<DatagramSocket>;
  /**
   * True where a peer's refusal of datagrams is never reported: TCP comes first where an endpoint leaves the choice.
   */
  readonly isUdpSilent?: boolean;
  /**
   * How many connections one invocation may have open at once, where the host queues or cuts more. There, one that is
   * opened before it is needed gives its place up for others ({@link ConnectOptions.onWanted}). Absent: no limit.
   */
  readonly maxConnections?: number;
  /** A caller's own `dial` that keeps to {@link Runtime.maxConnections}; present where that is. */
  limitDial?(dial: Dial): Dial;
  /** Takes no-delay TCP connections until the listener is closed. Rejects as `connectTcp` does (`EADDRINUSE`). */
  listenTcp?(
    options: ListenOptions,
    onConnection: (connection: Connection, peer: PeerAddress) => void,
  ): Promise<Listener>;
  /** Takes datagrams; `reply` sends one back to where the datagram came from. */
  listenUdp?(
    options: ListenOptions,
    onDatagram: (datagram: Uint8Array, reply: (datagram: Uint8Array) => void, peer: PeerAddress) => void,
  ): Promise<Listener>;
  /** A stream socket in the file system. Rejects as `connectTcp` does (`ENOENT`). */
  connectUnix?(path: string, options?: { readonly signal?: AbortSignal }): Promise<Connection>;
  /**
   * The addresses of a name, the best first, by the host's own resolver; rejects for an unknown name (`ENOTFOUND`).
   * Absent where connecting by name is all there is, or all that is permitted.
   */
  lookUp?(host: string): Promise<readonly string[]>;
  /**
   * The resolvers that the host asks, for example `192.0.2.53` or `[2001:db8::53]:5353`: for hosts without
   * /etc/resolv.conf (Windows).
   */
  nameServers?(): readonly string[];
  /** Files, as they are seen from now on. */
  files?(): Files;
  /** Variables and users, as they are now. */
  environment?(): HostEnvironment;
  /** For KDC proxies and DNS over HTTPS. */
  fetch?: Fetch;
  /**
   * A `fetch` for `https:` that trusts these authorities (certificates in PEM) instead of the host's. Throws
   * `TypeError` for anything that is not a certificate.
   */
  fetchTrusting?(anchors: readonly string[]): Fetch;
  /**
   * Opens a connection for HTTP that nobody else uses. `anchors`: authorities (PEM) in place of the host's. `socket`: a
   * socket of the host that leads to the URL's host and port, in place of one that is opened.
   */
  openHttp?(
    url: URL,
    options: {
      readonly anchors?: readonly string[] | undefined;
      /** In place of one that is opened. */
      readonly socket?: object | undefined;
      readonly signal?: AbortSignal | undefined;
    },
  ): Promise<HttpConnection>;
  /** The channel of `node:diagnostics_channel` that trace events are published on, where the host has that module. */
  traceChannel?(): TraceChannel | undefined;
  /** The host's own `node:crypto`, if it has one; typed where it is used. */
  nodeCrypto?(): unknown;
  /**
   * True where one call of {@link Runtime.nodeCrypto} costs microseconds: plain JavaScript is ahead for small messages.
   */
  readonly isNodeCryptoCostly?: boolean;
  /** True where a cipher of {@link Runtime.nodeCrypto} keeps memory until it is ended. */
  readonly mustEndCiphers?: boolean;
  /**
   * True where the Diffie-Hellman of {@link Runtime.nodeCrypto} is faster than BigInt: on Node. Deno computes with big
   * numbers in JavaScript, and Bun tests for seconds whether the modulus is prime.
   */
  readonly hasFastDiffieHellman?: boolean;
  /**
   * Whether others take requests for the same service at the same time, each with a memory that is not shared: the
   * isolates of a Worker, the workers of a cluster. Absent: not that the host could tell.
   */
  isOneOfMany?(): boolean;
  /**
   * True where a promise belongs to the request that made it: requests share what was got there, never the wait for it.
   */
  readonly hasRequestBoundPromises?: boolean;
}
