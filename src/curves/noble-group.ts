import type { EdwardsPoint } from "@noble/curves/abstract/edwards.js";
import type { WeierstrassPoint } from "@noble/curves/abstract/weierstrass.js";
import { decodeHex, encodeHex } from "../bytes/index.ts";
import type { Group, Point } from "./group.ts";

/** The library's points. Of these, `multiply` takes the same steps for every number; `multiplyUnsafe` does not. */
type NoblePoint = EdwardsPoint | WeierstrassPoint<bigint>;

/** The numbers of a curve that do not depend on its shape. */
export interface GroupNumbers {
  readonly number: number;
  readonly name: string;
  readonly hash: Group["hash"];
  readonly elementBytes: number;
  readonly scalarBytes: number;
  readonly order: bigint;
  /** M and N, encoded, in hexadecimal. */
  readonly m: string;
  readonly n: string;
  /** Whether a multiplier's first octet is the least significant. */
  readonly isLittleEndian: boolean;
}

/** What the library makes of a curve. */
export interface NobleCurve {
  readonly base: NoblePoint;
  /** Strict: throws for what is not on the curve, and for a second encoding of a point. */
  readonly decode: (octets: Uint8Array) => NoblePoint;
}

/**
 * A group over the library's points. The curve is made at the first use: no program pays at its start for a group that
 * no KDC asks for.
 */
export class NobleGroup implements Group {
  readonly number: number;
  readonly name: string;
  readonly hash: Group["hash"];
  readonly elementBytes: number;
  readonly scalarBytes: number;
  readonly order: bigint;
  readonly #numbers: GroupNumbers;
  readonly #make: () => NobleCurve;
  #curve: NobleCurve | undefined;
  #m: Point | undefined;
  #n: Point | undefined;

  constructor(numbers: GroupNumbers, make: () => NobleCurve) {
    this.#numbers = numbers;
    this.#make = make;
    this.number = numbers.number;
    this.name = numbers.name;
    this.hash = numbers.hash;
    this.elementBytes = numbers.elementBytes;
    this.scalarBytes = numbers.scalarBytes;
    this.order = numbers.order;
  }

  get base(): Point {
    return new NobleGroupPoint(this.#noble.base);
  }

  get m(): Point {
    this.#m ??= this.decode(decodeHex(this.#numbers.m));
    return this.#m;
  }

  get n(): Point {
    this.#n ??= this.decode(decodeHex(this.#numbers.n));
    return this.#n;
  }

  decode(octets: Uint8Array): Point {
    const { name, elementBytes } = this;
    if (octets.length !== elementBytes) {
      throw new Error(`a point of ${name} has ${elementBytes} octets, and this has ${octets.length}`);
    }
    const point = new NobleGroupPoint(this.#noble.decode(octets));
    if (point.clearCofactor().isIdentity) throw new Error(`a point of ${name} of small order`);
    return point;
  }

  reduce(octets: Uint8Array): bigint {
    return this.#integer(octets) % this.order;
  }

  draw(randomBytes: (length: number) => Uint8Array): bigint {
    const { order, scalarBytes } = this;
    const mask = (1n << BigInt(order.toString(2).length)) - 1n;
    for (;;) {
      // What is drawn and not used says nothing of what is.
      const drawn = this.#integer(randomBytes(scalarBytes)) & mask;
      if (drawn > 0n && drawn < order) return drawn;
    }
  }

  #integer(octets: Uint8Array): bigint {
    return BigInt(`0x${encodeHex(this.#numbers.isLittleEndian ? octets.slice().reverse() : octets)}`);
  }

  get #noble(): NobleCurve {
    this.#curve ??= this.#make();
    return this.#curve;
  }
}

/** The one place that multiplies. */
class NobleGroupPoint implements Point {
  readonly #point: NoblePoint;

  constructor(point: NoblePoint) {
    this.#point = point;
  }

  get isIdentity(): boolean {
    return this.#point.is0();
  }

  multiply(scalar: bigint): Point {
    return new NobleGroupPoint(this.#point.multiply(scalar));
  }

  add(other: Point): Point {
    // Both are of one group: the library refuses the point of another.
    return new NobleGroupPoint(this.#point.add((other as NobleGroupPoint).#point as never));
  }

  negate(): Point {
    return new NobleGroupPoint(this.#point.negate());
  }

  clearCofactor(): Point {
    return new NobleGroupPoint(this.#point.clearCofactor());
  }

  encode(): Uint8Array {
    return this.#point.toBytes();
  }
}
