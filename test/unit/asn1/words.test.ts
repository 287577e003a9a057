// The words of the notation that RFC 4120 does without, each with values that are right and octets that are not DER.

import { fromBER, type Integer } from "asn1js";
import fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import {
  type BitString,
  createModule,
  DER_LIMITS,
  type Decoded,
  type Encodable,
  MORE_WORDS,
} from "../../../src/asn1/index.ts";
import { concat, decodeHex, encodeHex } from "../../../src/bytes/index.ts";
import { DecodeError } from "../../../src/errors.ts";
import { asn1jsTree, ourTree } from "../../support/asn1js-tree.ts";

const TYPES = {
  Number: "INTEGER",
  State: "ENUMERATED",
  Nothing: "NULL",
  Bits: "BIT STRING",
  Raw: "ANY",
  Text: "UTF8String",
  Tagged: { first: "[0] IMPLICIT NULL", second: "[1] IMPLICIT Pair OPTIONAL", third: "[2] ANY OPTIONAL" },
  Pair: { a: "Int32", b: "[3] IMPLICIT OCTET STRING OPTIONAL" },
  Wrapped: "[5] IMPLICIT [APPLICATION 6] Number",
  Framed: "[APPLICATION 0] IMPLICIT Pair",
  Plain: {
    id: "Int32 OPTIONAL",
    name: "UTF8String OPTIONAL",
    flag: "BOOLEAN DEFAULT FALSE",
    level: "[0] Int32 DEFAULT 3",
  },
  Tail: { algorithm: "OBJECT IDENTIFIER", parameters: "ANY OPTIONAL" },
  Numbers: "SET OF Number",
  Kept: "[0] IMPLICIT WITH OCTETS SET OF Number",
  Members: {
    SET: { text: "UTF8String", flag: "BOOLEAN OPTIONAL", deep: "[APPLICATION 1] Number", low: "[0] Number" },
  },
  Pick: { CHOICE: { number: "Number", text: "[0] Text", pair: "[1] IMPLICIT Pair" } },
  Open: { CHOICE: { number: "Number", other: "ANY" } },
  Picks: "SEQUENCE OF Pick",
  AroundPick: { before: "[0] Pick", plain: "Pick OPTIONAL", after: "BOOLEAN" },
} as const;

const types = createModule(TYPES, MORE_WORDS);
type Types = Parameters<typeof types.decode>[0];

/** Octets and value belong together, and asn1js sees the same tree in the octets. */
function same<N extends Types>(name: N, hex: string, value: unknown): void {
  const octets = decodeHex(hex);
  expect(types.decode(name, octets)).toEqual(value);
  expect(encodeHex(types.encode(name, value as never))).toBe(encodeHex(octets));
  expect(ourTree(octets)).toEqual(asn1jsTree(octets));
}

function refused(name: Types, hex: string, text: string | RegExp): void {
  expect(() => types.decode(name, decodeHex(hex))).toThrow(DecodeError);
  expect(() => types.decode(name, decodeHex(hex))).toThrow(text);
}

describe("the words", () => {
  it("have the TypeScript types that they say", () => {
    type From<N extends Types> = Decoded<typeof TYPES, N>;
    type To<N extends Types> = Encodable<typeof TYPES, N>;
    expectTypeOf<From<"Number">>().toEqualTypeOf<bigint>();
    expectTypeOf<From<"Wrapped">>().toEqualTypeOf<bigint>();
    expectTypeOf<From<"Nothing">>().toEqualTypeOf<null>();
    expectTypeOf<From<"Bits">>().toEqualTypeOf<BitString>();
    expectTypeOf<From<"Numbers">>().toEqualTypeOf<readonly bigint[]>();
    expectTypeOf<From<"Kept">["octets"]>().toEqualTypeOf<Uint8Array>();
    expectTypeOf<From<"Pair">>().toEqualTypeOf<{ readonly a: number; readonly b?: Uint8Array }>();
    expectTypeOf<From<"Plain">>().toEqualTypeOf<{
      readonly id?: number;
      readonly name?: string;
      readonly flag: boolean;
      readonly level: number;
    }>();
    expectTypeOf<{ level: undefined }>().toExtend<To<"Plain">>();
    expectTypeOf<{ level: string }>().not.toExtend<To<"Plain">>();
    expectTypeOf<From<"Members">["deep"]>().toEqualTypeOf<bigint>();
    expectTypeOf<{ number: bigint }>().toExtend<To<"Pick">>();
    expectTypeOf<{ number: bigint; text: string }>().not.toExtend<To<"Pick">>();
    const picked = types.decode("Pick", decodeHex("020105"));
    if ("text" in picked && picked.text !== undefined) expectTypeOf(picked.text).toEqualTypeOf<string>();
    if (picked.pair !== undefined) expectTypeOf(picked.pair.a).toEqualTypeOf<number>();
    expect(picked.number).toBe(5n);
  });
});

