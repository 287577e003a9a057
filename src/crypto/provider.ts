/** The hash functions that the enctypes use. */
export type HashName = "sha1" | "sha256" | "sha384";

/** The hash functions without a key. MD5 serves channel bindings only (RFC 4121 section 4.1.1.2), never integrity. */
export type DigestName = HashName | "md5";

/**
 * AES in CBC mode with no padding, under one key whose schedule is made once. Inputs are one or more whole blocks of 16
 * octets; anything else is a `RangeError`.
 */
export interface AesCbc {
  /** Encrypts `input` into `output` (same length; the two may be the same octets). */
  encrypt(iv: Uint8Array, input: Uint8Array, output: Uint8Array): void;
  /** Decrypts `input` into `output` (same length; the two may be the same octets). */
  decrypt(iv: Uint8Array, input: Uint8Array, output: Uint8Array): void;
  /** Decrypts `input` into new octets, the caller's: no copy where a host makes them anyway. */
  decryptNew(iv: Uint8Array, input: Uint8Array): Uint8Array;
  /**
   * Gives back what the host keeps for the key, which is not used after this. One that is only dropped gives it back when it is
   * collected.
   */
  end?(): void;
}

/** HMAC under one key whose inner and outer states are made once. */
export interface Hmac {
  /** The full MAC over the parts, joined. It may be a key: nothing else keeps it. */
  mac(...parts: readonly Uint8Array[]): Uint8Array;
  /** The same for a MAC that travels with a message: some hosts are faster where it need not be kept secret. */
  tag(...parts: readonly Uint8Array[]): Uint8Array;
}

/**
 * The seam between the enctypes and whatever computes AES and hashes here. Every provider gives the same octets;
 * `noble` is the reference and always there. Synchronous but for PBKDF2, which must not block an event loop. A provider copies
 * what it keeps of a key: the caller may overwrite its octets at once. What it returns is plain new octets, the caller's.
 */
export interface CryptoProvider {
  /** For messages and measurements, for example `noble`. */
  readonly name: string;
  /** Fills new octets from the host's cryptographic generator. Never called at module load (Workers forbid it). */
  randomBytes(length: number): Uint8Array;
  /** `key` is 16 or 32 octets. */
  aesCbc(key: Uint8Array): AesCbc;
  /** HMAC (RFC 2104) under a key of any length. */
  hmac(hash: HashName, key: Uint8Array): Hmac;
  /** The hash of the parts, joined. */
  hash(name: DigestName, ...parts: readonly Uint8Array[]): Uint8Array;
  /** PBKDF2-HMAC (RFC 8018 section 5.2). */
  pbkdf2(
    hash: HashName,
    password: Uint8Array,
    salt: Uint8Array,
    iterations: number,
    length: number,
  ): Promise<Uint8Array>;
}
