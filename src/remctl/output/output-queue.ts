import type { OutputStream } from "../command/messages.ts";
import type { OutputSink } from "./result.ts";

/** A piece of a command's output, as it came. */
export interface OutputChunk {
  /** Which of the two it is of. */
  readonly stream: OutputStream;
  /** Octets that nobody else changes. */
  readonly data: Uint8Array;
}

/** Above this, nothing more is read from the server until the consumer has taken half of it. */
const highWaterBytes = 256 * 1024;
/** What a piece costs beside its octets. */
const chunkCostBytes = 64;

interface Waiter {
  readonly resolve: (result: IteratorResult<OutputChunk, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

/** Output between the session, which pushes, and one consumer, which pulls; full, it holds the session back. */
export class OutputQueue implements OutputSink {
  #chunks: OutputChunk[] = [];
  #bytes = 0;
  #isDiscarding = false;
  #end: { readonly error?: unknown } | undefined;
  #waiters: Waiter[] = [];
  #resume: (() => void) | undefined;

  push(stream: OutputStream, data: Uint8Array): void {
    if (this.#isDiscarding) return;
    const chunk = { stream, data };
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      waiter.resolve({ value: chunk, done: false });
      return;
    }
    this.#chunks.push(chunk);
    this.#bytes += data.length + chunkCostBytes;
  }

  paused(): Promise<void> | undefined {
    if (this.#bytes < highWaterBytes) return undefined;
    return new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  /** No more output; with an error, the consumer gets it after what is queued, once. */
  end(outcome: { readonly error?: unknown }): void {
    this.#end = outcome;
    for (const waiter of this.#waiters.splice(0)) this.#settle(waiter);
  }

  next(): Promise<IteratorResult<OutputChunk, undefined>> {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#bytes -= chunk.data.length + chunkCostBytes;
      if (this.#bytes < highWaterBytes / 2) this.#release();
      return Promise.resolve({ value: chunk, done: false });
    }
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject };
      if (this.#end === undefined) this.#waiters.push(waiter);
      else this.#settle(waiter);
    });
  }

  /** Drops what is queued and what comes: nobody looks at it any more. */
  discard(): void {
    this.#isDiscarding = true;
    this.#chunks = [];
    this.#bytes = 0;
    this.#release();
    for (const { resolve } of this.#waiters.splice(0)) resolve({ value: undefined, done: true });
  }

  #settle({ resolve, reject }: Waiter): void {
    if (this.#end !== undefined && "error" in this.#end && !this.#isDiscarding) {
      reject(this.#end.error);
      this.#end = {};
    } else {
      resolve({ value: undefined, done: true });
    }
  }

  #release(): void {
    this.#resume?.();
    this.#resume = undefined;
  }
}
