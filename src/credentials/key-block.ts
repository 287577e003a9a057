/** A key as a file keeps it, before anyone asks whether its enctype is permitted or its length right. */
export interface RawKey {
  /** The number of the enctype, signed. */
  readonly etype: number;
  /** A secret. */
  readonly octets: Uint8Array;
}

/**
 * A key out of a keytab or a cache. The octets are behind a getter of the class, so that `JSON.stringify`, a logger and
 * `util.inspect` show the enctype and nothing else.
 */
export class KeyBlock implements RawKey {
  /** The number of the enctype, signed. */
  readonly etype: number;
  readonly #octets: Uint8Array;

  /** The octets are kept, not copied. */
  constructor(etype: number, octets: Uint8Array) {
    this.etype = etype;
    this.#octets = octets;
  }

  /** The octets of the key: a secret. */
  get octets(): Uint8Array {
    return this.#octets;
  }

  /** What `JSON.stringify` shows: the enctype alone. */
  toJSON(): Record<string, unknown> {
    return { etype: this.etype };
  }
}
