import { setUint32 } from "../bytes/index.ts";
import { TransportError } from "../errors.ts";
import { MAX_MESSAGE_BYTES, MESSAGE } from "../remctl-wire/index.ts";
import type { BufferPool } from "./buffer-pool.ts";
import type { OutputWriter } from "./command.ts";
import type { Outbox } from "./outbox.ts";

/** Version, type, stream and the length of the data (remctl protocol section 2.5). */
const headerBytes = 7;
/** The most data of one OUTPUT: what goes into wrap is at most 65,536 octets (section 1). */
export const MAX_OUTPUT_BYTES: number = MAX_MESSAGE_BYTES - headerBytes;

type Stream = 1 | 2;

const utf8 = new TextEncoder();

/** The two streams of one command, and their end. */
export interface CommandOutput {
  readonly stdout: OutputWriter;
  readonly stderr: OutputWriter;
  /** No more writes are taken; resolves when those that were are on their way. Throws TransportError. */
  end(): Promise<void>;
}

/** Makes the writers of a command from one function. No failure of a write that nobody awaits can end the process. */
export function createWriter(write: (octets: Uint8Array) => Promise<void> | undefined): OutputWriter {
  return {
    write(data) {
      let octets: Uint8Array;
      if (typeof data === "string") octets = utf8.encode(data);
      else if (data instanceof Uint8Array) octets = data;
      else return Promise.reject(new TypeError("output is a string or a Uint8Array"));
      let written: Promise<void> | undefined;
      try {
        written = write(octets);
      } catch (error) {
        written = Promise.reject(error);
      }
      if (written === undefined) return Promise.resolve();
      written.catch(() => {});
      return written;
    },
  };
}

/**
 * Output of a command in protocol version 2: OUTPUT messages. Short writes to one stream are joined until the event
 * loop has come round once, so that a handler's last output and its STATUS go in one segment; long ones are sealed from
 * where they are.
 */
export class MessageOutput implements CommandOutput {
  readonly stdout: OutputWriter = createWriter((octets) => this.#write(1, octets));
  readonly stderr: OutputWriter = createWriter((octets) => this.#write(2, octets));
  readonly #outbox: Outbox;
  readonly #pool: BufferPool;
  readonly #header: Uint8Array = new Uint8Array(headerBytes);
  /** Data that is not sealed yet, all of one stream. */
  #pending: Uint8Array | undefined;
  #pendingBytes = 0;
  #mostPendingBytes = 0;
  #stream: Stream = 1;
  /** Work that has to wait for the client; writes queue behind it. */
  #tail: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;

  constructor(outbox: Outbox, pool: BufferPool) {
    this.#outbox = outbox;
    this.#pool = pool;
    this.#header[0] = 2;
    this.#header[1] = MESSAGE.output;
  }

  async end(): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      if (this.#tail !== undefined) await this.#tail;
      await this.#sealPending();
    } finally {
      if (this.#pending !== undefined) this.#pool.give(this.#pending, this.#mostPendingBytes);
      this.#pending = undefined;
    }
  }

  /** An OUTPUT of no data: it says nothing, and its failure tells that the client is gone. */
  probe(): void {
    if (this.#isOver) return;
    this.#queue(async () => {
      await this.#sealPending();
      await this.#sealData(this.#stream, new Uint8Array(0));
      this.#outbox.flush();
    }).catch(() => {});
  }

  #write(stream: Stream, octets: Uint8Array): Promise<void> | undefined {
    if (this.#isOver) throw new TypeError("the command is over: write before its handler returns");
    if (octets.length === 0) return this.#tail;
    if (this.#tail === undefined && this.#fits(stream, octets.length)) {
      this.#append(stream, octets);
      this.#timer ??= setTimeout(this.#onTimer, 0);
      return undefined;
    }
    return this.#queue(() => this.#writeSlowly(stream, octets));
  }

  #queue(work: () => Promise<void>): Promise<void> {
    const tail = (this.#tail ?? Promise.resolve()).then(work).finally(() => {
      if (this.#tail === tail) this.#tail = undefined;
    });
    this.#tail = tail;
    tail.catch(() => {});
    return tail;
  }

