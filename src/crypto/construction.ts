import type { AesCbc, CryptoProvider, HashName, Hmac } from "./provider.ts";

/** The last octet of a derivation constant: Ke, Ki or Kc (RFC 3961 section 5.3). */
export type KeyLabel = 0xaa | 0x55 | 0x99;

/** What one protocol key can derive. */
export interface Deriver {
  /** Ke, Ki or Kc of a usage. */
  derive(usage: number, label: KeyLabel): Uint8Array;
  prf(input: Uint8Array): Uint8Array;
  /** Gives back what the host keeps; nothing is derived after this. */
  end?(): void;
}

/** In what the RFC 3961 simplified profile and RFC 8009 differ. */
export interface Construction {
  readonly hash: HashName;
  deriver(provider: CryptoProvider, key: Uint8Array): Deriver;
  /**
   * Encrypts `data` in place: confounder and plaintext in its first `length` octets, zeros up to whole blocks behind them.
   * Gives the MAC, uncut.
   */
  seal(cipher: AesCbc, integrity: Hmac, data: Uint8Array, length: number): Uint8Array;
  /**
   * Verifies and decrypts: confounder and plaintext in new octets, zeros up to whole blocks behind them. Throws the
   * integrity error; then nothing decrypted is left.
   */
  open(cipher: AesCbc, integrity: Hmac, body: Uint8Array, mac: Uint8Array): Uint8Array;
}

/** The constant that Ke, Ki and Kc are derived with: the usage as four octets, then the label (RFC 3961 section 5.3). */
export function usageConstant(usage: number, label: KeyLabel): Uint8Array {
  const constant = new Uint8Array(5);
  new DataView(constant.buffer).setUint32(0, usage);
  constant[4] = label;
  return constant;
}
