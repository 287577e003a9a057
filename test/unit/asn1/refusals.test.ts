// Each refusal of the codec at its border: the last value that is read, and the first that is not.

import { describe, expect, it } from "vitest";
import { boolean } from "../../../src/asn1/boolean.ts";
import { choice } from "../../../src/asn1/choice.ts";
import {
  createModule,
  DER_LIMITS,
  decodeDer,
  encodeDer,
  int32,
  kerberosFlags,
  kerberosString,
  kerberosTime,
  MORE_WORDS,
  objectIdentifier,
  octetString,
  type Schema,
  uint32,
  walkDer,
} from "../../../src/asn1/index.ts";
import { explicit, implicit } from "../../../src/asn1/tagged.ts";
import { decodeHex, encodeHex, encodeText } from "../../../src/bytes/index.ts";
import { DecodeError } from "../../../src/errors.ts";

function read<T>(schema: Schema<T>, hex: string): T {
  return decodeDer(schema, "value", decodeHex(hex));
}

function refused<T>(schema: Schema<T>, hex: string, message: string): void {
  expect(() => read(schema, hex), hex).toThrow(DecodeError);
  expect(() => read(schema, hex), hex).toThrow(message);
}

/** A value that no caller of TypeScript could give. */
const wrong = (value: unknown): never => value as never;

describe("BOOLEAN", () => {
  it("is FF or 00 in one octet, and nothing else", () => {
    expect(read(boolean, "0101ff")).toBe(true);
    expect(read(boolean, "010100")).toBe(false);
    expect(encodeHex(encodeDer(boolean, "value", true))).toBe("0101ff");
    expect(encodeHex(encodeDer(boolean, "value", false))).toBe("010100");
    refused(boolean, "010101", "neither 00 nor FF");
    refused(boolean, "0101fe", "neither 00 nor FF");
    refused(boolean, "0100", "not one octet");
    refused(boolean, "0102ffff", "not one octet");
    expect(() => encodeDer(boolean, "value", wrong(1))).toThrow(TypeError);
  });
});

describe("KerberosTime", () => {
  const time = (text: string): Date => decodeDer(kerberosTime, "time", element(text));
  const element = (text: string): Uint8Array => Uint8Array.from([0x18, text.length, ...encodeText(text)]);

  it.each([
    ["the first month", "20250101000000Z"],
    ["the last month", "20251231235959Z"],
    ["a leap day", "20240229000000Z"],
    ["the end of January of a leap year", "20240131000000Z"],
    ["a leap day of a year that 400 divides", "20000229000000Z"],
    ["the end of February", "20250228000000Z"],
    ["the first of March", "20250301000000Z"],
    ["the end of March", "20250331000000Z"],
    ["the end of April", "20250430000000Z"],
    ["the year 0", "00000301000000Z"],
    ["the year 9999", "99991231235959Z"],
  ])("reads %s and writes it as it was", (_, text) => {
    const date = time(text);
    const fields = /(....)(..)(..)(..)(..)(..)Z/.exec(text)?.slice(1) ?? [];
    expect(date.toISOString().replace(/\D/g, "").slice(0, 14)).toBe(fields.join(""));
    expect(encodeDer(kerberosTime, "time", date)).toEqual(element(text));
  });

  it.each([
    ["month 0", "20250001000000Z"],
    ["month 13", "20251301000000Z"],
    ["day 0", "20250100000000Z"],
    ["January 32", "20250132000000Z"],
    ["February 29 of a plain year", "20250229000000Z"],
    ["February 29 of a century", "19000229000000Z"],
    ["February 30 of a leap year", "20240230000000Z"],
    ["April 31", "20250431000000Z"],
    ["hour 24", "20250101240000Z"],
    ["minute 60", "20250101006000Z"],
    ["second 60", "20250101000060Z"],
  ])("refuses %s", (_, text) => {
    expect(() => time(text)).toThrow("not a valid date");
  });

  it("refuses other forms, and what is not a digit on either side of the digits", () => {
    for (const text of ["202501010000Z", "20250101000000", "202501010000000Z", "20250101000000z"]) {
      expect(() => time(text), text).toThrow("not YYYYMMDDHHMMSSZ");
    }
    for (const text of ["202501010000/0Z", "202501010000:0Z", "2025010100000/Z", "2025010100000:Z"]) {
      expect(() => time(text), text).toThrow("not digits");
    }
    expect(() => encodeDer(kerberosTime, "time", wrong(0))).toThrow(TypeError);
    expect(() => encodeDer(kerberosTime, "time", new Date(Number.NaN))).toThrow(RangeError);
    expect(() => encodeDer(kerberosTime, "time", new Date("-000001-12-31T00:00:00Z"))).toThrow(RangeError);
    expect(() => encodeDer(kerberosTime, "time", new Date("+010000-01-01T00:00:00Z"))).toThrow(RangeError);
  });
});

