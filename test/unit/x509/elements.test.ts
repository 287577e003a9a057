// The elements of BER, OBJECT IDENTIFIERs and PEM: each bound, at it and one beyond.

import { expect, it } from "vitest";
import { BER_LIMITS, parseBer, readBlock } from "../../../src/x509/ber.ts";
import { dotted, readPrivateKey } from "../../../src/x509/index.ts";
import { readPem } from "../../../src/x509/pem.ts";
import { der } from "../../support/der.ts";
import { olderCiphers } from "../../support/older-ciphers.ts";

it("M6: a private key has 256 elements at most", async () => {
  const many = (count: number) => der(0x30, ...Array.from({ length: count - 1 }, () => der(5)));
  const words = async (octets: Uint8Array) => {
    const error = await readPrivateKey(octets, async () => "", olderCiphers).catch((problem: Error) => problem);
    return String((error as Error).cause);
  };
  expect(await words(many(257))).toContain("more than 256 elements");
  expect(await words(many(256))).not.toContain("elements");
});

it("a BIT STRING has whole octets", () => {
  expect(parseBer(Uint8Array.of(3, 2, 0, 0x80), "x").bitString("x")).toEqual(Uint8Array.of(0x80));
  expect(() => parseBer(Uint8Array.of(3, 2, 1, 0x80), "x").bitString("x")).toThrow(/whole octets/);
});

it("a small number has one to four octets, and is not below zero", () => {
  const small = (...contents: number[]) => parseBer(der(2, contents), "x").small("x");
  expect([small(0), small(5), small(0x7f, 0xff, 0xff, 0xff)]).toEqual([0, 5, 2 ** 31 - 1]);
  for (const contents of [[], [0x80], [0xff, 0xff, 0xff, 0xff], [0, 0xff, 0xff, 0xff, 0xff]]) {
    expect(() => small(...contents)).toThrow(/x: /);
  }
});

it("M6: an OBJECT IDENTIFIER may have 128 octets, and what is in an octet string is not looked at", () => {
  for (const tag of [6, 0x0d]) {
    expect(() => parseBer(der(0x30, der(tag, new Uint8Array(129))), "x")).toThrow(/OBJECT IDENTIFIER of 129 octets/);
  }
  expect(parseBer(der(6, new Uint8Array(128).fill(1)), "x").contents).toHaveLength(128);
  expect(parseBer(der(4, der(6, new Uint8Array(129))), "x").contents).toHaveLength(132);
});

it.each([
  ["reaches out of the one that holds it", [0x30, 4, 5, 0, 4, 1, 9], "over its end"],
  ["reaches out of it, constructed", [0x30, 4, 5, 0, 0x30, 2, 5, 0], "over its end"],
  ["has its length outside", [0x30, 1, 5, 0], "over its end"],
  ["has its tag's number outside", [0x30, 1, 0xbf, 0x81, 0], "over its end"],
  ["is longer than what came", [4, 2, 1], "over its end"],
  ["is longer than what came, constructed", [0x30, 2, 5], "over its end"],
  ["has no length, and no end in the one that holds it", [0x30, 4, 0x30, 0x80, 5, 0], "over its end"],
  ["has no length, and no end", [0x30, 0x80, 5, 0], "over its end"],
  ["has no length, and is primitive", [5, 0x80, 0, 0], "without a length"],
  ["has a length of five octets", [4, 0x85, 0, 0, 0, 0, 0], "a length that is too long"],
  ["has the length that is reserved", [4, 0xff, 1], "a length that is too long"],
  ["ends what did not begin", [0x30, 2, 0, 0], "did not begin"],
  ["is an end with contents", [0x30, 0x80, 0, 1, 9, 0, 0], "did not begin"],
  ["is an end alone", [0, 0], "did not begin"],
  ["has a small number in the long form", [0x1f, 6, 0], "a tag that is too long"],
  ["has a number that begins with nothing", [0x9f, 0x80, 0x40, 0], "a tag that is too long"],
  ["has a number of five octets", [0x9f, 0x81, 0x80, 0x80, 0x80, 0, 0], "a tag that is too long"],
  ["is an INTEGER that is constructed", [0x22, 3, 2, 1, 1], "a primitive type"],
  ["is a NumericString that is constructed", [0x32, 0], "a primitive type"],
  ["is a SEQUENCE that is primitive", [0x10, 0], "not constructed"],
  ["is a SET that is primitive", [0x11, 0], "not constructed"],
])("M6: an element that %s is refused", (_what, octets, words) => {
  expect(() => parseBer(Uint8Array.from(octets), "x")).toThrow(words);
});

