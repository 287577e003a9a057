// Octets: joined, compared, wiped, and as text; fields read and written up to their last octet.

import { describe, expect, it } from "vitest";
import {
  concat,
  decodeBase64,
  decodeHex,
  encodeBase64,
  encodeHex,
  equal,
  equalConstantTime,
  Reader,
  Writer,
  wipe,
} from "../../../src/bytes/index.ts";
import { DecodeError } from "../../../src/errors.ts";

describe("octets", () => {
  it.each([
    ["equal", equal],
    ["equalConstantTime", equalConstantTime],
  ])("%s is so for the same length and the same octets alone", (_, same) => {
    const octets = (...values: number[]): Uint8Array => Uint8Array.from(values);
    for (const [a, b, wanted] of [
      [[], [], true],
      [[1, 2, 3], [1, 2, 3], true],
      [[1, 2, 3], [0, 2, 3], false],
      [[1, 2, 3], [1, 0, 3], false],
      [[1, 2, 3], [1, 2, 0], false],
      [[1, 2], [1, 2, 3], false],
      [[1, 2, 3], [1, 2], false],
      [[], [0], false],
      // Differences that would cancel each other out.
      [[1, 2], [2, 1], false],
      [[0x80, 0], [0, 0x80], false],
    ] as const) {
      expect([a, b, same(octets(...a), octets(...b))]).toEqual([a, b, wanted]);
    }
  });

  it("are joined in their order, and overwritten where they are no longer needed", () => {
    expect([...concat()]).toEqual([]);
    expect([...concat(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3))]).toEqual([1, 2, 3]);
    const secrets = [Uint8Array.of(1, 2), Uint8Array.of(3)];
    wipe(...secrets, undefined);
    expect(secrets.map((secret) => [...secret])).toEqual([[0, 0], [0]]);
  });

  it("are hexadecimal and base64, and nothing else is", () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    expect([...decodeHex(encodeHex(all))]).toEqual([...all]);
    expect(encodeHex(Uint8Array.of(0, 10, 255))).toBe("000aff");
    expect([...decodeHex(" 0A fF\n")]).toEqual([10, 255]);
    for (const text of ["0", "0g", "zz", "00 0", "0x00", "é0"])
      expect(() => decodeHex(text)).toThrow("not hexadecimal");
    expect([...decodeBase64(` ${encodeBase64(all)}\n`)]).toEqual([...all]);
    for (const text of ["a", "****", "YQ==YQ==", "é"]) expect(() => decodeBase64(text)).toThrow("not base64");
  });
});

describe("fields", () => {
  it("are read up to the last octet and not past it, and the error says where", () => {
    const reads: [number, (from: Reader) => unknown][] = [
      [1, (from) => from.uint8()],
      [2, (from) => from.uint16()],
      [4, (from) => from.uint32()],
      [4, (from) => from.int32()],
      [8, (from) => from.uint64()],
      [3, (from) => from.bytes(3)],
      [2, (from) => from.data16()],
      [4, (from) => from.data32()],
    ];
    for (const [length, read] of reads) {
      const from = new Reader(new Uint8Array(length), "what");
      read(from);
      expect([from.offset, from.remaining]).toEqual([length, 0]);
      from.end();
      from.offset = length - 1;
      expect(() => from.end()).toThrow("what: 1 octets after the end");
      const short = new Reader(new Uint8Array(length), "what");
      short.offset = 1;
      expect(() => read(short)).toThrow(DecodeError);
      expect(() => read(short)).toThrow(`what: ${length} octets wanted, ${length - 1} left (at octet 1)`);
      // What failed has read nothing.
      expect([short.offset, short.remaining]).toEqual([1, length - 1]);
    }
  });

  it("are big-endian, or little-endian where that is asked for, of octets that begin anywhere", () => {
    const octets = Uint8Array.of(9, 1, 2, 3, 4, 5, 6, 7, 0xf8).subarray(1);
    const values = (littleEndian?: boolean): unknown[] => {
      const options = littleEndian === undefined ? {} : { littleEndian };
      const read = <T>(field: (from: Reader) => T): T => field(new Reader(octets, "", options));
      return [read((f) => f.uint16()), read((f) => f.uint32()), read((f) => f.uint64())];
    };
    expect(values()).toEqual([0x0102, 0x01020304, 0x01020304050607f8n]);
    expect(values(false)).toEqual(values());
    expect(values(true)).toEqual([0x0201, 0x04030201, 0xf807060504030201n]);
    expect(new Reader(Uint8Array.of(255, 255, 255, 254)).int32()).toBe(-2);
  });

  it.each([0, 1, 2, 7, 256])("are written into %i octets that grow", (capacity) => {
    const out = new Writer(capacity);
    out.uint8(1).uint16(0x0203).uint32(0x04050607).int32(-2).uint64(0x08n).bytes(Uint8Array.of(9));
    out.data16(Uint8Array.of(10)).data32(Uint8Array.of(11)).bytes(new Uint8Array(0));
    expect(out.length).toBe(28);
    expect(encodeHex(out.finish())).toBe("01020304050607fffffffe00000000000000080900010a000000010b");
  });
});
