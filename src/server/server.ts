import { isKerberosError, plain, UnsupportedError } from "../errors.ts";
import type { SecurityContext } from "../gssapi/index.ts";
import {
  type ByteStream,
  type Connection,
  checkStream,
  connectionOf,
  createStreamPair,
  type Dial,
  type Listener,
  LONGEST_TIMER_MS,
  type PeerAddress,
  type Runtime,
  signalOf,
  withDeadline,
} from "../host/index.ts";
import { REMCTL_PORT } from "../remctl-wire/index.ts";
import { BufferPool } from "./buffer-pool.ts";
import { Budget } from "./byte-store.ts";
import { ClientConnection } from "./client-connection.ts";
import { CommandTable } from "./command-table.ts";
import type { ServerEvent } from "./events.ts";
import { Hangup } from "./failure.ts";
import { resolveLimits, type ServerLimits } from "./limits.ts";
import { checkListenOptions, checkPeer } from "./option-checks.ts";
import type { RemctlServerOptions, ServerListenOptions, ServerPeer } from "./options.ts";
import { SLAB_BYTES } from "./outbox.ts";
import { MAX_OUTPUT_BYTES } from "./output.ts";

/** What the entry file gives beside the caller's options. */
export interface ServerHost {
  readonly runtime: Runtime;
  /** Makes an acceptor that has not taken a step. */
  readonly createContext: () => SecurityContext | Promise<SecurityContext>;
}

/** Octets of context tokens that all strangers hold together, beside the first 128 KiB of each. */
const STRANGERS_BYTES = 32 * 2 ** 20;
/** Buffers that are kept for the next answer. */
const maxKeptBuffers = 16;
/** How long a client is idle at least before another gets its place: it may be about to send. */
const leastIdleMs = 1_000;
/** How long a handler whose signal was aborted may take to say its last words. */
const lastWordsMs = 1_000;

/** A remctl server: its commands, and the connections of its clients. Made by `createRemctlServer`. */
export class RemctlServer {
  readonly #limits: ServerLimits;
  readonly #options: RemctlServerOptions;
  readonly #host: ServerHost;
  readonly #table: CommandTable;
  readonly #budget: Budget;
  readonly #strangers = new Budget(STRANGERS_BYTES);
  readonly #slabs = new BufferPool(SLAB_BYTES, maxKeptBuffers);
  readonly #plain = new BufferPool(MAX_OUTPUT_BYTES, maxKeptBuffers);
  /** In the order in which they came. */
  readonly #clients = new Map<ClientConnection, Promise<void>>();
  readonly #connectionsOf = new Map<string, number>();
  readonly #listeners: Listener[] = [];
  /** Connections whose context is being made. */
  #arriving = 0;
  #connections = 0;
  #closing: Promise<void> | undefined;

  /** {@link createRemctlServer} makes one. */
  constructor(options: RemctlServerOptions, host: ServerHost) {
    this.#limits = resolveLimits(options);
    this.#options = options;
    this.#host = host;
    this.#table = new CommandTable(options.commands, options.authorizationData !== undefined);
    this.#budget = new Budget(this.#limits.maxBufferedBytes);
  }

  /** The port of the first {@link listen}; undefined before it and after {@link close}. */
  get port(): number | undefined {
    return this.#listeners[0]?.port;
  }

  /** Connections that are open, or whose handlers are still at work. */
  get connections(): number {
    return this.#clients.size;
  }

