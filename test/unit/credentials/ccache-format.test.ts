import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import figures from "../../../krb5-vectors/credentials/ccache.json" with { type: "json" };
import { concat, decodeHex, encodeHex } from "../../../src/bytes/index.ts";
import {
  type CcacheFile,
  type Credential,
  credential,
  decodeCcacheFile,
  encodeCcacheFile,
} from "../../../src/credentials/index.ts";
import { DecodeError } from "../../../src/errors.ts";
import { principal } from "../../../src/krb5/index.ts";
import { startCpuClock } from "../../support/cpu-clock.ts";

const v4 = decodeHex(figures.vectors[3]?.file ?? "");
const alice = principal("R", ["alice"]);

function refusal(octets: Uint8Array): DecodeError {
  try {
    decodeCcacheFile(octets);
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
  throw new Error("was not refused");
}

function entry(over: Partial<Credential> = {}): Credential {
  return credential({
    client: alice,
    server: principal("R", ["krbtgt", "R"], 2),
    key: { etype: 18, octets: new Uint8Array(32).fill(7) },
    authTime: new Date(1_700_000_000_000),
    endTime: new Date(1_700_036_000_000),
    isSkey: false,
    flags: 0x40e10000,
    addresses: [],
    authData: [],
    ticket: decodeHex("6103020105"),
    secondTicket: new Uint8Array(),
    ...over,
  });
}

describe("decodeCcacheFile", () => {
  it("reads versions 1 and 2 of a big-endian machine", () => {
    const swapped = decodeHex("0502 00000001 00000001 00000001 52 00000005 616c696365");
    expect(decodeCcacheFile(swapped, { endian: "big" }).principal).toEqual(alice);
    expect(() => decodeCcacheFile(swapped)).toThrow(DecodeError);
    const v1 = decodeHex("0501 00000002 00000001 52 00000005 616c696365");
    expect(decodeCcacheFile(v1, { endian: "big" }).principal).toEqual({ ...alice, nameType: 0 });
  });

  it("CC4: refuses every truncation of every version, but those between credentials", () => {
    for (const { file, credentials } of figures.vectors) {
      const octets = decodeHex(file);
      const [first = "", second = ""] = credentials;
      const whole = new Set([0, second.length / 2, (first.length + second.length) / 2].map((n) => octets.length - n));
      for (let length = 0; length <= octets.length; length++) {
        const cut = octets.subarray(0, length);
        if (whole.has(length)) expect(() => decodeCcacheFile(cut)).not.toThrow();
        else expect(refusal(cut).offset).toBeLessThanOrEqual(length);
      }
    }
  });

  it("CC3: refuses another first octet and versions 0 and 5", () => {
    for (const head of ["0404", "0004"]) {
      expect(refusal(concat(decodeHex(head), v4.subarray(2))).message).toContain("first octet is not 5");
    }
    for (const { file } of figures.vectors) {
      for (const version of [0, 5, 255]) {
        const octets = decodeHex(file);
        octets[1] = version;
        expect(refusal(octets).message).toContain(`version ${version}; expected 1 to 4`);
      }
    }
  });

  it("CC1: refuses a header that is longer than the file, and a tag longer than the header", () => {
    const changed = (at: number, ...octets: number[]) => {
      const copy = v4.slice();
      copy.set(octets, at);
      return copy;
    };
    expect(refusal(changed(2, 0xff, 0xff)).message).toContain("a header of 65535 octets");
    // The header says 12 and its tag 9: one octet more than is left of the header, though the file goes on.
    expect(refusal(changed(7, 9)).message).toMatch(/^ccache.header: 9 octets wanted, 8 left/);
    expect(refusal(changed(7, 7)).message).toContain("time offset of 7 octets");
    // A header of 3 octets cannot hold a tag.
    expect(refusal(changed(3, 3)).path).toBe("ccache.header");
  });

  it("passes over unknown tags and keeps them", () => {
    const octets = concat(decodeHex("0504 000e 0007 0002 abcd 0009 0000 0008 0000"), v4.subarray(16));
    const file = decodeCcacheFile(octets);
    expect(file.unknownTags.map(({ tag, value }) => [tag, encodeHex(value)])).toEqual([
      [7, "abcd"],
      [9, ""],
      [8, ""],
    ]);
    expect(file.clockOffsetMs).toBeUndefined();
    expect(encodeHex(encodeCcacheFile(file))).toBe(encodeHex(octets));
  });

  it("CC2: refuses counts and lengths of FFFFFFFF at once, wherever they are", () => {
    let refused = 0;
    for (const { file } of figures.vectors) {
      const octets = decodeHex(file);
      for (let at = 2; at + 4 <= octets.length; at++) {
        const copy = octets.slice();
        copy.fill(0xff, at, at + 4);
        const cpuMs = startCpuClock();
        try {
          decodeCcacheFile(copy);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
          refused++;
        }
        expect(cpuMs()).toBeLessThan(100);
      }
    }
    expect(refused).toBeGreaterThan(500);
  });

  it("CC2: refuses a count of components, addresses or authorization data that the rest cannot hold", () => {
    const { places } = decodeCcacheFile(v4);
    const at = (offset: number, count: number) => {
      const copy = v4.slice();
      new DataView(copy.buffer).setUint32(offset, count);
      return refusal(copy);
    };
    expect(at(20, 100).message).toContain("100 components");
    const lists = (places[0]?.times ?? 0) + 16 + 1 + 4;
    expect(at(lists, 60).message).toContain("60 addresses");
    expect(at(lists + 4 + 10, 60).message).toContain("60 elements of authorization data");
  });

  it("refuses a principal of version 1 whose count leaves no realm", () => {
    expect(refusal(decodeHex("0501 00000000 00000000")).message).toContain("without a realm");
  });

  it("CC5: refuses is_skey above 1 and two enctypes that differ", () => {
    const { places } = decodeCcacheFile(v4);
    const skey = v4.slice();
    skey[(places[0]?.times ?? 0) + 16] = 2;
    expect(refusal(skey).message).toContain("is_skey is 2");
    const v3 = decodeHex((figures.vectors[2]?.file ?? "").replace("0011001100000010", "0011001200000010"));
    expect(refusal(v3).message).toContain("differ");
  });

  it("throws nothing but DecodeError for any octets", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.uint8Array({ maxLength: 300 }), (version, rest) => {
        try {
          decodeCcacheFile(Uint8Array.from([5, version, ...rest]));
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
    );
  });

  it("throws nothing but DecodeError for changed octets of good files", () => {
    const good = figures.vectors.map(({ file }) => decodeHex(file));
    fc.assert(
      fc.property(fc.constantFrom(...good), fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 4 }), (file, at, by) => {
        const octets = file.slice();
        octets.set(by.subarray(0, octets.length), Math.min(at % octets.length, octets.length - by.length));
        try {
          decodeCcacheFile(octets);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("encodeCcacheFile", () => {
  it("is read back as it was", () => {
    const text = fc.string({ maxLength: 12, unit: "grapheme" });
    const name = fc.record({
      realm: text,
      nameType: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      components: fc.array(text, { maxLength: 3 }),
    });
    const octets = fc.uint8Array({ maxLength: 24 });
    const int16 = fc.integer({ min: -0x8000, max: 0x7fff });
    const time = fc.integer({ min: 1, max: 0xffffffff }).map((seconds) => new Date(seconds * 1000));
    const typed = fc.array(fc.record({ type: int16, octets }), { maxLength: 3 });
    const one = fc.record(
      {
        client: name,
        server: name,
        key: fc.record({ etype: int16, octets }),
        authTime: time,
        startTime: time,
        endTime: time,
        renewTill: time,
        isSkey: fc.boolean(),
        flags: fc.integer({ min: 0, max: 0xffffffff }),
        addresses: typed,
        authData: typed,
        ticket: octets,
        secondTicket: octets,
      },
      {
        noNullPrototype: true,
        requiredKeys: [
          "client",
          "server",
          "key",
          "authTime",
          "endTime",
          "isSkey",
          "flags",
          "addresses",
          "authData",
          "ticket",
          "secondTicket",
        ],
      },
    );
    const plain = (file: Pick<CcacheFile, "principal" | "credentials" | "clockOffsetMs">) => ({
      principal: file.principal,
      clockOffsetMs: file.clockOffsetMs,
      credentials: file.credentials.map((each) => ({
        ...each,
        key: { etype: each.key.etype, octets: each.key.octets },
      })),
    });
    fc.assert(
      fc.property(
        name,
        fc.array(one, { maxLength: 3 }),
        fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { nil: undefined }),
        (owner, credentials, offset) => {
          const file = {
            principal: owner,
            credentials,
            ...(offset === undefined ? {} : { clockOffsetMs: offset }),
          };
          expect(plain(decodeCcacheFile(encodeCcacheFile(file)))).toEqual(
            plain({ clockOffsetMs: undefined, ...file } as never),
          );
        },
      ),
    );
  });

  it("refuses as RangeError what the format cannot hold", () => {
    const bad: Partial<Credential>[] = [
      { endTime: new Date(-1) },
      { endTime: new Date(Number.NaN) },
      { renewTill: new Date(2 ** 42 * 1000) },
      { key: { etype: 70_000, octets: new Uint8Array() } },
      { addresses: [{ type: 1e9, octets: new Uint8Array() }] },
    ];
    for (const over of bad) {
      expect(() => encodeCcacheFile({ principal: alice, credentials: [entry(over)] })).toThrow(RangeError);
    }
    expect(() => encodeCcacheFile({ principal: alice, credentials: [], clockOffsetMs: 1e13 })).toThrow(RangeError);
  });

  it("reads a clock offset that it can write again, to the last second on both sides, and refuses others", () => {
    const withOffset = (seconds: number, microseconds: number): Uint8Array => {
      const octets = encodeCcacheFile({ principal: alice, credentials: [], clockOffsetMs: 0 });
      const view = new DataView(octets.buffer, octets.byteOffset);
      view.setInt32(8, seconds);
      view.setInt32(12, microseconds);
      return octets;
    };
    for (const [seconds, microseconds] of [
      [-0x80000000, 0],
      [-0x80000000, 54_321],
      [0x7fffffff, 999_999],
      [-1, -500_000],
    ] as const) {
      const file = decodeCcacheFile(withOffset(seconds, microseconds));
      expect(file.clockOffsetMs).toBe(seconds * 1000 + microseconds / 1000);
      expect(decodeCcacheFile(encodeCcacheFile(file)).clockOffsetMs).toBe(file.clockOffsetMs);
    }
    for (const [seconds, microseconds] of [
      [0x7fffffff, 1_000_000],
      [-0x80000000, -1],
    ] as const) {
      expect(() => decodeCcacheFile(withOffset(seconds, microseconds))).toThrow("a time offset of more seconds");
    }
  });

  it("shows no key and no ticket in JSON or when inspected", () => {
    const file = decodeCcacheFile(v4);
    const shown = [file.credentials, [entry({ ticket: decodeHex("7469636b6574") })]];
    for (const value of shown) {
      for (const text of [JSON.stringify(value), inspect(value, { depth: 9, showHidden: true })]) {
        expect(text).toMatch(/client/);
        expect(text).not.toMatch(/116,\s*105,\s*99|"1":105|Uint8Array\(6\)|Uint8Array\(16\)|0, 1, 2, 3/);
      }
    }
  });
});
