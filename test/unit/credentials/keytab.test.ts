import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { concat, decodeHex, encodeHex, Writer } from "../../../src/bytes/index.ts";
import {
  decodeKeytab,
  encodeKeytab,
  Keytab,
  type KeytabEntry,
  readKeytabFile,
} from "../../../src/credentials/index.ts";
import { CredentialError, DecodeError } from "../../../src/errors.ts";
import { principal } from "../../../src/krb5/index.ts";
import { nodeFiles } from "../../../src/runtime/node-files.ts";

const alice = principal("EXAMPLE.ORG", ["alice"]);
const host = principal("EXAMPLE.ORG", ["host", "server.example.org"], 3);

function entry(over: Partial<KeytabEntry> & { etype?: number; key?: string } = {}): KeytabEntry {
  const { etype = 18, key = "0011223344556677", ...rest } = over;
  return {
    principal: alice,
    timestamp: new Date(1_700_000_000_000),
    kvno: 3,
    keyBlock: { etype, octets: decodeHex(key) },
    ...rest,
  };
}

/** The octets of one entry, without its size. */
const record = (...args: Parameters<typeof entry>): Uint8Array => encodeKeytab([entry(...args)]).subarray(6);
const sized = (size: number, octets: Uint8Array): Uint8Array => new Writer().int32(size).bytes(octets).finish();
const file = (...parts: Uint8Array[]): Uint8Array => concat(decodeHex("0502"), ...parts);

