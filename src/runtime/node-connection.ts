import type { Connection } from "../host/index.ts";

/** The part of `net.Socket` that is used here; no host type gets into the declarations. */
export interface NodeSocket {
  on(event: string, listener: (...values: never[]) => void): unknown;
  removeListener(event: string, listener: (...values: never[]) => void): unknown;
  write(octets: Uint8Array, callback: (error?: Error | null) => void): boolean;
  end(): unknown;
  pause(): unknown;
  resume(): unknown;
  destroy(error?: Error): unknown;
  unref(): unknown;
}

// What is kept for a reader that is slow: above either, the socket is paused, after at most one more chunk of 64 KB.
const maxUnreadBytes = 128 * 1024;
const maxUnreadChunks = 256;

// After a clean close: how long the peer may take to close its side before the socket is destroyed.
const lingerMs = 1000;

interface Waiter {
  readonly resolve: (octets: Uint8Array | undefined) => void;
  readonly reject: (error: Error) => void;
}

/** A connected Node socket as a {@link Connection}: no web stream between the kernel's octets and the reader. */
export class NodeConnection implements Connection {
  readonly #socket: NodeSocket;
  readonly #unread: Uint8Array[] = [];
  #unreadBytes = 0;
  #isPaused = false;
  #isEnded = false;
  #isClosing = false;
  /** An error, or the words of one that is made when somebody sees it: most connections end in order. */
  #fault: Error | string | undefined;
  #reader: Waiter | undefined;
  readonly #writers = new Set<(error: Error) => void>();
  #closed: Promise<void> | undefined;

  constructor(socket: NodeSocket) {
    this.#socket = socket;
    socket.on("data", (chunk: Uint8Array) => this.#take(chunk));
    socket.on("end", () => this.#end());
    // Stays for the socket's life: an 'error' event without a listener ends the process.
    socket.on("error", (error: Error) => this.#fail(error));
    socket.on("close", () => this.#fail("the connection is closed"));
  }

  read(): Promise<Uint8Array | undefined> {
    const chunk = this.#unread.shift();
    if (chunk !== undefined) {
      this.#unreadBytes -= chunk.length;
      if (this.#isPaused && !this.#isFull()) {
        this.#isPaused = false;
        this.#socket.resume();
      }
      return Promise.resolve(chunk);
    }
    if (this.#isEnded) return Promise.resolve(undefined);
    if (this.#fault !== undefined) return Promise.reject(this.#failure);
    if (this.#reader !== undefined) return Promise.reject(new TypeError("a read is pending already: one at a time"));
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  write(octets: Uint8Array): Promise<void> {
    if (this.#fault !== undefined) return Promise.reject(this.#failure);
    if (this.#isClosing) return Promise.reject(new Error("the connection was closed here"));
    if (octets.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#writers.add(reject);
      this.#socket.write(octets, (error) => {
        // A socket destroyed meanwhile may report success of a write that the kernel never took.
        const failure = error ?? this.#failure;
        this.#writers.delete(reject);
        if (failure) reject(failure);
        else resolve();
      });
    });
  }

  hasUnread(): boolean {
    return this.#unread.length > 0;
  }

  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      if (this.#fault !== undefined) {
        resolve();
        return;
      }
      this.#isClosing = true;
      this.#end();
      const socket = this.#socket;
      // What still comes is read and dropped: a socket closed with octets unread sends a reset, which can overtake
      // what was written last.
      this.#drop();
      socket.resume();
      let timer: ReturnType<typeof setTimeout> | undefined;
      socket.on("finish", () => {
        resolve();
        if (this.#fault !== undefined) return;
        timer = setTimeout(() => socket.destroy(), lingerMs);
        (timer as { unref?: () => void }).unref?.();
        socket.unref();
      });
      socket.on("close", () => {
        clearTimeout(timer);
        resolve();
      });
      socket.end();
    });
    return this.#closed;
  }

  abort(): void {
    this.#fail("the connection was aborted here");
    // An end that the peer or a close made is forgotten: after an abort every read rejects.
    this.#isEnded = false;
    this.#drop();
    this.#socket.destroy();
  }

  #take(chunk: Uint8Array): void {
    if (this.#isClosing || chunk.length === 0) return;
    // A plain view: `slice` of a Buffer shares memory where that of a Uint8Array copies.
    const octets = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const reader = this.#reader;
    if (reader !== undefined) {
      this.#reader = undefined;
      reader.resolve(octets);
      return;
    }
    this.#unread.push(octets);
    this.#unreadBytes += octets.length;
    if (!this.#isPaused && this.#isFull()) {
      this.#isPaused = true;
      this.#socket.pause();
    }
  }

  #end(): void {
    this.#isEnded = true;
    this.#reader?.resolve(undefined);
    this.#reader = undefined;
  }

  get #failure(): Error | undefined {
    if (typeof this.#fault === "string") this.#fault = new Error(this.#fault);
    return this.#fault;
  }

  #fail(fault: Error | string): void {
    this.#fault ??= fault;
    this.#reader?.reject(this.#failure as Error);
    this.#reader = undefined;
    for (const reject of this.#writers) reject(this.#failure as Error);
    this.#writers.clear();
  }

  #isFull(): boolean {
    return this.#unreadBytes >= maxUnreadBytes || this.#unread.length >= maxUnreadChunks;
  }

  #drop(): void {
    this.#unread.length = 0;
    this.#unreadBytes = 0;
  }
}
