// The elements of BER, OBJECT IDENTIFIERs and PEM: each bound, at it and one beyond.

import { expect, it } from "vitest";
import { parseBer } from "../../../src/x509/ber.ts";
import { checkOids, dotted } from "../../../src/x509/index.ts";
import { readPem } from "../../../src/x509/pem.ts";
import { der } from "../../support/der.ts";

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

it("M6: an OBJECT IDENTIFIER is looked for after a length that only constructed elements may have", () => {
  const long = der(6, new Uint8Array(129).fill(1));
  expect(() => checkOids(Uint8Array.of(5, 0x80, ...long), "x")).toThrow(/OBJECT IDENTIFIER of 129 octets/);
  expect(() => checkOids(der(0x30, Uint8Array.of(5, 0), long), "x")).toThrow(/OBJECT IDENTIFIER of 129 octets/);
  expect(() => checkOids(der(0x0d, new Uint8Array(129)), "x")).toThrow(/OBJECT IDENTIFIER of 129 octets/);
  // What is in an octet string is not looked at.
  checkOids(der(4, long), "x");
});

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

it.each([
  ["without its end", "-----BEGIN ONE-----\nAAAA", /without its end/],
  ["with another's end", `-----BEGIN ONE-----\nAAAA\n-----END TWO-----`, /without its end/],
  ["whose label does not end", "-----BEGIN ONE", /without its end/],
  ["whose label is too long", block("L".repeat(65)), /without its end/],
  ["that is not base64", block("ONE", "%%%%"), /not base64/],
  ["of the old encryption", block("ONE", "Proc-Type: 4,ENCRYPTED\n\nAAAA"), /old encryption/],
  ["in too long a text", `${block("ONE")}${" ".repeat(1_048_576)}`, /more than 1048576 octets/],
])("a PEM block %s is refused", (_what, text, words) => {
  expect(() => readPem(text, "x")).toThrow(words);
});
