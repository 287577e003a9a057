import type { CbcCipher, CryptoProvider, Mac } from "./provider.ts";

/** The last octet of a derivation constant: Ke, Ki or Kc (RFC 3961 section 5.3). */
export type KeyLabel = 0xaa | 0x55 | 0x99;

/** What one protocol key can derive. */
export interface Deriver {
  /** Ke, Ki or Kc of a usage. */
  derive(usage: number, label: KeyLabel): Uint8Array;
  /** The RFC 3961 pseudo-random function. */
  prf(input: Uint8Array): Uint8Array;
  /** Gives back what the host keeps; nothing is derived after this. */
  end?(): void;
}

/**
 * What an enctype does with Ke, Ki and Kc. `C` is its cipher under one key, which only the enctype's own functions use:
 * one that the provider has, or one that the enctype's file brings. A copy of the keys' octets is the cipher's and the
 * MAC's to make.
 */
export interface Construction<C extends { end?(): void } = CbcCipher> {
  /** Octets that the cipher takes at a time; 1 for a stream. */
  readonly blockBytes: number;
  /** Makes what derives of a protocol key. */
  deriver(provider: CryptoProvider, key: Uint8Array): Deriver;
  /** Makes the cipher of Ke. */
  cipher(provider: CryptoProvider, key: Uint8Array): C;
  /** Makes the MAC of Ki or Kc. */
  mac(provider: CryptoProvider, key: Uint8Array): Mac;
  /**
   * Encrypts `data` in place: confounder and plaintext in its first `length` octets, zeros up to whole blocks behind
   * them. Gives the MAC, uncut.
   */
  seal(cipher: C, integrity: Mac, data: Uint8Array, length: number): Uint8Array;
  /**
   * Verifies and decrypts: confounder and plaintext in new octets, zeros up to whole blocks behind them. Throws the
   * integrity error; then nothing decrypted is left.
   */
  open(cipher: C, integrity: Mac, body: Uint8Array, mac: Uint8Array): Uint8Array;
}

/**
 * The constant that Ke, Ki and Kc are derived with: the usage as four octets, then the label (RFC 3961 section 5.3).
 */
export function usageConstant(usage: number, label: KeyLabel): Uint8Array {
  const constant = new Uint8Array(5);
  new DataView(constant.buffer).setUint32(0, usage);
  constant[4] = label;
  return constant;
}