describe("lengths and tags", () => {
  it("names what is missing at the end of the input", () => {
    refused(octetString, "", "OCTET STRING expected, nothing found");
    refused(octetString, "04", "the octets end before a length");
    refused(octetString, "0482", "the octets end within a length");
    refused(octetString, "048201", "the octets end within a length");
    refused(octetString, "0402aa", "a length of 2 octets where 1 are left");
  });

  it("reads lengths of up to four octets, each in the fewest", () => {
    refused(octetString, "0480", "an indefinite length");
    refused(octetString, "04817f", "a length in more octets than it needs");
    refused(octetString, "048200ff", "a length in more octets than it needs");
    refused(octetString, "04830000ff", "a length in more octets than it needs");
    refused(octetString, "048300ffff", "a length in more octets than it needs");
    refused(octetString, "0484ffffffff", "a length of 4294967295 octets");
    refused(octetString, "04850100000000", "a length of 5 octets");
    expect(read(octetString, `048180${"00".repeat(128)}`)).toHaveLength(128);
  });

  it("refuses, anywhere inside, forms that DER does not give a type", () => {
    for (const hex of ["2400", "3000", "10 00", "3100", "1100", "3f00", "1f00", "0000", "2100", "2a00"]) {
      const octets = decodeHex(hex.replace(" ", ""));
      const isRight = hex === "3000" || hex === "3100";
      if (isRight) walkDer(octets);
      else expect(() => walkDer(octets), hex).toThrow(DecodeError);
    }
    // Only UNIVERSAL types have a form that is known.
    for (const hex of ["4000", "6000", "8000", "a000", "4200", "6200", "5000"]) walkDer(decodeHex(hex));
    expect(() => walkDer(decodeHex("2400"))).toThrow("a form that DER does not give this type");
  });

  it("refuses no octets, octets after the message and more than is allowed, and takes as many as are", () => {
    expect(() => walkDer(new Uint8Array())).toThrow("no octets");
    expect(() => walkDer(decodeHex("050005"))).toThrow("1 octets after the message");
    const most = new Uint8Array(DER_LIMITS.maxBytes);
    const length = most.length - 5;
    most.set([0x04, 0x83, length >> 16, (length >> 8) & 0xff, length & 0xff]);
    walkDer(most);
    expect(() => walkDer(new Uint8Array(DER_LIMITS.maxBytes + 1))).toThrow("allowed");
  });
});

describe("OBJECT IDENTIFIER", () => {
  it("refuses arcs that do not end or take more octets than they need", () => {
    expect(read(objectIdentifier, "06022a7f")).toHaveLength(2);
    expect(read(objectIdentifier, "06032a8100")).toHaveLength(3);
    // 80 inside of an arc is seven bits that are zero.
    expect(read(objectIdentifier, "06042a818000")).toHaveLength(4);
    refused(objectIdentifier, "0600", "an empty OBJECT IDENTIFIER");
    refused(objectIdentifier, "06022a80", "ends within an arc");
    refused(objectIdentifier, "06022a81", "ends within an arc");
    refused(objectIdentifier, "06028001", "an arc in more octets than it needs");
    refused(objectIdentifier, "06032a8001", "an arc in more octets than it needs");
    refused(objectIdentifier, "06037f8001", "an arc in more octets than it needs");
  });
});

