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
  /** Whether it has answered a request: then the server may end it while the next one is on its way. */
  isKept: boolean;
}

const MAX_IDLE = 8;
/** What may be sent twice (RFC 9110 section 9.2.2). */
export const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);
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

  /** A connection to a URL's origin that nobody else uses until it is put back; one that was kept, unless `isNew`. */
  async take(url: URL, signal: AbortSignal | undefined, isNew: boolean): Promise<PinnedConnection> {
    while (!isNew) {
      const kept = this.#idle.get(url.origin)?.pop();
      if (kept === undefined) break;
      if (kept.connection.isFree) return kept;
    }
    const connection = await this.#connections.open(url, signal);
    const { peerCertificate } = connection;
    return { connection, channelBindings: peerCertificate && (await serverEndPoint(peerCertificate)), isKept: false };
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
  readonly #isNew: boolean;
  #lost: HttpConnection["lost"];
  #pinned: PinnedConnection | undefined;
  #isHeld = true;
  #isRead = false;

  constructor(pool: ConnectionPool, url: URL, signal: AbortSignal | undefined, isNew: boolean) {
    this.#pool = pool;
    this.#url = url;
    this.#signal = signal;
    this.#isNew = isNew;
  }

  /** Takes a connection, another one where the server has ended it; gives what binds a token to it. */
  async open(): Promise<PinnedConnection> {
    if (this.#pinned?.connection.isFree !== true) {
      this.#pinned = await this.#pool.take(this.#url, this.#signal, this.#isNew);
    }
    return this.#pinned;
  }

  /** Sends a request; `isMidway`: it goes on with an exchange of tokens, which is the connection's. */
  async send(request: Request, isMidway: boolean): Promise<Response> {
    const pinned = isMidway && this.#pinned !== undefined ? this.#pinned : await this.open();
    const { connection } = pinned;
    this.#isRead = false;
    try {
      const answer = await connection.send(request, () => {
        this.#isRead = true;
        this.#putBack();
      });
      pinned.isKept = true;
      return answer;
    } catch (error) {
      if (pinned.isKept && this.#signal?.aborted !== true) this.#lost = connection.lost;
      throw error;
    }
  }

  /**
   * Whether the request failed because the server ended a connection that it had kept, and may be sent once more:
   * nobody saw it, or seeing it twice changes nothing (RFC 9110 section 9.2.2, RFC 9112 section 9.3.1).
   */
  mayRepeat(method: string): boolean {
    return !this.#isNew && (this.#lost === "unsent" || (this.#lost === "unanswered" && IDEMPOTENT.has(method)));
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
