/** The hash functions that HMAC and PBKDF2 are made of here. */
export type HashName = "sha1" | "sha256" | "sha384";

/**
 * The hash functions without a key. MD5 serves channel bindings only (RFC 4121 section 4.1.1.2), never integrity;
 * SHA-512 serves SPAKE with P-521 (RFC 9588).
 */
export type DigestName = HashName | "sha512" | "md5";

/** A block cipher that only legacy enctypes use, with keys of 16, 32 and 24 octets; DES has blocks of 8 octets. */
export type OtherCipher = "camellia-128" | "camellia-256" | "des-ede3";

/**
 * A cipher with blocks of 16 octets (AES, Camellia) or 8 (DES) in CBC mode with no padding, under one key whose
 * schedule is made once. Inputs are one or more whole blocks; anything else is a `RangeError`.
 */
export interface CbcCipher {
  /** Encrypts `input` into `output` (same length; the two may be the same octets). */
  encrypt(iv: Uint8Array, input: Uint8Array, output: Uint8Array): void;
  /** Decrypts `input` into `output` (same length; the two may be the same octets). */
  decrypt(iv: Uint8Array, input: Uint8Array, output: Uint8Array): void;
  /** Decrypts `input` into new octets, the caller's: no copy where a host makes them anyway. */
  decryptNew(iv: Uint8Array, input: Uint8Array): Uint8Array;
  /**
   * Gives back what the host keeps for the key, which is not used after this. One that is only dropped gives it back
   * when it is collected.
   */
  end?(): void;
}

/** A MAC (HMAC, CMAC) under one key, whose first states are made once. */
export interface Mac {
  /** The full MAC over the parts, joined. It may be a key: nothing else keeps it. */
  mac(...parts: readonly Uint8Array[]): Uint8Array;
  /** The same for a MAC that travels with a message: some hosts are faster where it need not be kept secret. */
  tag(...parts: readonly Uint8Array[]): Uint8Array;
}

/** What scrypt costs (RFC 7914 section 2). */
export interface ScryptCost {
  /** The cost, a power of 2. */
  readonly N: number;
  /** The block size, in 128 octets. */
  readonly r: number;
  /** The parallelization. */
  readonly p: number;
  /** Octets of memory that the host may take. */
  readonly maxmem: number;
}

/**
 * The seam between the enctypes and the code that computes AES and hashes on this host. Every provider gives the same
 * octets; `noble` is the reference and always there. Synchronous except PBKDF2, which must not block an event loop. A
 * provider copies what it keeps of a key: the caller may overwrite its octets at once. The octets that it returns are
 * plain and new, the caller's.
 *
 * This is what the enctypes of RFC 3962 and RFC 8009 need. Another enctype brings its own cipher or MAC: see
 * `Construction`.
 */
export interface CryptoProvider {
  /** Which one it is, for messages and traces. */
  readonly name: string;
  /** Fills new octets from the host's cryptographic generator. Never called at module load (Workers forbid it). */
  randomBytes(length: number): Uint8Array;
  /** AES in CBC mode. `key` is 16 or 32 octets. */
  aesCbc(key: Uint8Array): CbcCipher;
  /** Another cipher in CBC mode; undefined if the host does not have it. Absent: it has none. */
  otherCbc?(cipher: OtherCipher, key: Uint8Array): CbcCipher | undefined;
  /** HMAC (RFC 2104) under a key of any length. */
  hmac(hash: HashName, key: Uint8Array): Mac;
  /** The hash of the parts, joined. */
  hash(name: DigestName, ...parts: readonly Uint8Array[]): Uint8Array;
  /**
   * A secret in a group of RFC 3526; undefined or absent: BigInt is as fast there. Numbers are octets,
   * the most significant first; `computeSecret` throws for one that the host refuses.
   */
  diffieHellman?(group: "modp14" | "modp16"):
    | {
        /** Makes the secret once. Gives the generator to its power. */
        generateKeys(): Uint8Array;
        /** Another number to the power of the secret. */
        computeSecret(theirs: Uint8Array): Uint8Array;
      }
    | undefined;
  /** scrypt (RFC 7914); undefined if the host does not have it. Absent: it has none. */
  scrypt?(password: Uint8Array, salt: Uint8Array, length: number, cost: ScryptCost): Promise<Uint8Array> | undefined;
  /** PBKDF2-HMAC (RFC 8018 section 5.2). */
  pbkdf2(
    hash: HashName,
    password: Uint8Array,
    salt: Uint8Array,
    iterations: number,
    length: number,
  ): Promise<Uint8Array>;
}