describe("KerberosFlags", () => {
  it("pads what is short, and refuses unused bits that are not zero or not there", () => {
    expect(read(kerberosFlags, "0303004000")).toBe(0x40000000);
    expect(read(kerberosFlags, "030100")).toBe(0);
    expect(read(kerberosFlags, "03020780")).toBe(0x80000000);
    expect(read(kerberosFlags, "0306000000000001")).toBe(0);
    refused(kerberosFlags, "0300", "an empty BIT STRING");
    refused(kerberosFlags, "030101", "1 unused bits");
    refused(kerberosFlags, "03020801", "8 unused bits");
    refused(kerberosFlags, "03020781", "unused bits are not zero");
    // The octet behind a short value is not the value's.
    const two = pair.decode("Pair", decodeHex("300aa003030100a103020105"));
    expect(two).toEqual({ flags: 0, count: 5 });
  });

  const pair = createModule({ Pair: { flags: "[0] KerberosFlags", count: "[1] Int32" } });
});

describe("KerberosString and OCTET STRING", () => {
  it("refuse values of another type", () => {
    expect(() => encodeDer(kerberosString, "text", wrong(1))).toThrow(TypeError);
    expect(() => encodeDer(octetString, "octets", wrong([1]))).toThrow(TypeError);
    expect(() => encodeDer(octetString, "octets", wrong({ length: 1, 0: 1 }))).toThrow(TypeError);
  });

  it("a character above ASCII is written as UTF-8 wherever it stands", () => {
    for (const text of ["\u0080", "\u007f", "a\u0080", "\u0080a", "ab\u00fcc", `${"x".repeat(70)}\u00fc`]) {
      const der = encodeDer(kerberosString, "text", text);
      expect(encodeHex(der.subarray(2))).toBe(encodeHex(encodeText(text)));
      expect(decodeDer(kerberosString, "text", der)).toBe(text);
    }
  });
});

describe("texts that are not UTF-8, and long ones", () => {
  it("80 alone is not the character U+0080, and a text of half a million characters is read", () => {
    const lone = read(kerberosString, "1b0180");
    expect(lone).not.toBe("\u0080");
    expect(encodeHex(encodeDer(kerberosString, "text", lone))).toBe("1b0180");
    const long = "x".repeat(500_000);
    expect(decodeDer(kerberosString, "text", encodeDer(kerberosString, "text", long))).toBe(long);
  });
});

describe("DEFAULT", () => {
  it("of a BOOLEAN is what its word says", () => {
    const types = createModule({ T: { off: "[0] BOOLEAN DEFAULT FALSE", on: "[1] BOOLEAN DEFAULT TRUE" } }, MORE_WORDS);
    expect(types.decode("T", decodeHex("3000"))).toStrictEqual({ off: false, on: true });
    expect(encodeHex(types.encode("T", { off: false, on: true }))).toBe("3000");
    expect(encodeHex(types.encode("T", { off: true, on: false }))).toBe("300aa0030101ffa103010100");
    expect(() => types.decode("T", decodeHex("3005a003010100"))).toThrow("the default value");
    expect(() => types.decode("T", decodeHex("3005a1030101ff"))).toThrow("the default value");
  });
});

describe("INTEGER at its borders", () => {
  it("uint32 refuses what is below zero, and int32 what needs a 33rd bit", () => {
    expect(() => encodeDer(uint32, "number", -1)).toThrow(RangeError);
    expect(() => encodeDer(uint32, "number", 2 ** 32)).toThrow(RangeError);
    expect(() => encodeDer(int32, "number", -(2 ** 31) - 1)).toThrow(RangeError);
    expect(() => encodeDer(int32, "number", 2 ** 31)).toThrow(RangeError);
    expect(() => encodeDer(int32, "number", 0.5)).toThrow(RangeError);
  });
});

