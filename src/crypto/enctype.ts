import type { CryptoProvider } from "./provider.ts";

/** Bounds on what a KDC may ask of string-to-key (rule P3 in SECURITY.md). */
export interface StringToKeyOptions {
  /** More iterations than this are refused. Default 1,000,000. */
  readonly maxIterations?: number | undefined;
  /** Fewer iterations than the enctype's default are refused unless this is true: for published figures only. */
  readonly allowWeakIterations?: boolean | undefined;
}

/**
 * An encryption type with its associated checksum (RFC 3961 section 3): a row of functions and numbers, with no state.
 * One file each in `enctypes/`.
 */
export interface EncType {
  /** The registered number. */
  readonly etype: number;
  /** The registered name. */
  readonly name: string;
  /** Other names that configurations use, for example `aes256-sha1`. */
  readonly aliases: readonly string[];
  /** Octets of a protocol key. */
  readonly keyBytes: number;
  /** Octets that `randomToKey` takes. */
  readonly seedBytes: number;
  /** Octets of random data before each plaintext. */
  readonly confounderBytes: number;
  /** Octets of the MAC in a ciphertext, and of a checksum. */
  readonly macBytes: number;
  /** The number of the associated checksum type. */
  readonly checksumType: number;
  /** Octets of PRF output. */
  readonly prfBytes: number;
  /** Iterations when a KDC gives no parameters. */
  readonly defaultIterations: number;
  /**
   * The key of a password (RFC 3961 string-to-key). `params` is `s2kparams` as it came: absent, or exactly four octets.
   * Throws CryptoError `BAD_STRING_TO_KEY_PARAMETERS` before any work is done.
   */
  stringToKey(
    provider: CryptoProvider,
    password: Uint8Array,
    salt: Uint8Array,
    params?: Uint8Array,
    options?: StringToKeyOptions,
  ): Promise<Uint8Array>;
  /** RFC 3961 random-to-key: `seedBytes` octets to key octets. */
  randomToKey(seed: Uint8Array): Uint8Array;
  /** A key ready for use. Throws CryptoError `BAD_KEY` if the length is not `keyBytes`. The octets are copied. */
  importKey(provider: CryptoProvider, octets: Uint8Array): ProtocolKey;
}

/** A protocol key of one enctype. What is derived from it is made once per usage and kept. */
export interface ProtocolKey {
  /** The enctype of the key. */
  readonly encType: EncType;
  /** The key's octets: a secret. The caller protects any copy of them. */
  readonly octets: Uint8Array;
  /** The operations under one key usage number (RFC 4120 section 7.5.1); kept, so asking again costs a look-up. */
  usage(usage: number): UsageKey;
  /** The RFC 3961 pseudo-random function: `prfBytes` octets. */
  prf(input: Uint8Array): Uint8Array;
  /**
   * Gives back what was derived and keeps the key: the next use derives it again. For a key that rests, as that of one
   * ticket among many.
   */
  forgetDerived(): void;
  /** Overwrites the key's octets and forgets what was derived; every later use throws. */
  wipe(): void;
}

/** Encryption and checksum under one key and one usage. */
export interface UsageKey {
  /** Octets that a ciphertext is longer than its plaintext: confounder and MAC. */
  readonly overheadBytes: number;
  /** Octets of a checksum. */
  readonly macBytes: number;
  /** Encrypts the parts, joined: confounder first, MAC last (RFC 3961 section 5.3, RFC 8009 section 5). */
  encrypt(...parts: readonly Uint8Array[]): Uint8Array;
  /**
   * The same into `out` from `offset` on, which must have room for the plaintext and `overheadBytes` (else
   * `RangeError`). A part may lie in `out` only where it goes: `confounderBytes` after `offset` and what precedes it.
   * Returns the octets written.
   */
  encryptInto(out: Uint8Array, offset: number, ...parts: readonly Uint8Array[]): number;
  /**
   * The plaintext, a view of new octets that the caller owns. Throws the one integrity error (CryptoError `INTEGRITY`)
   * for anything wrong, a ciphertext that is too short included; releases nothing before the MAC is verified.
   */
  decrypt(ciphertext: Uint8Array): Uint8Array;
  /** The keyed checksum over the parts, joined: `macBytes` octets. */
  checksum(...parts: readonly Uint8Array[]): Uint8Array;
  /**
   * Throws the integrity error unless `mac` is the checksum over the parts; constant time; the length must be exact.
   */
  verifyChecksum(mac: Uint8Array, ...parts: readonly Uint8Array[]): void;
}
