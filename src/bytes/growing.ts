/**
 * Octets that grow by doubling. Copies, so that a small piece does not keep the whole chunk it came in: a hostile
 * server could otherwise have 64 KB held for each octet it sends.
 */
export class GrowingOctets {
  #octets = new Uint8Array(0);
  length = 0;

  append(data: Uint8Array): void {
    const length = this.length + data.length;
    if (length > this.#octets.length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.length));
      grown.set(this.#octets.subarray(0, this.length));
      this.#octets = grown;
    }
    this.#octets.set(data, this.length);
    this.length = length;
  }

  /** All of them, as a view. */
  take(): Uint8Array {
    return this.#octets.subarray(0, this.length);
  }
}
