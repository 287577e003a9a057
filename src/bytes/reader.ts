import { DecodeError } from "../errors.ts";

/** Reads big-endian (or, for old files, little-endian) fields from octets, checking each length before it is used. */
export class Reader {
  readonly octets: Uint8Array;
  readonly #view: DataView;
  readonly #path: string;
  readonly #littleEndian: boolean;
  /** Octets read so far. */
  offset = 0;

  constructor(octets: Uint8Array, path = "", options: { readonly littleEndian?: boolean } = {}) {
    this.octets = octets;
    this.#view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
    this.#path = path;
    this.#littleEndian = options.littleEndian ?? false;
  }

  get remaining(): number {
    return this.octets.length - this.offset;
  }

  /** Throws {@link DecodeError} at the present place. */
  fail(message: string, reason?: DecodeError["reason"]): never {
    throw new DecodeError(message, this.offset, this.#path, { reason });
  }

  uint8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2), this.#littleEndian);
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), this.#littleEndian);
  }

  int32(): number {
    return this.#view.getInt32(this.#advance(4), this.#littleEndian);
  }

  uint64(): bigint {
    return this.#view.getBigUint64(this.#advance(8), this.#littleEndian);
  }

  /** A view of the next `length` octets, not a copy. */
  bytes(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.octets.subarray(start, start + length);
  }

  /** A view of octets that a 32-bit length precedes. */
  data32(): Uint8Array {
    return this.bytes(this.uint32());
  }

  /** A view of octets that a 16-bit length precedes. */
  data16(): Uint8Array {
    return this.bytes(this.uint16());
  }

  /** Refuses octets that nothing has read. */
  end(): void {
    if (this.remaining !== 0) this.fail(`${this.remaining} octets after the end`);
  }

  #advance(length: number): number {
    if (length > this.remaining) this.fail(`${length} octets wanted, ${this.remaining} left`);
    const start = this.offset;
    this.offset = start + length;
    return start;
  }
}
