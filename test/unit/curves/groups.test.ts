import { describe, expect, it } from "vitest";
import figures from "../../../krb5-vectors/preauth/rfc9588.json" with { type: "json" };
import { decodeHex, encodeHex } from "../../../src/bytes/index.ts";
import { edwards25519, type Group, p256, p384, p521 } from "../../../src/curves/index.ts";

const groups: readonly Group[] = [edwards25519, p256, p384, p521];
const nist = [p256, p384, p521];
const hex = decodeHex;

const isEdwards = (group: Group) => group === edwards25519;

/** The whole number, which x and y of edwards25519 need: they are multiples of the cofactor, and may be above the order. */
function numberOf(group: Group, octets: Uint8Array): bigint {
  return BigInt(`0x${encodeHex(isEdwards(group) ? octets.slice().reverse() : octets)}`);
}

function octetsOf(group: Group, value: bigint, length: number): Uint8Array {
  const octets = hex(value.toString(16).padStart(2 * length, "0"));
  return isEdwards(group) ? octets.reverse() : octets;
}

describe("figures of RFC 9588", () => {
  it.each(figures.vectors)("$name: points", (v) => {
    const group = groups.find(({ number }) => number === Math.abs(v.group)) as Group;
    const cofactor = isEdwards(group) ? 8n : 1n;
    const secret = (octets: string) => {
      const exact = numberOf(group, hex(octets));
      expect(exact % cofactor).toBe(0n);
      return exact / cofactor;
    };
    const [x, y] = [secret(v.x), secret(v.y)];
    const w = group.reduce(hex(v.w));
    expect(w).toBe(numberOf(group, hex(v.multiplier)));
    const base = group.base.clearCofactor();
    expect(encodeHex(base.multiply(x).encode())).toBe(v.xP);
    expect(encodeHex(base.multiply(y).encode())).toBe(v.yP);
    expect(encodeHex(base.multiply(x).add(group.m.multiply(w)).encode())).toBe(v.kdcKey);
    expect(encodeHex(base.multiply(y).add(group.n.multiply(w)).encode())).toBe(v.clientKey);
    const unmasked = group.decode(hex(v.kdcKey)).add(group.m.multiply(w).negate());
    expect(encodeHex(unmasked.clearCofactor().multiply(y).encode())).toBe(v.shared);
  });
});

describe.each(groups.map((group) => [group.name, group] as const))("%s", (_name, group) => {
  it("has the generator, the order and lengths of its curve", () => {
    // (order - 1) times the generator is its negative: the order is the generator's.
    const last = group.base.multiply(group.order - 1n);
    expect(encodeHex(last.encode())).toBe(encodeHex(group.base.negate().encode()));
    expect(last.add(group.base).isIdentity).toBe(true);
    expect(group.base.isIdentity).toBe(false);
    expect(group.m.encode()).toHaveLength(group.elementBytes);
    expect(group.decode(group.n.encode()).encode()).toEqual(group.n.encode());
  });

  it("multiplies by numbers from 1 up to the order, and by no other", () => {
    expect(() => group.base.multiply(0n)).toThrow(RangeError);
    expect(() => group.base.multiply(group.order)).toThrow(RangeError);
    expect(group.base.multiply(1n).encode()).toEqual(group.base.encode());
  });

  it("reduces octets modulo the order, in its own order of octets", () => {
    expect(group.reduce(octetsOf(group, group.order, group.scalarBytes))).toBe(0n);
    expect(group.reduce(octetsOf(group, group.order + 5n, group.scalarBytes))).toBe(5n);
  });

  it("draws numbers below the order and above 0, and draws again for others", () => {
    const { order, scalarBytes } = group;
    const all = [0n, order, order + 1n, 3n, 4n].map((value) => octetsOf(group, value, scalarBytes));
    const asked: number[] = [];
    const drawn = group.draw((length) => {
      asked.push(length);
      return all.shift() as Uint8Array;
    });
    expect(drawn).toBe(3n);
    expect(asked).toEqual([scalarBytes, scalarBytes, scalarBytes, scalarBytes]);
    // Bits above the order's are dropped: octets of all ones would hardly ever be below it.
    const masked = octetsOf(group, order - 1n, scalarBytes);
    const top = isEdwards(group) ? scalarBytes - 1 : 0;
    if (order >> BigInt(8 * scalarBytes - 1) === 0n) masked[top] = (masked[top] as number) | 0x80;
    expect(group.draw(() => masked)).toBe(order - 1n);
  });

  it("refuses points of another length", () => {
    const point = group.base.encode();
    for (const octets of [new Uint8Array(0), point.subarray(1), Uint8Array.of(...point, 0)]) {
      expect(() => group.decode(octets)).toThrow(/octets/);
    }
  });

  it("refuses about half of what has the right length: it is not on the curve", () => {
    let refused = 0;
    for (let i = 1; i <= 16; i++) {
      const octets = new Uint8Array(group.elementBytes);
      octets[isEdwards(group) ? 0 : octets.length - 1] = i + 16;
      if (!isEdwards(group)) octets[0] = 2;
      try {
        expect(group.decode(octets).encode()).toEqual(octets);
      } catch {
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(2);
    expect(refused).toBeLessThan(14);
  });
});

describe("edwards25519", () => {
  const P = 2n ** 255n - 19n;
  const encoded = (y: bigint, sign = 0) => {
    const octets = octetsOf(edwards25519, y, 32);
    octets[31] = (octets[31] as number) | (sign << 7);
    return octets;
  };

  // A y that is written in one octet, and that a point has.
  const isOfPoint = (y: bigint): boolean => {
    try {
      return edwards25519.decode(encoded(y)) !== undefined;
    } catch {
      return false;
    }
  };
  const SMALL_Y = [2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n].find(isOfPoint) as bigint;

  it.each([
    ["the identity", encoded(1n)],
    ["the point of order 2", encoded(P - 1n)],
    ["a point of order 4", encoded(0n)],
    ["the other point of order 4", encoded(0n, 1)],
    ["a point of order 8", hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")],
    ["the identity, not canonical", encoded(P + 1n)],
    ["x = 0 with a sign", encoded(1n, 1)],
    ["a point whose y is not reduced", encoded(P + SMALL_Y)],
  ])("refuses %s", (_what, octets) => {
    expect(() => edwards25519.decode(octets)).toThrow();
  });

  it("takes a point with a part of small order, and clears it", () => {
    // The point of order 2 is (0, -1): adding it negates both coordinates.
    const dirty = edwards25519.base.encode();
    const y = P - numberOf(edwards25519, dirty);
    const point = edwards25519.decode(encoded(y, 1));
    expect(point.encode()).not.toEqual(dirty);
    expect(point.clearCofactor().encode()).toEqual(edwards25519.base.clearCofactor().encode());
  });
});

describe.each(nist.map((group) => [group.name, group] as const))("%s", (_name, group) => {
  it("refuses points that are not compressed, the identity, and x from the prime on", () => {
    const compressed = group.base.encode();
    for (const head of [0, 1, 4, 5, 6, 7]) {
      const octets = compressed.slice();
      octets[0] = head;
      expect(() => group.decode(octets)).toThrow();
    }
    const whole = new Uint8Array(2 * group.elementBytes - 1);
    whole[0] = 4;
    expect(() => group.decode(whole)).toThrow(/octets/);
    expect(() => group.decode(Uint8Array.of(0))).toThrow(/octets/);
    const beyond = new Uint8Array(group.elementBytes).fill(0xff);
    beyond[0] = 2;
    expect(() => group.decode(beyond)).toThrow();
  });
});