describe("INTEGER without a range", () => {
  it("is a bigint, of either sign, in the fewest octets", () => {
    const figures: [bigint, string][] = [
      [0n, "020100"],
      [127n, "02017f"],
      [128n, "02020080"],
      [-1n, "0201ff"],
      [-128n, "020180"],
      [-129n, "0202ff7f"],
      [-256n, "0202ff00"],
      [2n ** 63n, "0209008000000000000000"],
      [-(2n ** 63n), "02088000000000000000"],
      [2n ** 64n - 1n, "020900ffffffffffffffff"],
    ];
    for (const [value, hex] of figures) same("Number", hex, value);
  });

  it("comes back whatever it is, and asn1js reads the same number", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 2100n), max: 2n ** 2100n }), (value) => {
        const octets = types.encode("Number", value);
        expect(types.decode("Number", octets)).toBe(value);
        const { result } = fromBER(octets.slice().buffer);
        expect((result as Integer).toBigInt()).toBe(value);
      }),
      { numRuns: 500 },
    );
  });

  it("D11: refuses octets too many, and none", () => {
    refused("Number", "0200", "an empty INTEGER");
    refused("Number", "02020001", "more octets than it needs");
    refused("Number", "0202ff80", "more octets than it needs");
    refused("Number", "0a0101", "INTEGER expected, ENUMERATED found");
  });

  it("D16: is at most 2,049 octets, before a number is made of them", () => {
    const bytes = DER_LIMITS.maxIntegerBytes;
    const most = concat(decodeHex("02820801"), new Uint8Array(bytes).fill(0x7f));
    expect(types.encode("Number", types.decode("Number", most))).toEqual(most);
    refused("Number", encodeHex(concat(decodeHex("02820802"), new Uint8Array(bytes + 1).fill(0x7f))), /2049 octets/);
    expect(() => types.encode("Number", 2n ** BigInt(8 * bytes - 1))).toThrow(RangeError);
    types.encode("Number", 2n ** BigInt(8 * bytes - 1) - 1n);
    types.encode("Number", -(2n ** BigInt(8 * bytes - 1)));
  });

  it("takes a bigint alone", () => {
    for (const value of [1, "1", null, undefined]) {
      expect(() => types.encode("Number", value as never)).toThrow(TypeError);
    }
  });
});

describe("ENUMERATED, NULL, UTF8String", () => {
  it("are read and written", () => {
    same("State", "0a0102", 2);
    same("Nothing", "0500", null);
    same("Text", "0c00", "");
    same("Text", "0c06c3bce282ac61", "\u00fc\u20aca");
    same("Text", "0c04f09f9880", "\u{1f600}");
  });

  it("refuse other tags and other contents", () => {
    refused("State", "020102", "ENUMERATED expected, INTEGER found");
    refused("State", "0a020002", "more octets than it needs");
    refused("Nothing", "050100", "a NULL with contents");
    refused("Nothing", "0401", "NULL expected");
    expect(() => types.encode("Nothing", undefined as never)).toThrow("Nothing: expected null");
  });

  it("D19: a UTF8String is UTF-8 both ways", () => {
    for (const hex of ["0c01fc", "0c02c080", "0c03eda080", "0c04f4908080", "0c01c3"]) {
      refused("Text", hex, "a UTF8String that is not UTF-8");
    }
    for (const text of ["\ud800", "a\udcfcb", "\udc00\ud800"]) {
      expect(() => types.encode("Text", text)).toThrow(RangeError);
    }
    expect(() => types.encode("Text", 1 as never)).toThrow(TypeError);
  });
});