  async #writeSlowly(stream: Stream, octets: Uint8Array): Promise<void> {
    if (stream !== this.#stream) await this.#sealPending();
    for (let at = 0; at < octets.length; ) {
      if (this.#pendingBytes === 0 && octets.length - at >= MAX_OUTPUT_BYTES) {
        await this.#sealData(stream, octets.subarray(at, at + MAX_OUTPUT_BYTES));
        at += MAX_OUTPUT_BYTES;
        continue;
      }
      const piece = octets.subarray(at, at + MAX_OUTPUT_BYTES - this.#pendingBytes);
      this.#append(stream, piece);
      at += piece.length;
      if (this.#pendingBytes === MAX_OUTPUT_BYTES) await this.#sealPending();
    }
    if (!this.#isOver) this.#timer ??= setTimeout(this.#onTimer, 0);
  }

  #fits(stream: Stream, bytes: number): boolean {
    return (stream === this.#stream || this.#pendingBytes === 0) && this.#pendingBytes + bytes < MAX_OUTPUT_BYTES;
  }

  #append(stream: Stream, octets: Uint8Array): void {
    this.#pending ??= this.#pool.take();
    this.#stream = stream;
    this.#pending.set(octets, this.#pendingBytes);
    this.#pendingBytes += octets.length;
    this.#mostPendingBytes = Math.max(this.#mostPendingBytes, this.#pendingBytes);
  }

  #sealPending(): Promise<void> | undefined {
    const length = this.#pendingBytes;
    if (length === 0 || this.#pending === undefined) return undefined;
    this.#pendingBytes = 0;
    return this.#sealData(this.#stream, this.#pending.subarray(0, length));
  }

  #sealData(stream: Stream, data: Uint8Array): Promise<void> | undefined {
    const header = this.#header;
    header[2] = stream;
    setUint32(header, 3, data.length);
    return this.#outbox.seal(header, data);
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    this.#queue(async () => {
      await this.#sealPending();
      this.#outbox.flush();
    }).catch(() => {});
  };
}

/** The most output of protocol version 1: with status and length, 65,536 octets (section 3 step 9). */
export const MAX_V1_OUTPUT_BYTES: number = MAX_MESSAGE_BYTES - 8;

/** So much output, and others have their turn. */
const restBytes = 2 ** 20;

/**
 * Output of a command in protocol version 1: both streams joined, cut where the one answer is full, like remctld's.
 */
export class JoinedOutput implements CommandOutput {
  readonly stdout: OutputWriter = createWriter((octets) => this.#write(octets));
  readonly stderr: OutputWriter = this.stdout;
  readonly #isGone: () => boolean;
  #octets: Uint8Array = new Uint8Array(0);
  #length = 0;
  #sinceRest = 0;
  #isOver = false;

  constructor(isGone: () => boolean) {
    this.#isGone = isGone;
  }

  async end(): Promise<void> {
    this.#isOver = true;
  }

  /** What there is. */
  get data(): Uint8Array {
    return this.#octets.subarray(0, this.#length);
  }

  #write(octets: Uint8Array): Promise<void> | undefined {
    if (this.#isOver) throw new TypeError("the command is over: write before its handler returns");
    if (this.#isGone()) throw new TransportError("CONNECTION_CLOSED", "the client has closed the connection");
    const piece = octets.subarray(0, MAX_V1_OUTPUT_BYTES - this.#length);
    if (this.#length + piece.length > this.#octets.length) {
      const grown = new Uint8Array(
        Math.min(MAX_V1_OUTPUT_BYTES, Math.max(2 * this.#length, this.#length + piece.length)),
      );
      grown.set(this.data);
      this.#octets = grown;
    }
    this.#octets.set(piece, this.#length);
    this.#length += piece.length;
    this.#sinceRest += octets.length;
    if (this.#sinceRest < restBytes) return undefined;
    // Nothing here ever waits for the client: a handler with endless output would leave the event loop to nobody else.
    this.#sinceRest = 0;
    return new Promise((resolve) => setTimeout(resolve, 0));
  }
}
