import { describe, expect, it } from "vitest";
import refused from "../../krb5-vectors/asn1/refused.json" with { type: "json" };
import reference from "../../krb5-vectors/asn1/rfc4120.json" with { type: "json" };
import variants from "../../krb5-vectors/asn1/variants.json" with { type: "json" };
import { decodeHex, encodeHex } from "../../src/bytes/index.ts";
import { DecodeError } from "../../src/errors.ts";
import { asn1jsTree, ourTree } from "../support/asn1js-tree.ts";
import { codecOf, MESSAGE_CODECS, withoutOctets } from "../support/message-codecs.ts";

interface Vector {
  readonly name: string;
  readonly type: string;
  readonly octets: string;
  readonly canonical?: string;
  readonly value: unknown;
}

const accepted: readonly Vector[] = [...reference.vectors, ...variants.vectors];

/** A decoded value in the words of the figures: RFC names, hexadecimal, ISO 8601. */
function inWords(value: unknown): unknown {
  if (value instanceof Uint8Array) return encodeHex(value);
  if (value instanceof Date) return value.toISOString().replace(".000Z", "Z");
  if (Array.isArray(value)) return value.map(inWords);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`), inWords(item)]),
  );
}

describe("ASN.1 figures", () => {
  for (const { name, type, octets, canonical, value } of accepted) {
    it(`reads ${type}: ${name}`, () => {
      expect(inWords(codecOf(type)[0](decodeHex(octets)))).toEqual(value);
    });

    it(`writes ${type}: ${name}`, () => {
      const [decode, encode] = codecOf(type);
      const fields = withoutOctets(decode(decodeHex(octets)));
      expect(encodeHex(encode(fields as never))).toBe(canonical ?? octets);
    });

    it(`asn1js sees the same tree in ${type}: ${name}`, () => {
      const tree = asn1jsTree(decodeHex(octets));
      expect(ourTree(decodeHex(octets))).toEqual(tree);
      expect(tree.elements?.length ?? 0).toBeGreaterThanOrEqual(octets.length > 4 ? 1 : 0);
    });
  }

  for (const { rule, name, type, octets } of refused.vectors) {
    it(`${rule}: refuses ${type}: ${name}`, () => {
      expect(() => codecOf(type)[0](decodeHex(octets))).toThrow(DecodeError);
    });
  }

  it("there are figures of every codec that is built", () => {
    const types = new Set(accepted.map(({ type }) => type));
    expect(Object.keys(MESSAGE_CODECS).filter((type) => !types.has(type))).toEqual([]);
  });
});