describe("BIT STRING", () => {
  it("has any length, its unused bits counted", () => {
    same("Bits", "030100", { octets: new Uint8Array(0), unusedBits: 0 });
    same("Bits", "030200ff", { octets: Uint8Array.of(0xff), unusedBits: 0 });
    same("Bits", "03020780", { octets: Uint8Array.of(0x80), unusedBits: 7 });
    same("Bits", "0304060102c0", { octets: Uint8Array.of(1, 2, 0xc0), unusedBits: 6 });
    const long = new Uint8Array(300).fill(5);
    same("Bits", `0382012d00${encodeHex(long)}`, { octets: long, unusedBits: 0 });
  });

  it("D14: refuses unused bits that are set, that are more than 7, or that no octet has", () => {
    refused("Bits", "03020781", "unused bits are not zero");
    refused("Bits", "030206ff", "unused bits are not zero");
    refused("Bits", "03020800", "8 unused bits");
    refused("Bits", "030101", "1 unused bits");
    refused("Bits", "0300", "an empty BIT STRING");
    refused("Bits", "23020700", "BIT STRING expected");
  });

  it("refuses the same from a caller", () => {
    const octets = Uint8Array.of(0x81);
    for (const unusedBits of [-1, 8, 1.5, Number.NaN, "1", undefined, 1]) {
      expect(() => types.encode("Bits", { octets, unusedBits } as never)).toThrow(RangeError);
    }
    expect(() => types.encode("Bits", { octets: new Uint8Array(0), unusedBits: 1 })).toThrow(RangeError);
    for (const value of [undefined, null, octets, { octets: [1], unusedBits: 0 }]) {
      expect(() => types.encode("Bits", value as never)).toThrow(TypeError);
    }
  });
});

describe("ANY", () => {
  it("is the octets of one element of any type", () => {
    for (const hex of ["0500", "020101", "30050c0161a000", "a1020500", "8101ff", "13025553"]) {
      same("Raw", hex, decodeHex(hex));
    }
    same("Tail", "300b 06092a864886f712010202", { algorithm: decodeHex("2a864886f712010202") });
    same("Tail", "3007 06012a 3002 0500", { algorithm: decodeHex("2a"), parameters: decodeHex("30020500") });
  });

  it("is well-formed all the way down", () => {
    refused("Raw", "30800000", "indefinite");
    refused("Raw", "30020202", "where");
    refused("Raw", "30030281ff", "a length of 255 octets");
    refused("Raw", "300402810100", "more octets than it needs");
    refused("Raw", "0500 0500", "2 octets after the message");
    refused("Raw", "", "nothing found");
    refused("Raw", "0000", "end-of-contents");
    refused("Raw", "1f8101", "a tag number above 30");
    refused("Tail", "3007 06012a 0500 0500", "after the last known field");
  });

  it("D16: nests 32 deep and no deeper", () => {
    const nested = (depth: number): Uint8Array => {
      let octets = decodeHex("0500");
      for (let i = 0; i < depth; i++) octets = concat(Uint8Array.of(0x30, octets.length), octets);
      return octets;
    };
    expect(types.decode("Raw", nested(32))).toEqual(nested(32));
    expect(() => types.decode("Raw", nested(33))).toThrow(/more than 32 elements nested/);
  });

  it("is written if it is one element, and refused from a caller if it is not", () => {
    for (const hex of ["", "05", "05000500", "3080", "30020400ff"]) {
      expect(() => types.encode("Raw", decodeHex(hex))).toThrow(RangeError);
    }
    expect(() => types.encode("Raw", "0500" as never)).toThrow(TypeError);
  });
});

describe("IMPLICIT tags", () => {
  it("take the place of the type's own, in its form", () => {
    same("Tagged", "3002 8000", { first: null });
    same("Tagged", "300b 8000 a107 020101 83026869", { first: null, second: { a: 1, b: decodeHex("6869") } });
    same("Tagged", "3006 8000 a2020500", { first: null, third: decodeHex("0500") });
    same("Wrapped", "a503 020105", 5n);
    same("Framed", "6003 020107", { a: 7 });
  });

  it("refuse the other form and the type's own tag", () => {
    refused("Tagged", "3002 a000", "[0] primitive expected, [0] found");
    refused("Tagged", "3002 0500", "[0] primitive expected, NULL found");
    refused("Tagged", "3007 8000 8103 020101", "[1] primitive after the last known field");
    refused("Wrapped", "6603 020105", "[5] expected, [APPLICATION 6] found");
    refused("Framed", "4003 020107", "[APPLICATION 0] expected, [APPLICATION 0] primitive found");
  });

  it("extensions of such a SEQUENCE may be primitive, those of another one may not", () => {
    expect(types.decode("Tagged", decodeHex("3005 8000 830101"))).toEqual({ first: null });
    expect(types.decode("Tagged", decodeHex("3007 8000 830101 8400"))).toEqual({ first: null });
    refused("Tagged", "3007 8000 8400 830101", "[3] primitive after the last known field");
    refused("Tagged", "3005 8000 020101", "INTEGER after the last known field");
    const explicit = createModule({ T: { a: "[0] Int32" } } as const);
    expect(explicit.decode("T", decodeHex("3009 a003020101 a1020500"))).toEqual({ a: 1 });
    expect(() => explicit.decode("T", decodeHex("3007 a003020101 8100"))).toThrow("[1] primitive after the last");
  });
});

