import type { Connection } from "../../src/host/index.ts";

/** One direction of a connection in memory. */
class Pipe {
  readonly #chunks: Uint8Array[] = [];
  #end: { readonly error?: Error } | undefined;
  #reader: { resolve(octets: Uint8Array | undefined): void; reject(error: Error): void } | undefined;

  get hasUnread(): boolean {
    return this.#chunks.length > 0;
  }

  push(octets: Uint8Array): void {
    if (this.#end !== undefined || octets.length === 0) return;
    this.#chunks.push(octets.slice());
    this.#serve();
  }

  end(error?: Error): void {
    this.#end ??= error === undefined ? {} : { error };
    if (error !== undefined) this.#chunks.length = 0;
    this.#serve();
  }

  read(): Promise<Uint8Array | undefined> {
    if (this.#reader !== undefined) throw new TypeError("one read at a time");
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
      this.#serve();
    });
  }

  #serve(): void {
    const reader = this.#reader;
    if (reader === undefined) return;
    const chunk = this.#chunks.shift();
    if (chunk === undefined && this.#end === undefined) return;
    this.#reader = undefined;
    if (chunk !== undefined) reader.resolve(chunk);
    else if (this.#end?.error !== undefined) reader.reject(this.#end.error);
    else reader.resolve(undefined);
  }
}

/** One end of a connection in memory, with a record of what was written. */
export class MemoryConnection implements Connection {
  /** A copy of each write, in order. */
  readonly writes: Uint8Array[] = [];
  isClosed = false;
  isAborted = false;
  readonly #incoming: Pipe;
  readonly #outgoing: Pipe;
  #writeFailure: Error | undefined;
  #held: { resolve(): void; reject(error: Error): void }[] | undefined;

  constructor(incoming: Pipe, outgoing: Pipe) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
  }

  read(): Promise<Uint8Array | undefined> {
    return this.isAborted ? Promise.reject(new Error("aborted here")) : this.#incoming.read();
  }

  write(octets: Uint8Array): Promise<void> {
    if (this.#writeFailure !== undefined) return Promise.reject(this.#writeFailure);
    if (this.isClosed) return Promise.reject(new Error("closed here"));
    this.writes.push(octets.slice());
    this.#outgoing.push(octets);
    if (this.#held === undefined) return Promise.resolve();
    const held = this.#held;
    return new Promise((resolve, reject) => held.push({ resolve, reject }));
  }

  /** Writes are taken from now on, but their promises stay pending: a peer that does not read. */
  holdWrites(): void {
    this.#held ??= [];
  }

  /** Every later write fails, as after a reset that only a write sees. */
  failWrites(error: Error = reset()): void {
    this.#writeFailure = error;
    for (const { reject } of this.#held?.splice(0) ?? []) reject(error);
  }

  hasUnread(): boolean {
    return this.#incoming.hasUnread;
  }

  close(): Promise<void> {
    this.isClosed = true;
    this.#outgoing.end();
    this.#incoming.end();
    return Promise.resolve();
  }

  abort(): void {
    this.isAborted = true;
    this.failWrites(new Error("aborted here"));
    this.#incoming.end(new Error("aborted here"));
    this.#outgoing.end(reset());
  }

  /** Number of octets written. */
  get writtenBytes(): number {
    return this.writes.reduce((sum, octets) => sum + octets.length, 0);
  }
}

function reset(): Error {
  return Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
}

/** Two ends of one connection in memory. */
export function createConnectionPair(): {
  readonly client: MemoryConnection;
  readonly server: MemoryConnection;
  /** Ends the client's side alone, as a half-close does. */
  endUp(): void;
} {
  const up = new Pipe();
  const down = new Pipe();
  return { client: new MemoryConnection(down, up), server: new MemoryConnection(up, down), endUp: () => up.end() };
}