function refusal(octets: Uint8Array): DecodeError {
  try {
    decodeKeytab(octets);
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
  throw new Error("was not refused");
}

describe("decodeKeytab", () => {
  it("reads a version 1 file of either byte order", () => {
    for (const endian of ["little", "big"] as const) {
      const little = endian === "little";
      const u16 = (value: number) => (little ? [value & 255, value >> 8] : [value >> 8, value & 255]);
      const u32 = (value: number) =>
        little ? [...u16(value & 0xffff), ...u16(value >>> 16)] : [...u16(value >>> 16), ...u16(value & 0xffff)];
      const data = (text: string) => [...u16(text.length), ...new TextEncoder().encode(text)];
      // The count includes the realm, and there is no name type.
      const octets = [
        ...u16(3),
        ...data("R"),
        ...data("host"),
        ...data("a"),
        ...u32(1000),
        7,
        ...u16(17),
        ...u16(2),
        1,
        2,
      ];
      const read = decodeKeytab(Uint8Array.from([5, 1, ...u32(octets.length), ...octets]), { endian });
      expect(read.entries).toHaveLength(1);
      expect(read.entries[0]).toMatchObject({
        principal: { realm: "R", nameType: 0, components: ["host", "a"] },
        timestamp: new Date(1_000_000),
        kvno: 7,
      });
      expect([...(read.entries[0]?.keyBlock.octets ?? [])]).toEqual([1, 2]);
    }
  });

  it("passes over holes and ends at a size of 0", () => {
    const a = record({ kvno: 1 });
    const b = record({ kvno: 2 });
    const octets = file(sized(a.length, a), sized(-9, new Uint8Array(9)), sized(b.length, b), sized(0, a));
    expect(decodeKeytab(octets).entries.map(({ kvno }) => kvno)).toEqual([1, 2]);
  });

  it("takes the 32-bit version if it is there and not zero, else the 8-bit one", () => {
    const full = record({ kvno: 0x1234_5678 });
    expect(decodeKeytab(file(sized(full.length, full))).entries[0]?.kvno).toBe(0x1234_5678);
    const short = full.subarray(0, full.length - 4);
    expect(decodeKeytab(file(sized(short.length, short))).entries[0]?.kvno).toBe(0x78);
    const zero = concat(short, new Uint8Array(4));
    expect(decodeKeytab(file(sized(zero.length, zero))).entries[0]?.kvno).toBe(0x78);
    const three = concat(short, Uint8Array.of(9, 9, 9));
    expect(decodeKeytab(file(sized(three.length, three))).entries[0]?.kvno).toBe(0x78);
    const inOldHole = concat(full, new Uint8Array(20));
    expect(decodeKeytab(file(sized(inOldHole.length, inOldHole))).entries[0]?.kvno).toBe(0x1234_5678);
  });

  it("keeps no view of the file", () => {
    const octets = encodeKeytab([entry()]);
    const read = decodeKeytab(octets);
    octets.fill(0);
    expect(encodeHex(read.entries[0]?.keyBlock.octets ?? new Uint8Array())).toBe("0011223344556677");
  });

  it("passes over blanks and NULs behind the last entry, a newline for example, and warns of them", () => {
    const octets = encodeKeytab([entry()]);
    const warnings: string[] = [];
    const onWarning = (text: string): void => void warnings.push(text);
    expect(decodeKeytab(octets, { onWarning }).entries).toHaveLength(1);
    expect(warnings).toEqual([]);
    for (const end of ["\n", "\r\n", "\n\n\n \t\n", "\0", "\0\0", "\0\0\0", "\0\0\0\0", "\0".repeat(509), "\0\n"]) {
      warnings.length = 0;
      expect(decodeKeytab(concat(octets, new TextEncoder().encode(end)), { onWarning }).entries).toHaveLength(1);
      expect(warnings).toEqual(["blanks behind the last entry of the keytab are passed over"]);
    }
    for (const end of ["more", "\n.", "\0.", "\0\0\x01", "\x01\0\0"]) {
      expect(refusal(concat(octets, new TextEncoder().encode(end))).code).toBe("DECODE");
    }
  });

  it("refuses every truncation, but those between entries, and warns of one in the NULs of a size", () => {
    const octets = encodeKeytab([entry(), entry({ principal: host, kvno: 4 })]);
    const second = 2 + 4 + record().length;
    const whole = [2, second, octets.length];
    for (let length = 0; length <= octets.length; length++) {
      const cut = octets.subarray(0, length);
      const warnings: string[] = [];
      // The first three octets of a size of less than 256 are NULs, as those that a padded file ends with.
      const at = [2, second].find((start) => length > start && length < start + 4);
      if (at === undefined && !whole.includes(length)) expect(refusal(cut).offset).toBeLessThanOrEqual(length);
      else {
        const { entries } = decodeKeytab(cut, { onWarning: (text) => void warnings.push(text) });
        expect([entries.length, warnings.length]).toEqual([whole.indexOf(at ?? length), at === undefined ? 0 : 1]);
      }
    }
  });

  it("refuses another first octet and other versions", () => {
    for (const head of ["0402", "0500", "0503", "0505", "0002"]) expect(refusal(decodeHex(head)).code).toBe("DECODE");
  });

  it("KT1: refuses a hole of INT32_MIN", () => {
    expect(refusal(file(sized(-0x80000000, new Uint8Array(64)))).message).toContain("2^31");
  });

  it("KT2: refuses a size past the end of the file, INT32_MAX and holes included", () => {
    const octets = record();
    for (const size of [octets.length + 1, 0x7fffffff, -0x7fffffff, -(octets.length + 1)]) {
      const error = refusal(file(sized(size, octets)));
      expect(error.message).toContain("a record of");
      expect(error.offset).toBe(6);
    }
  });

  it("KT3: reads an entry inside its own size, though the file goes on", () => {
    const a = record({ kvno: 1 });
    const b = record({ kvno: 2 });
    const key = refusal(file(sized(a.length - 5, a), sized(b.length, b)));
    expect(key.path).toBe("keytab.entries[0]");
    for (let short = 1; short < a.length - 4; short++) {
      expect(() => decodeKeytab(file(sized(short, a.subarray(0, short)), sized(b.length, b)))).toThrow(DecodeError);
    }
  });

  it("KT4: a malformed entry is an error, never the end", () => {
    const good = record();
    const bad = record({ kvno: 9 }).slice();
    bad[2] = 0xff;
    const error = refusal(file(sized(good.length, good), sized(bad.length, bad)));
    expect(error.path).toBe("keytab.entries[1]");
    expect(error.offset).toBeGreaterThan(good.length + 10);
  });

  it("KT5: refuses a principal without components, in both versions", () => {
    const none = record().slice();
    none.set([0, 0], 0);
    expect(refusal(file(sized(none.length, none))).message).toContain("without components");
    expect(refusal(decodeHex("0501 02000000 0100")).message).toContain("without components");
    expect(refusal(decodeHex("0501 02000000 0000")).message).toContain("without components");
  });

  it("KT6: refuses more components than octets before anything is made of them", () => {
    const many = record().slice();
    many.set([0xff, 0xff], 0);
    expect(refusal(file(sized(many.length, many))).message).toContain("65535 components");
  });

  it("KT7: refuses an empty realm and an empty component", () => {
    const empty = (realm: string, name: string) => {
      const out = new Writer().uint16(1).data16(new TextEncoder().encode(realm)).data16(new TextEncoder().encode(name));
      const octets = out.uint32(1).uint32(0).uint8(1).uint16(18).data16(Uint8Array.of(1)).finish();
      return file(sized(octets.length, octets));
    };
    expect(decodeKeytab(empty("R", "a")).entries).toHaveLength(1);
    expect(refusal(empty("", "a")).message).toContain("empty realm");
    expect(refusal(empty("R", "")).message).toContain("empty realm or component");
  });

  it("KT8: refuses an empty key", () => {
    const out = new Writer().uint16(1).data16(Uint8Array.of(82)).data16(Uint8Array.of(97));
    const octets = out.uint32(1).uint32(0).uint8(1).uint16(18).data16(new Uint8Array()).finish();
    expect(refusal(file(sized(octets.length, octets))).message).toContain("empty key");
  });

  it("throws nothing but DecodeError for any octets", () => {
    fc.assert(
      fc.property(fc.constantFrom(1, 2), fc.uint8Array({ maxLength: 200 }), (version, rest) => {
        try {
          decodeKeytab(Uint8Array.from([5, version, ...rest]));
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
    );
  });

  it("throws nothing but DecodeError for changed octets of a good file", () => {
    const good = encodeKeytab([entry(), entry({ principal: host, kvno: 300 }), entry({ kvno: 5, etype: 20 })]);
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, value) => {
        const octets = good.slice();
        octets[at] = value;
        try {
          decodeKeytab(octets);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
    );
  });
});

describe("encodeKeytab", () => {
  it("is read back as it was, whatever the names, versions and keys", () => {
    const text = fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" });
    const arbitrary = fc.record({
      principal: fc.record({
        realm: text,
        nameType: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        components: fc.array(text, { minLength: 1, maxLength: 4 }),
      }),
      timestamp: fc.integer({ min: 0, max: 0xffffffff }).map((seconds) => new Date(seconds * 1000)),
      kvno: fc.integer({ min: 1, max: 0xffffffff }),
      keyBlock: fc.record({
        etype: fc.integer({ min: -0x8000, max: 0x7fff }),
        octets: fc.uint8Array({ minLength: 1, maxLength: 32 }),
      }),
    });
    const plain = (entries: readonly KeytabEntry[]) =>
      entries.map((e) => ({ ...e, keyBlock: { etype: e.keyBlock.etype, octets: encodeHex(e.keyBlock.octets) } }));
    fc.assert(
      fc.property(fc.array(arbitrary, { maxLength: 4 }), (entries) => {
        expect(plain(decodeKeytab(encodeKeytab(entries)).entries)).toEqual(plain(entries));
      }),
    );
  });

  it("refuses as RangeError what the format cannot hold", () => {
    const bad: KeytabEntry[] = [
      entry({ kvno: -1 }),
      entry({ kvno: 2 ** 32 }),
      entry({ timestamp: new Date(-1000) }),
      entry({ timestamp: new Date(Number.NaN) }),
      entry({ principal: principal("R", []) }),
      entry({ principal: principal("", ["a"]) }),
      entry({ principal: principal("R", ["x".repeat(65_536)]) }),
      entry({ key: "" }),
      entry({ etype: 40_000 }),
    ];
    for (const one of bad) expect(() => encodeKeytab([one])).toThrow(RangeError);
  });
});

describe("Keytab", () => {
  const keytab = new Keytab([
    entry({ kvno: 1, etype: 18 }),
    entry({ kvno: 2, etype: 17 }),
    entry({ kvno: 2, etype: 20 }),
    entry({ kvno: 9, etype: 18, principal: host }),
    entry({ kvno: 3, etype: 23 }),
  ]);
  const chosen = (query: Parameters<Keytab["find"]>[0]) => {
    const found = keytab.find(query);
    return found && [found.kvno, found.keyBlock.etype];
  };

  it("chooses the highest version of the principal", () => {
    expect(chosen({ principal: alice })).toEqual([3, 23]);
    expect(chosen({ principal: { ...host, nameType: 0 } })).toEqual([9, 18]);
    expect(chosen({ principal: principal("OTHER.ORG", ["alice"]) })).toBeUndefined();
    expect(chosen({ principal: principal("EXAMPLE.ORG", ["host"]) })).toBeUndefined();
  });

  it("chooses by enctype and by preference among the permitted", () => {
    expect(chosen({ principal: alice, etype: 18 })).toEqual([1, 18]);
    expect(chosen({ principal: alice, enctypes: [20, 19, 18, 17] })).toEqual([2, 20]);
    expect(chosen({ principal: alice, enctypes: [17, 20] })).toEqual([2, 17]);
    expect(chosen({ principal: alice, enctypes: [19] })).toBeUndefined();
    expect(chosen({ principal: alice, kvno: 2 })).toEqual([2, 17]);
    expect(chosen({ principal: alice, kvno: 4 })).toBeUndefined();
  });

  it("finds the key of a version past 255 in a file that kept eight bits", () => {
    expect(chosen({ principal: alice, kvno: 258, etype: 20 })).toEqual([2, 20]);
    expect(chosen({ principal: alice, kvno: 2 + 128, etype: 20 })).toBeUndefined();
  });

  it("takes version 1 for newer than 255 if it was written later", () => {
    const old = entry({ kvno: 255, timestamp: new Date(1000) });
    const later = entry({ kvno: 1, timestamp: new Date(2000) });
    expect(new Keytab([old, later]).find({ principal: alice })?.kvno).toBe(1);
    expect(new Keytab([later, old]).find({ principal: alice })?.kvno).toBe(1);
    const earlier = entry({ kvno: 1, timestamp: new Date(500) });
    expect(new Keytab([old, earlier]).find({ principal: alice })?.kvno).toBe(255);
    expect(new Keytab([earlier, old]).find({ principal: alice })?.kvno).toBe(255);
  });

  it("lists all that fit, newest and best first", () => {
    const all = keytab.findAll({ principal: alice, enctypes: [20, 18, 17] });
    expect(all.map(({ kvno, keyBlock }) => [kvno, keyBlock.etype])).toEqual([
      [2, 20],
      [2, 17],
      [1, 18],
    ]);
  });

  it("says in the error what it has instead", () => {
    const thrown = (query: Parameters<Keytab["get"]>[0]): CredentialError => {
      try {
        keytab.get(query);
      } catch (error) {
        if (error instanceof CredentialError) return error;
      }
      throw new Error("no CredentialError");
    };
    const byVersion = thrown({ principal: alice, kvno: 7, etype: 18 });
    expect(byVersion).toMatchObject({ code: "KEYTAB_NO_KEY", principal: "alice@EXAMPLE.ORG", kvno: 7, etype: 18 });
    expect(byVersion.message).toContain("kvno 2 aes128-cts-hmac-sha1-96");
    expect(thrown({ principal: principal("R", ["bob"]) }).message).toContain("alice@EXAMPLE.ORG");
    expect(keytab.get({ principal: alice, kvno: 1 }).kvno).toBe(1);
  });

  it("adds and removes as a value", () => {
    const more = keytab.with(entry({ kvno: 4 }));
    expect(more.find({ principal: alice })?.kvno).toBe(4);
    expect(keytab.find({ principal: alice })?.kvno).toBe(3);
    expect(more.without({ principal: alice }).entries).toHaveLength(1);
    expect(more.without({ principal: alice, kvno: 2 }).entries).toHaveLength(4);
    expect(more.without({ principal: alice, kvno: 2, etype: 20 }).entries).toHaveLength(5);
    expect(keytab.principals).toEqual([alice, host]);
  });

  it("shows no key in JSON or when inspected", () => {
    const octets = decodeHex("00112233445566778899aabbccddeeff");
    const shown = [
      new Keytab([entry({ key: "00112233445566778899aabbccddeeff" })]),
      decodeKeytab(encodeKeytab(keytab)),
    ];
    for (const value of shown) {
      const texts = [JSON.stringify(value), inspect(value, { depth: 9, showHidden: true })];
      for (const text of texts) {
        expect(text).toContain("alice");
        expect(text).not.toMatch(/001122|Uint8Array|\b17,\s*34,\s*51|"1":17/);
      }
    }
    expect([...(shown[0]?.entries[0]?.keyBlock.octets ?? [])]).toEqual([...octets]);
  });
});

it("refuses a file that is larger than any keytab before reading it", async () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "keytab-size-"));
  onTestFinished(() => fs.rmSync(dir, { recursive: true }));
  const file = path.join(dir, "keytab");
  fs.writeFileSync(file, "");
  fs.truncateSync(file, 2 ** 40);
  const start = process.memoryUsage().rss;
  await expect(readKeytabFile(file, nodeFiles())).rejects.toMatchObject({ code: "KEYTAB" });
  expect(process.memoryUsage().rss - start).toBeLessThan(2 ** 27);
});
