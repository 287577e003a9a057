/** A point of a {@link Group}. */
export interface Point {
  /** This point times a secret number from 1 up to the order, in a time that does not depend on either. */
  multiply(scalar: bigint): Point;
  /** The sum of this point and another of the same group. */
  add(other: Point): Point;
  /** The point that gives the identity with this one. */
  negate(): Point;
  /** This point times the cofactor: what a point of small order in it would add is gone. */
  clearCofactor(): Point;
  /** The octets of the point, as the group writes them: one encoding for each point. */
  encode(): Uint8Array;
  /** Whether it is the group's neutral element. */
  readonly isIdentity: boolean;
}

/** A group of prime order for SPAKE: a row of the IANA registry "Kerberos SPAKE Groups" (RFC 9588 section 12.2). */
export interface Group {
  /** The number in the registry. */
  readonly number: number;
  /** The name in the registry. */
  readonly name: string;
  /** The associated hash function. */
  readonly hash: "sha256" | "sha384" | "sha512";
  /** Octets of an encoded point. */
  readonly elementBytes: number;
  /** Octets of a multiplier. */
  readonly scalarBytes: number;
  /** The order of the subgroup of {@link base}. */
  readonly order: bigint;
  /** The generator. */
  readonly base: Point;
  /** The point M, which masks the KDC's key. */
  readonly m: Point;
  /** The point N, which masks the client's key. */
  readonly n: Point;
  /**
   * Decodes a point of a stranger's.
   *
   * @param octets The encoded point.
   * @returns The point, which is on the curve, and of large order.
   * @throws Error if they are of another length, are not the encoding of a point, or that of a point of small order.
   */
  decode(octets: Uint8Array): Point;
  /** The number that octets of a multiplier stand for, in the group's order of octets, modulo {@link order}. */
  reduce(octets: Uint8Array): bigint;
  /**
   * Draws a secret number from 1 to the order less 1. Every number has the same chance.
   *
   * @param randomBytes Gives random octets.
   */
  draw(randomBytes: (length: number) => Uint8Array): bigint;
}
