import { checkMethods, checkOptions } from "../checks/index.ts";
import type { ByteStream } from "../host/index.ts";
import { cannotOpen, closedHere, closeError, detailOf, lost } from "./failure.ts";
import {
  limitsOf,
  maxSentMessageBytes,
  octetsOf,
  streamChecks,
  type WebSocketLike,
  type WebSocketStreamOptions,
} from "./socket.ts";

const CONNECTING = 0;
const OPEN = 1;

// What is kept for a reader before the peer is made to wait, where that is possible.
const pauseAtBytes = 128 * 1024;
/** A message counts as this much at least: one of a single octet takes memory for its object and its place too. */
const leastMessageBytes = 256;

/**
 * Makes a byte stream of a WebSocket (RFC 6455), for a `dial` of your own. Each binary message is a piece of the
 * stream; where one ends means nothing. Text is refused. A clean close by the peer is the end of the stream; any other
 * close makes reads and writes reject with TransportError `CONNECTION_CLOSED`, with the proxy's words.
 *
 * @param socket a socket that is open or opening; it is this stream's from now on
 * @param options limits of what may wait
 * @returns `{ readable, writable, closed, close }`
 * @throws TypeError for a socket that is closed already, RangeError for a limit below 1: the caller's mistakes
 * @example
 * ```ts
 * import { createClient } from "krb5-remctl/lean";
 * import { webSocketStream } from "krb5-remctl/websocket";
 *
 * const client = createClient({
 *   credentials: { principal: "alice@EXAMPLE.ORG", password },
 *   kdc: ["https://gateway.example.org/KdcProxy"],
 *   dial: (host, port) => webSocketStream(new WebSocket(`wss://gateway.example.org/${host}/${port}`)),
 * });
 * const { status } = await client.remctl("server.example.org", ["account", "list"]);
 * ```
 */
export function webSocketStream(socket: WebSocketLike, options: WebSocketStreamOptions = {}): ByteStream {
  checkOptions("webSocketStream", options, streamChecks);
  checkMethods("socket", socket, "send", "close", "addEventListener");
  return new SocketStream(socket, options, "that was given");
}

/** {@link webSocketStream}, with the moment of its opening. */
export class SocketStream implements ByteStream {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  /** Settles with the connection; never rejects, since the streams tell. */
  readonly closed: Promise<void>;
  /** Rejects with a TransportError `CONNECT`. */
  readonly opened: Promise<void>;
  readonly #socket: WebSocketLike;
  readonly #name: string;
  readonly #limits: { readonly maxUnreadBytes: number; readonly maxUnsentBytes: number };
  #source!: ReadableStreamDefaultController<Uint8Array>;
  #sink!: WritableStreamDefaultController;
  #opening: { resolve(): void; reject(error: Error): void } | undefined;
  #isDone = false;
  #isPaused = false;
  #settle!: () => void;

