/** Sealed tokens of an established context, both directions. */
export interface SealedTokens {
  readonly etype: number;
  /** Octets that a sealed token is longer than its message, at most. */
  readonly sealedOverhead: number;
  /** Writes the sealed token of the parts, joined; gives its length. */
  sealInto(out: Uint8Array, offset: number, parts: readonly Uint8Array[]): number;
  /** The message of a token. */
  unwrap(token: Uint8Array, requireConf: boolean): Uint8Array;
  /** Forgets the keys. */
  wipe(): void;
}

/** All tokens of an established context: sealed, signed, and MICs apart. */
export interface MessageTokens extends SealedTokens {
  /** Octets that a signed token is longer than its message, at most. */
  readonly plainOverhead: number;
  /** The token that signs a message and holds it. */
  wrapPlain(octets: Uint8Array): Uint8Array;
  getMic(octets: Uint8Array): Uint8Array;
  verifyMic(octets: Uint8Array, mic: Uint8Array): void;
}