describe("fields without tags, and with a default", () => {
  it("are read in the order of the notation, those that are absent passed by", () => {
    same("Plain", "3000", { flag: false, level: 3 });
    same("Plain", "3003 020101", { id: 1, flag: false, level: 3 });
    same("Plain", "3003 0c0161", { name: "a", flag: false, level: 3 });
    same("Plain", "300e 020101 0c0161 0101ff a003020102", {
      id: 1,
      name: "a",
      flag: true,
      level: 2,
    });
  });

  it("are refused out of order, twice, and unknown", () => {
    refused("Plain", "3006 0c0161 020101", "INTEGER after the last known field");
    refused("Plain", "3006 020101 020101", "INTEGER after the last known field");
    refused("Plain", "3005 a1030201 01", "[1] after the last known field");
    refused("Pair", "3002 8300", "INTEGER expected, [3] primitive found");
    refused("Pair", "3000", "the field is missing");
    refused("Pair", "3005 020101 8301", "where");
    refused("Pair", "3005 020101 a400", "[4] after the last known field");
  });

  it("D18: a default is left out, and refused where it is not", () => {
    refused("Plain", "3003 010100", "the default value, which DER leaves out");
    refused("Plain", "3005 a003020103", "the default value, which DER leaves out");
    expect(encodeHex(types.encode("Plain", {}))).toBe("3000");
    expect(encodeHex(types.encode("Plain", { flag: undefined, level: undefined }))).toBe("3000");
    expect(() => types.encode("Plain", { level: "3" } as never)).toThrow("Plain.level");
  });
});

describe("SET OF and SET", () => {
  it("D17: a SET OF has its elements in order, made so when it is written", () => {
    same("Numbers", "3100", []);
    same("Numbers", "310a 020101 020102 02020100", [1n, 2n, 256n]);
    same("Numbers", "3106 020101 020101", [1n, 1n]);
    expect(encodeHex(types.encode("Numbers", [256n, -1n, 2n, 1n]))).toBe("310d0201010201020201ff02020100");
    refused("Numbers", "3106 020102 020101", "element 1 of a SET OF is less than the one before it");
    refused("Numbers", "3107 02020100 020101", "element 1");
    refused("Numbers", "3003 020101", "SET expected, SEQUENCE found");
    refused("Numbers", "3180 0000", "indefinite");
    refused("Numbers", "3104 020101 00", "INTEGER expected");
    expect(() => types.encode("Numbers", 1n as never)).toThrow(TypeError);
    expect(() => types.encode("Numbers", [1n, 2] as never)).toThrow("Numbers[1]: expected a bigint");
  });

  it("a SET OF with an IMPLICIT tag is in order too, and its octets are those received", () => {
    const kept = types.decode("Kept", decodeHex("a006 020101 020102"));
    expect(kept).toEqual([1n, 2n]);
    expect(encodeHex(kept.octets)).toBe("a006020101020102");
    expect(encodeHex(types.encode("Kept", kept))).toBe("a006020101020102");
    expect(encodeHex(types.encode("Kept", [2n, 1n] as never))).toBe("a006020101020102");
    refused("Kept", "a006 020102 020101", "element 1");
  });

  it("the order is that of any elements, shorter before longer where one would continue the other", () => {
    const sets = createModule({ T: "SET OF OCTET STRING" } as const, MORE_WORDS);
    const one = createModule({ T: "OCTET STRING" } as const);
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 12 }), (values) => {
        const octets = sets.encode("T", values);
        const sorted = values.map((value) => one.encode("T", value)).sort(Buffer.compare);
        const contents = concat(...sorted);
        expect(encodeHex(octets.subarray(octets.length - contents.length))).toBe(encodeHex(contents));
        expect(sets.decode("T", octets)).toEqual(sorted.map((element) => one.decode("T", element)));
      }),
    );
  });

  it("D17: a SET has its fields in the order of their tags, whatever the notation's", () => {
    same("Members", "3110 0101ff 0c0161 6103020101 a003020102", {
      flag: true,
      text: "a",
      deep: 1n,
      low: 2n,
    });
    refused("Members", "3110 0c0161 0101ff 6103020101 a003020102", /BOOLEAN/);
    refused("Members", "310d 0c0161 a003020102 6103020101", /APPLICATION 1/);
    refused("Members", "3108 0c0161 6103020101", "the field is missing");
    refused("Members", "3010 0101ff 0c0161 6103020101 a003020102", "SET expected");
  });
});

