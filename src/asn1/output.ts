import { formatPath } from "./input.ts";

/**
 * Writes DER from its end to its beginning, so that each length is known when its turn comes and nothing is
 * moved or measured twice.
 */
export class DerOutput {
  #octets: Uint8Array;
  #at: number;
  /** As {@link DerInput.application}. */
  application = 0;
  /** As {@link DerInput.depth}. */
  depth = 0;
  /** As {@link DerInput.trail}. */
  readonly trail: (string | number)[];

  constructor(name: string, capacity = 1024) {
    this.#octets = new Uint8Array(capacity);
    this.#at = capacity;
    this.trail = [name];
  }

  /** Octets written so far. */
  get written(): number {
    return this.#octets.length - this.#at;
  }

  /** A value that its type does not allow: the caller's mistake. */
  fail(message: string): never {
    throw new RangeError(`${formatPath(this.trail, this.depth)}: ${message}`);
  }

  /** A value that is missing or is not of its type: the caller's mistake. */
  failType(message: string): never {
    throw new TypeError(`${formatPath(this.trail, this.depth)}: ${message}`);
  }

  octet(value: number): void {
    if (this.#at === 0) this.#grow(1);
    this.#octets[--this.#at] = value;
  }

  bytes(octets: Uint8Array): void {
    // First the room: making it may replace the buffer.
    const at = this.room(octets.length);
    this.#octets.set(octets, at);
  }

  /** Makes room for `length` octets and returns where they begin in {@link DerOutput.buffer}. */
  room(length: number): number {
    if (length > this.#at) this.#grow(length);
    this.#at -= length;
    return this.#at;
  }

  /** Takes back the `length` octets that were written last. */
  drop(length: number): void {
    this.#at += length;
  }

  /** Takes back all that was written since `written` was `mark`, in new octets. */
  take(mark: number): Uint8Array {
    const length = this.written - mark;
    const taken = this.#octets.slice(this.#at, this.#at + length);
    this.drop(length);
    return taken;
  }

  /** The octets that {@link DerOutput.room} gives a place in; others after the next call. */
  get buffer(): Uint8Array {
    return this.#octets;
  }

  /** Puts a length and an identifier octet before all that was written since `written` was `mark`. */
  header(tag: number, mark: number): void {
    const length = this.written - mark;
    if (length < 0x80) {
      this.octet(length);
    } else {
      let count = 0;
      for (let rest = length; rest > 0; rest = Math.floor(rest / 0x100)) {
        this.octet(rest % 0x100);
        count++;
      }
      this.octet(0x80 | count);
    }
    this.octet(tag);
  }

  /** All that was written, as a view of a buffer that nothing else uses. */
  finish(): Uint8Array {
    return this.#octets.subarray(this.#at);
  }

  #grow(wanted: number): void {
    const { written } = this;
    const grown = new Uint8Array(Math.max(this.#octets.length * 2, written + wanted));
    grown.set(this.#octets.subarray(this.#at), grown.length - written);
    // What moves may be a key (EncKDCRepPart): no copy is left behind.
    this.#octets.fill(0);
    this.#octets = grown;
    this.#at = grown.length - written;
  }
}
