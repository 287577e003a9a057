import type { HttpConnection } from "../host/index.ts";
import { serverEndPoint } from "./server-end-point.ts";

/** Connections for one `negotiateFetch`: `nodeConnections` makes them. */
export interface HttpConnections {
  /** Opens a connection that nobody else uses. */
  open(url: URL, signal: AbortSignal | undefined): Promise<HttpConnection>;
  /** Whether requests to servers that get no token go over them too: there is a proxy. Default: by `fetch`. */
  readonly isOnlyWay?: boolean | undefined;
}

/** A connection, with what binds tokens to its channel. */
interface PinnedConnection {
  readonly connection: HttpConnection;
  readonly channelBindings: Uint8Array | undefined;
}

const MAX_IDLE = 8;
const taken = new WeakSet<HttpConnections>();

/** Connections of one credential, kept by origin. */
export class ConnectionPool {
  /** Whether nothing may go by another way. */
  readonly isOnlyWay: boolean;
  readonly #connections: HttpConnections;
  readonly #idle = new Map<string, PinnedConnection[]>();

  constructor(connections: HttpConnections) {
    // Rule H7 in SECURITY.md: what one client authenticated, another must not use.
    if (taken.has(connections)) {
      throw new TypeError("connections belong to another negotiateFetch: make new ones for each credential");
    }
    taken.add(connections);
    this.#connections = connections;
    this.isOnlyWay = connections.isOnlyWay === true;
  }

  /** A connection to a URL's origin that nobody else uses until it is put back. */
  async take(url: URL, signal: AbortSignal | undefined): Promise<PinnedConnection> {
    for (;;) {
      const kept = this.#idle.get(url.origin)?.pop();
      if (kept === undefined) break;
      if (kept.connection.isFree) return kept;
    }
    const connection = await this.#connections.open(url, signal);
    const { peerCertificate } = connection;
    return { connection, channelBindings: peerCertificate && (await serverEndPoint(peerCertificate)) };
  }

  put(url: URL, pinned: PinnedConnection): void {
    const idle = this.#idle.get(url.origin) ?? [];
    this.#idle.set(url.origin, idle);
    if (idle.length < MAX_IDLE) idle.push(pinned);
    else pinned.connection.close();
  }
}

/** The connection of one exchange, which another gets once the answer that is the caller's was read. */
export class Line {
  readonly #pool: ConnectionPool;
  readonly #url: URL;
  readonly #signal: AbortSignal | undefined;
  #pinned: PinnedConnection | undefined;
  #isHeld = true;
  #isRead = false;

  constructor(pool: ConnectionPool, url: URL, signal: AbortSignal | undefined) {
    this.#pool = pool;
    this.#url = url;
    this.#signal = signal;
  }

  /** Takes a connection, another one where the server has ended it; gives what binds a token to it. */
  async open(): Promise<PinnedConnection> {
    if (this.#pinned?.connection.isFree !== true) this.#pinned = await this.#pool.take(this.#url, this.#signal);
    return this.#pinned;
  }

  /** Sends a request; `isMidway`: it goes on with an exchange of tokens, which is the connection's. */
  async send(request: Request, isMidway: boolean): Promise<Response> {
    const { connection } = isMidway && this.#pinned !== undefined ? this.#pinned : await this.open();
    this.#isRead = false;
    return await connection.send(request, () => {
      this.#isRead = true;
      this.#putBack();
    });
  }

  /** The answer is the caller's, who reads it, or has it without a body. */
  release(): void {
    this.#isHeld = false;
    this.#putBack();
  }

  /** A connection that failed is not used again. */
  close(): void {
    this.#pinned?.connection.close();
  }

  #putBack(): void {
    if (!this.#isHeld && this.#isRead && this.#pinned) this.#pool.put(this.#url, this.#pinned);
  }
}