describe("CHOICE", () => {
  it("is an object with the name of its alternative", () => {
    same("Pick", "020105", { number: 5n });
    same("Pick", "a003 0c0161", { text: "a" });
    same("Pick", "a103 020101", { pair: { a: 1 } });
    same("Picks", "3008 020105 a0030c0161", [{ number: 5n }, { text: "a" }]);
    same("AroundPick", "3008 a003020105 0101ff", { before: { number: 5n }, after: true });
    same("AroundPick", "300d a003020105 a0030c0161 0101ff", {
      before: { number: 5n },
      plain: { text: "a" },
      after: true,
    });
    same("Open", "020105", { number: 5n });
    same("Open", "0500", { other: decodeHex("0500") });
  });

  it("refuses other tags, and names the place", () => {
    refused("Pick", "0c0161", "one of number, text, pair expected, UTF8String found");
    refused("Pick", "a203 020101", "one of number, text, pair expected, [2] found");
    refused("Pick", "", "one of number, text, pair expected, nothing found");
    refused("AroundPick", "3005 a000 0101ff", "one of number, text, pair expected, nothing found");
    let thrown: unknown;
    try {
      types.decode("Picks", decodeHex("3008 020105 a0030c01ff"));
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ path: "Picks[1].text" });
  });

  it("takes one alternative from a caller, no less and no more", () => {
    for (const value of [{}, { number: 1n, text: "a" }, { other: 1 }, { number: undefined }]) {
      expect(() => types.encode("Pick", value as never)).toThrow(
        "Pick: one of number, text, pair expected, and only one",
      );
    }
    for (const value of [null, 5n, undefined]) expect(() => types.encode("Pick", value as never)).toThrow(TypeError);
    expect(() => types.encode("Picks", [{ text: "a" }, { text: 1 }] as never)).toThrow(
      "Picks[1].text: expected a string",
    );
  });
});

describe("a module with a mistake in it", () => {
  const broken = (definitions: Record<string, unknown>, more?: typeof MORE_WORDS) => () =>
    createModule({ N: "Int32", ...definitions } as never, more).encode("T" as never, {} as never);
  it("says so at the first use", () => {
    const cases: [unknown, string][] = [
      [{ CHOICE: { a: "INTEGER", b: "INTEGER" } }, "b: an alternative before it begins with INTEGER too"],
      [{ CHOICE: { a: "ANY", b: "INTEGER" } }, "b: an alternative after ANY is never read"],
      ["[0] IMPLICIT ANY", "has no tag that an IMPLICIT one could replace"],
      ["[0] IMPLICIT C", "has no tag that an IMPLICIT one could replace"],
      [{ SET: { a: "ANY" } }, "a: a CHOICE or ANY in a SET needs a tag"],
      [{ a: "INTEGER OPTIONAL", b: "INTEGER" }, "b: cannot be told from a, which may be absent"],
      [{ a: "INTEGER OPTIONAL", b: "BOOLEAN OPTIONAL", c: "C" }, "c: cannot be told from a, which may be absent"],
      [{ a: "INTEGER OPTIONAL", b: "ANY OPTIONAL" }, "b: cannot be told from a, which may be absent"],
      [{ a: "ANY OPTIONAL", b: "INTEGER" }, "b: cannot be told from a, which may be absent"],
      [{ a: "[1] INTEGER", b: "BOOLEAN", c: "[0] INTEGER" }, "c: tag out of order"],
      [{ a: "BOOLEAN DEFAULT 1" }, "a: expected a boolean"],
      [{ a: "Int32 DEFAULT TRUE" }, "a: true is not an integer"],
      [{ a: "[31] Int32" }, "[31]: a tag number above 30"],
      ["[APPLICATION 31] Int32", "[31]: a tag number above 30"],
    ];
    for (const [T, text] of cases) {
      expect(broken({ T, C: { CHOICE: { x: "INTEGER", y: "[0] INTEGER" } } }, MORE_WORDS)).toThrow(text);
    }
  });

  it("or that it needs MORE_WORDS", () => {
    for (const T of [{ CHOICE: { a: "N" } }, { SET: { a: "N" } }, "SET OF N", "[0] IMPLICIT N", { a: "N DEFAULT 1" }]) {
      expect(broken({ T })).toThrow("hand MORE_WORDS to createModule");
    }
    for (const T of ["INTEGER", "NULL", "ANY", "BIT STRING", "UTF8String", "ENUMERATED", "OBJECT IDENTIFIER"]) {
      expect(broken({ T })).toThrow(`${T} is not defined`);
    }
  });
});
