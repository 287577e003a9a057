/** Buffers of one size that connections take while they send, and give back: an idle connection has none. */
export class BufferPool {
  readonly #bytes: number;
  readonly #maxKept: number;
  readonly #free: Uint8Array[] = [];

  constructor(bytes: number, maxKept: number) {
    this.#bytes = bytes;
    this.#maxKept = maxKept;
  }

  take(): Uint8Array {
    return this.#free.pop() ?? new Uint8Array(this.#bytes);
  }

  /** What was in it is wiped where it was plaintext: `used` octets. */
  give(buffer: Uint8Array, used = 0): void {
    if (this.#free.length >= this.#maxKept) return;
    buffer.fill(0, 0, used);
    this.#free.push(buffer);
  }
}
