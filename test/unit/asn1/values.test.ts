import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  applicationTag,
  DerOutput,
  decodeDer,
  encodeDer,
  int32,
  kerberosFlags,
  kerberosString,
  kerberosTime,
  octetString,
  uint32,
  uint32OrSigned,
} from "../../../src/asn1/index.ts";
import { decodeHex, encodeHex } from "../../../src/bytes/index.ts";

describe("INTEGER", () => {
  it("is written in the fewest octets and read back", () => {
    const figures: [number, string][] = [
      [0, "020100"],
      [127, "02017f"],
      [128, "02020080"],
      [255, "020200ff"],
      [256, "02020100"],
      [32_767, "02027fff"],
      [32_768, "0203008000"],
      [2 ** 31 - 1, "02047fffffff"],
      [-1, "0201ff"],
      [-128, "020180"],
      [-129, "0202ff7f"],
      [-32_768, "02028000"],
      [-32_769, "0203ff7fff"],
      [-(2 ** 31), "020480000000"],
    ];
    for (const [value, hex] of figures) {
      expect(encodeHex(encodeDer(int32, "Int32", value))).toBe(hex);
      expect(decodeDer(int32, "Int32", decodeHex(hex))).toBe(value);
    }
    expect(encodeHex(encodeDer(uint32, "UInt32", 2 ** 31))).toBe("02050080000000");
    expect(encodeHex(encodeDer(uint32, "UInt32", 2 ** 32 - 1))).toBe("020500ffffffff");
  });

  it("every Int32 and UInt32 comes back, and a signed 32-bit encoding as the unsigned number of the same bits (C4)", () => {
    fc.assert(
      fc.property(fc.integer(), (value) => {
        const signed = encodeDer(int32, "Int32", value);
        expect(decodeDer(int32, "Int32", signed)).toBe(value);
        expect(decodeDer(uint32OrSigned, "UInt32", signed)).toBe(value >>> 0);
        expect(decodeDer(uint32, "UInt32", encodeDer(uint32, "UInt32", value >>> 0))).toBe(value >>> 0);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("KerberosString", () => {
  it("loses no octet, whatever the octets", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
        const der = encodeDer(octetString, "octets", octets);
        der[0] = 0x1b;
        const text = decodeDer(kerberosString, "text", der);
        expect(encodeHex(encodeDer(kerberosString, "text", text))).toBe(encodeHex(der));
      }),
      { numRuns: 2000 },
    );
  });

  it("two names whose octets differ are two texts, also where neither is UTF-8", () => {
    const read = (hex: string): string => decodeDer(kerberosString, "text", decodeHex(hex));
    expect(read("1b0161")).toBe("a");
    expect(read("1b02c3bc")).toBe("\u00fc");
    expect(read("1b01fc")).not.toBe(read("1b01fd"));
    expect(read("1b01fc")).not.toBe(read("1b02c3bc"));
  });

  it("takes 64 KiB, and texts longer than the short cut for names", () => {
    for (const length of [0, 63, 64, 65, 127, 128, 65_536]) {
      const text = "x".repeat(length);
      expect(decodeDer(kerberosString, "text", encodeDer(kerberosString, "text", text))).toBe(text);
    }
  });
});

describe("KerberosFlags", () => {
  it("are an unsigned number whose most significant bit is bit 0, and always 32 bits on the wire", () => {
    expect(encodeHex(encodeDer(kerberosFlags, "flags", 0x80000001))).toBe("03050080000001");
    expect(encodeHex(encodeDer(kerberosFlags, "flags", 0))).toBe("03050000000000");
    expect(decodeDer(kerberosFlags, "flags", decodeHex("03050080000001"))).toBe(0x80000001);
  });
});

describe("KerberosTime", () => {
  it("agrees with Date for every second of ten thousand years", () => {
    const first = Date.parse("0000-01-01T00:00:00Z") / 1000;
    const last = Date.parse("9999-12-31T23:59:59Z") / 1000;
    fc.assert(
      fc.property(fc.integer({ min: first, max: last }), (second) => {
        const date = new Date(second * 1000);
        const der = encodeDer(kerberosTime, "time", date);
        const text = date.toISOString().replace(/\.000Z|[-:T]/g, "");
        expect(new TextDecoder().decode(der.subarray(2))).toBe(`${text}Z`);
        expect(decodeDer(kerberosTime, "time", der)).toEqual(date);
      }),
      { numRuns: 5000 },
    );
  });

  it("loses the milliseconds", () => {
    const der = encodeDer(kerberosTime, "time", new Date("2025-01-02T03:04:05.999Z"));
    expect(decodeDer(kerberosTime, "time", der)).toEqual(new Date("2025-01-02T03:04:05Z"));
  });

  it("refuses a Date whose year does not have four digits", () => {
    for (const date of [new Date(8.64e15), new Date(-8.64e15), new Date(Date.parse("0000-01-01T00:00:00Z") - 1)]) {
      expect(() => encodeDer(kerberosTime, "time", date)).toThrow(RangeError);
    }
  });
});

describe("DerOutput", () => {
  it("writes every length in the fewest octets", () => {
    const figures: [number, string][] = [
      [0, "0400"],
      [127, "047f"],
      [128, "048180"],
      [255, "0481ff"],
      [256, "04820100"],
      [65_535, "0482ffff"],
      [65_536, "0483010000"],
    ];
    for (const [length, head] of figures) {
      const der = encodeDer(octetString, "octets", new Uint8Array(length).fill(7));
      expect(encodeHex(der.subarray(0, der.length - length))).toBe(head);
      expect(decodeDer(octetString, "octets", der).every((octet) => octet === 7)).toBe(true);
    }
  });

  it("grows by as much as it must, and wipes the octets that it leaves behind: they may be a key", () => {
    for (const capacity of [0, 1, 7, 16]) {
      const output = new DerOutput("test", capacity);
      output.bytes(Uint8Array.of(1, 2, 3));
      const before = output.buffer;
      output.bytes(new Uint8Array(100).fill(9));
      output.octet(8);
      expect(encodeHex(output.finish())).toBe(`08${"09".repeat(100)}010203`);
      expect(before.every((octet) => octet === 0)).toBe(true);
    }
  });
});

describe("applicationTag", () => {
  it("A1: tells messages apart by their outer tag", () => {
    expect(applicationTag(Uint8Array.of(0x7e, 0))).toBe(30);
    expect(applicationTag(Uint8Array.of(0x6b, 0))).toBe(11);
    for (const other of [[], [0x30], [0x4b], [0x7f], [0xab], [0x04], [0xeb]]) {
      expect(applicationTag(Uint8Array.from(other))).toBeUndefined();
    }
  });
});