  constructor(socket: WebSocketLike, options: WebSocketStreamOptions, name: string) {
    this.#socket = socket;
    this.#name = name;
    this.#limits = limitsOf(options);
    this.closed = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.opened = new Promise((resolve, reject) => {
      this.#opening = { resolve, reject };
    });
    // The first writer sees it too.
    this.opened.catch(() => {});
    this.readable = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#source = controller;
        },
        pull: () => this.#resume(),
        cancel: () => this.close(),
      },
      { highWaterMark: pauseAtBytes, size: (chunk) => Math.max(chunk.length, leastMessageBytes) },
    );
    this.writable = new WritableStream<Uint8Array>({
      start: (controller) => {
        this.#sink = controller;
      },
      write: (octets) => this.#write(octets),
      // A close sends what waits first.
      close: () => this.close(),
      abort: () => this.#drop(),
    });
    // Listeners and type before anything can come: a message may follow the opening at once.
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => this.#open());
    socket.addEventListener("message", (event: { readonly data: unknown }) => this.#take(event.data));
    socket.addEventListener("error", (event: object) => this.#fail(`the WebSocket failed${detailOf(event)}`, event));
    socket.addEventListener("close", (event: CloseEventLike) => this.#closedByPeer(event));
    if (accept(socket) || socket.readyState === OPEN) this.#open();
    else if (socket.readyState !== CONNECTING)
      throw new TypeError("the WebSocket is closed already: give one that is open");
  }

  /** Ends with a closing handshake, which is not waited for. */
  close(): void {
    if (this.#isDone) return;
    this.#end(undefined);
    closeQuietly(this.#socket);
  }

  #open(): void {
    this.#opening?.resolve();
    this.#opening = undefined;
  }

  #take(data: unknown): void {
    if (this.#isDone) return;
    const octets = octetsOf(data);
    if (octets === undefined) {
      const what = typeof data === "string" ? "text" : "a Blob";
      this.#fail(
        `the WebSocket gave ${what} where octets are expected: is it a proxy of TCP, with subprotocol "binary"?`,
      );
      this.#drop();
      return;
    }
    if (octets.length === 0) return;
    this.#source.enqueue(octets);
    const unreadBytes = pauseAtBytes - (this.#source.desiredSize ?? 0);
    if (unreadBytes > this.#limits.maxUnreadBytes) {
      this.#fail(
        `more than ${this.#limits.maxUnreadBytes} octets came by WebSocket and were not read (maxUnreadBytes)`,
      );
      this.#drop();
    } else if (unreadBytes >= pauseAtBytes && !this.#isPaused && this.#socket.pause !== undefined) {
      this.#isPaused = true;
      this.#socket.pause();
    }
  }

  #resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#socket.resume?.();
  }

  async #write(octets: Uint8Array): Promise<void> {
    if (this.#opening !== undefined) await this.opened;
    for (let at = 0; at < octets.length; at += maxSentMessageBytes) {
      if (this.#isDone) throw closedHere();
      this.#socket.send(octets.subarray(at, at + maxSentMessageBytes) as Uint8Array<ArrayBuffer>);
      await this.#drained();
    }
  }

  /** Waits until few octets are unsent. The host has no event for that, so the count is read at growing intervals. */
  async #drained(): Promise<void> {
    const { maxUnsentBytes } = this.#limits;
    for (let waitMs = 1; !this.#isDone && (this.#socket.bufferedAmount ?? 0) > maxUnsentBytes; waitMs *= 2) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(waitMs, 50)));
    }
  }

  #closedByPeer({ code, reason = "" }: CloseEventLike): void {
    const error = closeError(code, reason);
    if (error === undefined && this.#opening === undefined) this.#end(undefined);
    else this.#fail(error?.message ?? "it was closed at once");
  }

  #fail(message: string, event: object = {}): void {
    this.#end(this.#opening === undefined ? lost(message) : cannotOpen(this.#name, detailOf(event)));
  }

  /** The first end counts: what was read before it may wait for its reader still. */
  #end(error: Error | undefined): void {
    if (this.#isDone) return;
    this.#isDone = true;
    // A paused socket would never see the end of its closing handshake.
    this.#resume();
    if (error === undefined) closeSource(this.#source);
    else this.#source.error(error);
    this.#opening?.reject(error ?? closedHere());
    this.#sink.error(error ?? closedHere());
    this.#settle();
  }

  /** Ends at once, as far as the host can. */
  #drop(): void {
    this.#end(closedHere());
    if (this.#socket.terminate !== undefined) this.#socket.terminate();
    else closeQuietly(this.#socket);
  }
}

interface CloseEventLike {
  readonly code?: number;
  readonly reason?: string;
}

function closeSource(source: ReadableStreamDefaultController<Uint8Array>): void {
  try {
    source.close();
  } catch {
    // Its reader cancelled it.
  }
}

/** With a code: websockify answers a close without one with 1005, which must not be on the wire. */
export function closeQuietly(socket: WebSocketLike): void {
  try {
    socket.close(1000);
  } catch {
    // It never opened.
  }
}

/**
 * A Worker's socket from a response wants this, and is open then; one of `new WebSocket` refuses it, and opens by
 * itself.
 */
function accept(socket: WebSocketLike): boolean {
  try {
    socket.accept?.();
    return socket.accept !== undefined;
  } catch {
    return false;
  }
}
