import fc from "fast-check";
import { describe, expect, it } from "vitest";
import figures from "../../krb5-vectors/asn1/later.json" with { type: "json" };
import { concat, decodeHex, encodeHex } from "../../src/bytes/index.ts";
import { DecodeError } from "../../src/errors.ts";
import { asn1jsTree, ourTree, withoutUnreadContents } from "../support/asn1js-tree.ts";
import { LATER_TYPES, later } from "../support/later-types.ts";
import { withoutOctets } from "../support/message-codecs.ts";

type Name = keyof typeof LATER_TYPES;

const all = figures.vectors.map((figure) => ({ ...figure, type: figure.type as Name }));

/** A decoded value in the words of the figures: hexadecimal, ISO 8601, big numbers in decimal. */
function inWords(value: unknown): unknown {
  if (value instanceof Uint8Array) return encodeHex(value);
  if (value instanceof Date) return value.toISOString().replace(".000Z", "Z");
  if (typeof value === "bigint") return String(value);
  return value;
}

/** Names of fields without their hyphens and capitals: the documents have both `enc-part` and `pkAuthenticator`. */
function plainNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainNames);
  if (typeof value !== "object" || value === null || inWords(value) !== value) return inWords(value);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key.replaceAll("-", "").toLowerCase(), plainNames(item)]),
  );
}

describe("ASN.1 figures of later documents", () => {
  for (const { name, type, octets, value } of all) {
    it(`reads ${type}: ${name}`, () => {
      expect(plainNames(later.decode(type, decodeHex(octets)))).toEqual(plainNames(value));
    });

    it(`writes ${type}: ${name}`, () => {
      const fields = withoutOctets(later.decode(type, decodeHex(octets)));
      expect(encodeHex(later.encode(type, fields as never))).toBe(octets);
    });

    it(`asn1js sees the same tree in ${type}: ${name}`, () => {
      expect(ourTree(decodeHex(octets))).toEqual(asn1jsTree(decodeHex(octets)));
    });

    it(`D3, D4: refuses ${type} cut off at any octet, and with one more: ${name}`, () => {
      const whole = decodeHex(octets);
      for (let length = 0; length < whole.length; length++) {
        expect(() => later.decode(type, whole.subarray(0, length))).toThrow(DecodeError);
      }
      expect(() => later.decode(type, concat(whole, Uint8Array.of(0)))).toThrow(DecodeError);
    });
  }

  it("every type of the notation compiles", () => {
    for (const type of Object.keys(LATER_TYPES) as Name[]) {
      expect(() => later.decode(type, new Uint8Array(0))).toThrow(DecodeError);
    }
  });

  it("octets with one change are refused, or are DER to asn1js too and give the same tree and the same octets", () => {
    const change = fc.record({
      figure: fc.constantFrom(...all),
      at: fc.nat(),
      change: fc.oneof(
        fc.record({ set: fc.integer({ min: 0, max: 255 }) }),
        fc.record({ insert: fc.uint8Array({ minLength: 1, maxLength: 6 }) }),
        fc.record({ remove: fc.integer({ min: 1, max: 6 }) }),
      ),
    });
    let accepted = 0;
    fc.assert(
      fc.property(change, ({ figure: { type, octets }, at, change: how }) => {
        const whole = decodeHex(octets);
        const place = at % whole.length;
        const [head, tail] = [whole.subarray(0, place), whole.subarray(place)];
        const changed =
          "set" in how
            ? concat(head, Uint8Array.of(how.set), tail.subarray(1))
            : "insert" in how
              ? concat(head, how.insert, tail)
              : concat(head, tail.subarray(how.remove));
        let value: unknown;
        try {
          value = later.decode(type, changed);
        } catch (error) {
          if (error instanceof DecodeError) return;
          throw error;
        }
        accepted++;
        const plain = withoutUnreadContents(changed, value);
        expect(ourTree(plain)).toEqual(asn1jsTree(plain));
        const written = later.encode(type, withoutOctets(value) as never);
        expect(withoutOctets(later.decode(type, written))).toEqual(withoutOctets(value));
      }),
      { numRuns: 4_000 },
    );
    expect(accepted).toBeGreaterThan(200);
  }, 60_000);
});