describe("CHOICE", () => {
  const either: Schema<unknown> = choice([
    ["number", explicit(0x80, int32)],
    ["text", explicit(0x81, kerberosString)],
  ] as never);

  it("takes one alternative, and refuses none, two, another and what is not an object", () => {
    expect(read(either, "a003020105")).toEqual({ number: 5 });
    refused(either, "", "one of number, text expected, nothing found");
    refused(either, "a203020105", "one of number, text expected");
    for (const value of [undefined, null, 5, "number", {}, { number: 1, text: "a" }]) {
      expect(() => encodeDer(either, "value", value), String(value)).toThrow(TypeError);
    }
    expect(() => encodeDer(either, "value", null)).toThrow("expected an object");
    expect(() => encodeDer(either, "value", "number")).toThrow("expected an object");
    // A CHOICE with two ways alone begins with no other tag.
    expect(either.alternatives).toEqual([0xa0, 0xa1]);
  });
});

describe("tags around a type", () => {
  it("refuse octets after the value, and say the number of an APPLICATION tag alone", () => {
    refused(explicit(0x80, int32), "a00402010500", "octets after the value");
    refused(explicit(0x60, int32), "600402010500", "octets after the value");
    let seen: (number | undefined)[] = [];
    const looks: Schema<number> = {
      ...int32,
      decode(input, tag) {
        seen.push(input.application);
        return int32.decode(input, tag);
      },
      encode(output, value, tag) {
        seen.push(output.application);
        int32.encode(output, value, tag);
      },
    };
    read(explicit(0x4b, explicit(0x85, looks)), "6b05a503020105");
    encodeDer(explicit(0x4b, explicit(0x85, looks)), "value", 5);
    expect(seen).toEqual([11, 11]);
    seen = [];
    read(explicit(0x85, looks), "a503020105");
    expect(seen).not.toEqual([5]);
  });

  it("a CHOICE has no tag that an IMPLICIT one could replace", () => {
    expect(() => implicit(0x80, choice([["a", int32]] as never))).toThrow(TypeError);
    expect(read(implicit(0x80, int32), "800105")).toBe(5);
  });

  it("what keeps its octets refuses a value that is not an object", () => {
    const { encode } = createModule({ Kept: "WITH OCTETS Inner", Inner: { number: "[0] Int32" } });
    for (const value of [null, 5, "text"]) {
      expect(() => encode("Kept", wrong(value))).toThrow("expected an object");
    }
  });
});

describe("SEQUENCE", () => {
  const types = createModule({ Fields: { first: "[0] Int32", second: "[1] Int32 OPTIONAL", third: "[2] Int32" } });
  const fields = { read: (hex: string) => types.decode("Fields", decodeHex(hex)) };
  const refusedFields = (hex: string, message: string): void => {
    expect(() => fields.read(hex), hex).toThrow(message);
  };

  it("says whether a field is missing, or unknown, repeated or out of order", () => {
    const one = "a003020101";
    const three = "a203020103";
    expect(fields.read(`300a${one}${three}`)).toEqual({ first: 1, third: 3 });
    refusedFields("3005a103020102", "the field is missing: [1] found where [0] belongs");
    refusedFields(`300a${one}${one}`, "unknown here, repeated or out of order");
    refusedFields(`3005${one}`, "the field is missing");
    refusedFields("3000", "the field is missing");
    refusedFields(`300ba00402010100${three}`, "octets after the value of a field");
    for (const value of [null, 5, "text"]) {
      expect(() => types.encode("Fields", wrong(value))).toThrow("expected an object");
    }
  });

  it("passes over fields of later versions at the end: in order, below 31, and constructed", () => {
    const known = "a003020101a203020103";
    expect(fields.read(`300f${known}a303020104`)).toEqual({ first: 1, third: 3 });
    refusedFields(`300c${known}8300`, "after the last known field");
    refusedFields(`300c${known}3000`, "after the last known field");
    refusedFields(`300c${known}7e00`, "after the last known field");
    refusedFields(`300c${known}bf00`, "after the last known field");
    refusedFields(`3014${known}a403020104a303020104`, "after the last known field");
  });
});
