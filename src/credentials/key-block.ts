import { checkOctets, checkWhole } from "../checks/index.ts";

/** A key as a file keeps it, before anyone asks whether its enctype is permitted or its length right. */
export interface RawKey {
  /** The number of the enctype, signed. */
  readonly etype: number;
  /** A secret. */
  readonly octets: Uint8Array;
}

/**
 * A key out of a keytab or a cache. The octets are behind a getter of the class: `JSON.stringify`, loggers and
 * `util.inspect` show the enctype and nothing else.
 *
 * @example
 * ```ts
 * import { KeyBlock } from "krb5-remctl/credentials";
 *
 * const key = new KeyBlock(18, crypto.getRandomValues(new Uint8Array(32)));
 * JSON.stringify(key); // {"etype":18}
 * ```
 */
export class KeyBlock implements RawKey {
  /** The number of the enctype, signed. */
  readonly etype: number;
  readonly #octets: Uint8Array;

  /**
   * Makes a key.
   *
   * @param etype the number of the enctype
   * @param octets the key: a secret; they are kept, not copied
   * @throws TypeError and RangeError for what is not an enctype's number, or not octets: the caller's mistakes
   */
  constructor(etype: number, octets: Uint8Array) {
    checkWhole("etype", etype, -(2 ** 31), 2 ** 31 - 1);
    checkOctets("octets", octets);
    this.etype = etype;
    this.#octets = octets;
  }

  /** The octets of the key: a secret. */
  get octets(): Uint8Array {
    return this.#octets;
  }

  /**
   * Hides the octets from `JSON.stringify`.
   *
   * @returns the enctype alone
   */
  toJSON(): Record<string, unknown> {
    return { etype: this.etype };
  }
}
