import type { ByteStream, Connection } from "./runtime.ts";

// How long an aborted stream's own close may take before what is in flight is cut off.
const closeGraceMs = 50;

/** A {@link Connection} over any `{ readable, writable }`: what a user's `dial` gives. */
export function connectionOf(stream: ByteStream): Connection {
  const direct = stream as Partial<Connection>;
  if (typeof direct.read === "function" && typeof direct.write === "function") return stream as unknown as Connection;
  return new StreamConnection(stream);
}

class StreamConnection implements Connection {
  readonly #stream: ByteStream;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  /** How to reject what is pending: an abort of a web stream waits for a write in flight, perhaps forever. */
  readonly #pending = new Set<(reason: Error) => void>();
  #failure: Error | undefined;
  #closed: Promise<void> | undefined;

  constructor(stream: ByteStream) {
    this.#stream = stream;
    this.#reader = stream.readable.getReader();
    this.#writer = stream.writable.getWriter();
    // These reject on an abort: the pending read or write reports it, nothing else needs to.
    this.#reader.closed.catch(ignore);
    this.#writer.closed.catch(ignore);
    stream.closed?.then(ignore, ignore);
  }

  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      const { done, value } = await this.#orAbort(() => this.#reader.read());
      if (done) return undefined;
      if (value.length > 0) return value;
    }
  }

  async write(octets: Uint8Array): Promise<void> {
    if (this.#closed !== undefined) throw this.#failure ?? new Error("the connection was closed here");
    // Some streams refuse empty chunks.
    await this.#orAbort(async () => (octets.length === 0 ? undefined : this.#writer.write(octets)));
  }

  close(): Promise<void> {
    this.#closed ??= this.#orAbort(async () => {
      await this.#writer.close().catch(ignore);
      await this.#reader.cancel().catch(ignore);
      await this.#closeStream();
    }).catch(ignore);
    return this.#closed;
  }

  abort(): void {
    if (this.#failure !== undefined) return;
    const reason = new Error("the connection was aborted here");
    this.#failure = reason;
    for (const reject of this.#pending) reject(reason);
    this.#pending.clear();
    const abortStreams = (): void => {
      this.#writer.abort(reason).catch(ignore);
      this.#reader.cancel(reason).catch(ignore);
    };
    if (this.#stream.close === undefined) {
      abortStreams();
      return;
    }
    // The stream's own close first: a Worker's socket whose streams were aborted stays open to the end of the request.
    // But a close that flushes waits for a write that the peer does not take, until that is aborted.
    const timer = setTimeout(abortStreams, closeGraceMs);
    this.#closeStream().then(() => {
      clearTimeout(timer);
      abortStreams();
    });
  }

  async #closeStream(): Promise<void> {
    try {
      await this.#stream.close?.();
    } catch {
      // It is being given up.
    }
  }

  #orAbort<T>(operation: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) throw this.#failure;
      this.#pending.add(reject);
      operation()
        .then(resolve, reject)
        .finally(() => this.#pending.delete(reject));
    });
  }
}

function ignore(): void {}