it.each([
  ["an indefinite length in a definite one", [0x30, 6, 0x30, 0x80, 5, 0, 0, 0]],
  ["a definite length in an indefinite one", [0x30, 0x80, 0x30, 2, 5, 0, 5, 0, 0, 0]],
  ["two ends", [0x30, 0x80, 0x30, 0x80, 0, 0, 0, 0]],
  ["empty ones", [0x31, 4, 0x30, 0, 0xa0, 0]],
  ["octets in pieces", [0x24, 6, 4, 1, 1, 4, 1, 2]],
  ["a length in four octets", [4, 0x84, 0, 0, 0, 1, 7]],
  ["a number of two octets", [0x9f, 0x81, 0, 1, 7]],
])("BER with %s is read", (_what, octets) => {
  expect(parseBer(Uint8Array.from(octets), "x").octets).toHaveLength(octets.length);
});

it("M6: the bounds hold at their values and refuse one more", () => {
  const read = (octets: Uint8Array, bounds: Partial<typeof BER_LIMITS>) =>
    readBlock(octets, "x", { ...BER_LIMITS, ...bounds });
  const nested = der(0x30, der(0x30, der(0x30)));
  read(nested, { maxDepth: 3 });
  expect(() => read(nested, { maxDepth: 2 })).toThrow("more than 2 levels");
  const wide = der(0x30, der(5), der(5), der(5));
  read(wide, { maxElements: 4 });
  expect(() => read(wide, { maxElements: 3 })).toThrow("more than 3 elements");
  read(wide, { maxBytes: 8 });
  expect(() => read(wide, { maxBytes: 7 })).toThrow("8 octets, 7 allowed");
  expect(() => read(Uint8Array.of(5, 0, 5, 0), {})).toThrow("2 octets after the end");
});

it.each([0x0c, 0x12, 0x13, 0x14, 0x15, 0x16, 0x19, 0x1a, 0x1b, 0x1c, 0x1e])(
  "M6: a structure has 8,192 octets of text at most, of the type %i too",
  (tag) => {
    const texts = (...lengths: readonly number[]) =>
      parseBer(der(0x30, ...lengths.map((length) => der(tag, new Uint8Array(length)))), "x");
    expect(texts(8_000, 192).children).toHaveLength(2);
    expect(() => texts(8_000, 193)).toThrow("more than 8192 octets of text");
    // Octets are not text, whatever stands in them.
    expect(parseBer(der(4, new Uint8Array(60_000)), "x").contents).toHaveLength(60_000);
  },
);

it("an OBJECT IDENTIFIER is shown with its numbers", () => {
  expect(dotted("2a864886f70d010101")).toBe("1.2.840.113549.1.1.1");
  expect(dotted("551d13")).toBe("2.5.29.19");
  expect(dotted("8837")).toBe("2.999");
});

const block = (label: string, body = "AAAA") => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;

it("PEM has blocks, and what is between them does not count", () => {
  const octets = new Uint8Array(3);
  const found = readPem(`before\n${block("ONE")}between: them\n${block("TWO")}`, "x");
  expect(found).toEqual([
    { label: "ONE", octets },
    { label: "TWO", octets },
  ]);
  expect(readPem(new TextEncoder().encode(block("ONE")), "x")).toEqual([{ label: "ONE", octets }]);
  expect(readPem(Uint8Array.of(0x30, 0), "x")).toEqual([{ label: undefined, octets: Uint8Array.of(0x30, 0) }]);
  expect(readPem(block("L".repeat(64)), "x")).toHaveLength(1);
});

it("PEM gives the blocks that are wanted, whatever the others hold", () => {
  const text = `${block("ONE")}${block("TWO", "Proc-Type: 4,ENCRYPTED\n\nAAAA")}${block("THREE", "%%%%")}`;
  expect(readPem(text, "x", (label) => label === "ONE")).toEqual([{ label: "ONE", octets: new Uint8Array(3) }]);
});

it.each([
  ["without its end", "-----BEGIN ONE-----\nAAAA", /without its end/],
  ["with another's end", `-----BEGIN ONE-----\nAAAA\n-----END TWO-----`, /without its end/],
  ["whose label does not end", "-----BEGIN ONE", /without its end/],
  ["whose label is too long", block("L".repeat(65)), /without its end/],
  ["that is not base64", block("ONE", "%%%%"), /not base64/],
  ["with a header alone", block("ONE", "Proc-Type: 4,ENCRYPTED\n\nAAAA"), /has headers in PEM that are not known here/],
  ["with another header", block("ONE", "Comment: hello\n\nAAAA"), /has headers in PEM that are not known here/],
  ["in too long a text", `${block("ONE")}${" ".repeat(1_048_576)}`, /more than 1048576 octets/],
])("a PEM block %s is refused", (_what, text, words) => {
  expect(() => readPem(text, "x")).toThrow(words);
});
