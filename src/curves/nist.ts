import { weierstrass } from "@noble/curves/abstract/weierstrass.js";
import type { Group } from "./group.ts";
import { type GroupNumbers, NobleGroup } from "./noble-group.ts";

/** A NIST curve: y^2 = x^3 - 3x + b over the integers modulo p (SEC 2), whose order is prime. */
interface NistCurve {
  readonly p: bigint;
  readonly b: bigint;
  readonly x: bigint;
  readonly y: bigint;
}

/** The group of a NIST curve: points are compressed (SEC 1 section 2.3.3), a number's first octet is the highest. */
export function nistGroup(
  numbers: Omit<GroupNumbers, "elementBytes" | "isLittleEndian">,
  { p, b, x, y }: NistCurve,
): Group {
  const all = { ...numbers, elementBytes: 1 + numbers.scalarBytes, isLittleEndian: false };
  return new NobleGroup(all, () => {
    const curve = weierstrass({ p, n: numbers.order, h: 1n, a: p - 3n, b, Gx: x, Gy: y });
    return {
      // A point with no table of multiples, which takes longer to make than one login gains from it.
      base: curve.fromAffine({ x, y }),
      decode: (octets) => curve.fromBytes(octets),
    };
  });
}