  /**
   * Takes TCP connections from now on. It may be called again, for another address.
   *
   * @param options the address and port
   * @throws TransportError `UNSUPPORTED_BY_RUNTIME` where the host has no listening sockets, TypeError after {@link
   *   close} and for an option that is not one, RangeError for what is not a port, and the host's own error, for
   *   example `EADDRINUSE`
   */
  async listen(options: ServerListenOptions = {}): Promise<void> {
    checkListenOptions(options);
    if (this.#closing !== undefined) throw new TypeError("the server is closed: make another");
    const { runtime } = this.#host;
    if (runtime.listenTcp === undefined) {
      throw new UnsupportedError(
        `this runtime (${runtime.name}) has no listening sockets: give each connection to accept()`,
      );
    }
    const { host, port = REMCTL_PORT } = options;
    const take = (connection: Connection, peer: PeerAddress): void => {
      // An IPv4 client of an IPv6 socket (RFC 4291 section 2.5.5.2): to ACLs and logs it is the IPv4 address.
      const address = peer.address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
      // A client that is gone already has no address. What a stranger does must reject nothing: this is not awaited.
      void this.#take(connection, address === "" ? {} : { address, port: peer.port });
    };
    let listener: Listener;
    try {
      listener = await runtime.listenTcp({ host: host ?? "::", port }, take);
    } catch (error) {
      if (host !== undefined || !isWithoutIpv6(error)) throw error;
      listener = await runtime.listenTcp({ host: "0.0.0.0", port }, take);
    }
    if (this.#closing !== undefined) await listener.close();
    else this.#listeners.push(listener);
  }

  /**
   * Serves one client on a byte stream that is open already; resolves when the connection is over. What goes wrong with
   * a client rejects nothing: the trace says it.
   *
   * @param stream the client's octets
   * @param peer where the client connects from, if that is known: for ACLs and logs
   * @throws TypeError and RangeError for what is not a stream, or not a peer: the caller's mistakes
   * @example
   * ```ts
   * await server.accept({ readable, writable }, { address: "192.0.2.7" });
   * ```
   */
  async accept(stream: ByteStream | Connection, peer: ServerPeer = {}): Promise<void> {
    checkStream("stream", stream);
    checkPeer(peer);
    const client = await this.#take(stream, peer);
    if (client !== undefined) await this.#clients.get(client);
  }

  /** Begins to serve a client, if there is room. Never rejects. */
  async #take(stream: ByteStream | Connection, peer: ServerPeer): Promise<ClientConnection | undefined> {
    const connection = keepingNothing(stream);
    const number = ++this.#connections;
    const report = (event: object): void => this.#report(number, event);
    report({ type: "connection", address: peer.address, port: peer.port });
    const refuse = (reason: string): undefined => {
      connection.abort();
      report({ type: "closed", user: undefined, reason });
    };
    if (this.#closing !== undefined) return refuse("the server is closed: make another");
    if (!this.#hasRoom()) return refuse(`there are ${this.#clients.size} connections, the limit`);
    let context: SecurityContext;
    this.#arriving++;
    try {
      // A keytab that is read from elsewhere may never come: the client's place is free again then.
      context = await withDeadline(() => this.#host.createContext(), {
        timeoutMs: this.#limits.handshakeTimeoutMs,
        what: "getting the keytab ready",
      });
    } catch (error) {
      this.#onError(error, { connection: number, user: undefined, line: undefined });
      return refuse(isKerberosError(error) ? error.message : "there is no acceptor");
    } finally {
      this.#arriving--;
    }
    let user: string | undefined;
    const client = new ClientConnection(connection, context, peer.address, {
      limits: this.#limits,
      table: this.#table,
      budget: this.#budget,
      strangers: this.#strangers,
      slabs: this.#slabs,
      plain: this.#plain,
      admit: (name) => {
        this.#admit(name);
        user = name;
      },
      report,
      isTraced: this.#options.onTrace !== undefined,
      onError: (error, source) => this.#onError(error, { connection: number, ...source }),
    });
    if (this.#closing !== undefined) return refuse("the server is closed: make another");
    const running = client.run().then(() => {
      this.#clients.delete(client);
      if (user !== undefined) this.#dismiss(user);
    });
    this.#clients.set(client, running);
    return client;
  }

  /**
   * Connects a client of the same program to this server without a socket: a client's `dial` option. Every host and
   * port lead here. What it gives is served as by {@link RemctlServer.accept}; after {@link RemctlServer.close} it ends
   * at once.
   *
   * @example
   * ```ts
   * import { createClient } from "krb5-remctl";
   *
   * const client = createClient({
   *   credentials: { principal: "alice@EXAMPLE.ORG", password },
   *   kdc: realm.kdc,
   *   dial: (host, port, options) => (port === 88 ? realm : server).dial(host, port, options),
   * });
   * ```
   */
  readonly dial: Dial = (_host, _port, options) => {
    const signal = signalOf(options);
    signal?.throwIfAborted();
    const [client, server] = createStreamPair();
    void this.accept(server);
    return client;
  };

  /**
   * Takes no more connections, ends those where no command runs, and lets commands run on for `closeGraceMs`. What is
   * not done by then is ended by its signal, and cut off a second later. Resolves when no connection is left; a
   * handler that does not heed its signal is not waited for. Never rejects; may be called again.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Closes the server at the end of an `await using`; see {@link RemctlServer.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const listeners = this.#listeners.splice(0);
    await Promise.all(listeners.map((listener) => listener.close()));
    const clients = [...this.#clients];
    const ended = Promise.all(clients.map(([, running]) => running));
    for (const [client] of clients) client.drain();
    if (await isDoneWithin(ended, this.#limits.closeGraceMs)) return;
    for (const [client] of clients) client.cancel();
    if (await isDoneWithin(ended, lastWordsMs)) return;
    for (const [client] of clients) client.abort("the server is closing");
    await isDoneWithin(ended, lastWordsMs);
  }

  /**
   * Makes room by closing the oldest connection without a caller, else the one that has been idle longest: strangers
   * take one place from those who are known, and each after it that of the stranger before.
   */
  #hasRoom(): boolean {
    if (this.#clients.size + this.#arriving < this.#limits.maxConnections) return true;
    for (const client of this.#clients.keys()) {
      if (client.user !== undefined || client.isGone) continue;
      client.abort("its place was needed before it had a security context");
      return true;
    }
    // Who is arriving is not in the list yet, and would be passed over.
    if (this.#arriving > 0) return false;
    let idlest: ClientConnection | undefined;
    let since = performance.now() - leastIdleMs;
    for (const client of this.#clients.keys()) {
      const { idleSince = Number.POSITIVE_INFINITY } = client;
      if (idleSince > since) continue;
      since = idleSince;
      idlest = client;
    }
    idlest?.giveWay();
    return idlest !== undefined;
  }

  /**
   * Throws Hangup. What still runs for a client that has gone counts: places that were freed before would bound no
   * memory.
   */
  #admit(user: string): void {
    const connections = this.#connectionsOf.get(user) ?? 0;
    if (connections >= this.#limits.maxConnectionsPerUser) {
      const gone = [...this.#clients.keys()].filter((client) => client.user === user && client.isGone).length;
      const why = gone === 0 ? "" : `: ${gone} of them because a handler still runs although its client has gone`;
      throw new Hangup(`${user} has too many connections${why}`);
    }
    this.#connectionsOf.set(user, connections + 1);
  }

  #dismiss(user: string): void {
    const connections = (this.#connectionsOf.get(user) ?? 0) - 1;
    if (connections > 0) this.#connectionsOf.set(user, connections);
    else this.#connectionsOf.delete(user);
  }

  #report(connection: number, event: object): void {
    try {
      this.#options.onTrace?.(plain({ ...event, at: Date.now(), connection } as ServerEvent));
    } catch {
      // A listener's fault is not the protocol's.
    }
  }

  #onError(error: unknown, source: Parameters<NonNullable<RemctlServerOptions["onError"]>>[1]): void {
    try {
      this.#options.onError?.(error, plain(source));
    } catch {
      // As above.
    }
  }
}

/**
 * A web stream may hold what was written to it for longer than the write takes, like one in memory, and the server's
 * buffers are used again then: it gets copies.
 */
function keepingNothing(stream: ByteStream | Connection): Connection {
  const connection = connectionOf(stream as ByteStream);
  if (connection === stream) return connection;
  return {
    read: () => connection.read(),
    write: (octets) => connection.write(octets.slice()),
    close: () => connection.close(),
    abort: () => connection.abort(),
  };
}

function isWithoutIpv6(error: unknown): boolean {
  return ["EAFNOSUPPORT", "EADDRNOTAVAIL"].includes((error as { readonly code?: string } | undefined)?.code ?? "");
}

function isDoneWithin(done: Promise<unknown>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), Math.min(ms, LONGEST_TIMER_MS));
    void done.then(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
