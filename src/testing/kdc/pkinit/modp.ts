import { pkinitMessages } from "./messages.ts";
import { oid } from "./oids.ts";

/** The groups that this KDC knows: those of RFC 3526 with 2,048 and 4,096 bits, weakest first. */
export interface ModpGroup {
  readonly bits: number;
  readonly prime: bigint;
}

/** RFC 3526 sections 3 and 5: the primes are digits of pi and a number that makes them prime. */
export function modpGroups(): readonly ModpGroup[] {
  return [
    { bits: 2048, prime: primeOf(2048, 124_476n) },
    { bits: 4096, prime: primeOf(4096, 240_904n) },
  ];
}

function primeOf(bits: number, extra: bigint): bigint {
  const size = BigInt(bits);
  const middle = digitsOfPi(bits - 130) + extra;
  return (1n << size) - (1n << (size - 64n)) - 1n + (middle << 64n);
}

/** Pi times a power of two, without what is after the point (Machin's formula). */
function digitsOfPi(bits: number): bigint {
  const guard = 64n;
  const one = 1n << (BigInt(bits) + guard);
  return (16n * arctanOfInverse(5n, one) - 4n * arctanOfInverse(239n, one)) >> guard;
}

function arctanOfInverse(x: bigint, one: bigint): bigint {
  let term = one / x;
  let sum = term;
  for (let n = 3n; term !== 0n; n += 2n) {
    term = -term / (x * x);
    sum += term / n;
  }
  return sum;
}

/** TD-DH-PARAMETERS (RFC 4556 section 3.2.2): the groups that would do. */
export function encodeDhParameters(groups: readonly ModpGroup[]): Uint8Array {
  const all = groups.map(({ prime: p }) => ({
    algorithm: oid("dhPublicNumber"),
    parameters: pkinitMessages.encode("DomainParameters", { p, g: 2n, q: p >> 1n }),
  }));
  return pkinitMessages.encode("TD-DH-PARAMETERS", all);
}
