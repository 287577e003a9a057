/** Writes big-endian fields into octets that grow as needed. */
export class Writer {
  #octets: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacity = 256) {
    this.#octets = new Uint8Array(capacity);
    this.#view = new DataView(this.#octets.buffer);
  }

  get length(): number {
    return this.#length;
  }

  // In each of these the place comes first: reserving may replace the octets that the view is of.
  uint8(value: number): this {
    const at = this.#reserve(1);
    this.#view.setUint8(at, value);
    return this;
  }

  uint16(value: number): this {
    const at = this.#reserve(2);
    this.#view.setUint16(at, value);
    return this;
  }

  uint32(value: number): this {
    const at = this.#reserve(4);
    this.#view.setUint32(at, value);
    return this;
  }

  int32(value: number): this {
    const at = this.#reserve(4);
    this.#view.setInt32(at, value);
    return this;
  }

  uint64(value: bigint): this {
    const at = this.#reserve(8);
    this.#view.setBigUint64(at, value);
    return this;
  }

  bytes(octets: Uint8Array): this {
    const at = this.#reserve(octets.length);
    this.#octets.set(octets, at);
    return this;
  }

  /** Octets with their 32-bit length before them. */
  data32(octets: Uint8Array): this {
    return this.uint32(octets.length).bytes(octets);
  }

  /** Octets with their 16-bit length before them. */
  data16(octets: Uint8Array): this {
    return this.uint16(octets.length).bytes(octets);
  }

  /** Everything written, as a view: writing on may or may not change it. */
  finish(): Uint8Array {
    return this.#octets.subarray(0, this.#length);
  }

  #reserve(length: number): number {
    const start = this.#length;
    if (start + length > this.#octets.length) {
      const grown = new Uint8Array(Math.max(this.#octets.length * 2, start + length));
      grown.set(this.#octets);
      this.#octets = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#length = start + length;
    return start;
  }
}
