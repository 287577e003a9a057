// Each number and length of a keytab's entry at its edges and one beyond, which key is found, and the words of errors.

import { describe, expect, it } from "vitest";
import { decodeKeytab, encodeKeytab, KeyBlock, Keytab, type KeytabEntry } from "../../../src/credentials/index.ts";
import { parsePrincipal, principal } from "../../../src/krb5/index.ts";

const HOST = parsePrincipal("host/server@TEST.EXAMPLE");
const entry = (change: Partial<KeytabEntry> = {}): KeytabEntry => ({
  principal: HOST,
  timestamp: new Date(1_700_000_000_000),
  kvno: 3,
  keyBlock: { etype: 18, octets: new Uint8Array(32).fill(7) },
  ...change,
});
const key = (etype: number, length = 1) => ({ etype, octets: new Uint8Array(length).fill(1) });

describe("an entry", () => {
  it.each<[string, Partial<KeytabEntry>]>([
    ["the first moment", { timestamp: new Date(0) }],
    ["the last moment", { timestamp: new Date(0xffffffff * 1000) }],
    ["version 0", { kvno: 0 }],
    ["the largest version", { kvno: 0xffffffff }],
    ["the least enctype", { keyBlock: key(-0x8000) }],
    ["the largest enctype", { keyBlock: key(0x7fff) }],
    ["a key of one octet", { keyBlock: key(18, 1) }],
    ["the longest key", { keyBlock: key(18, 0xffff) }],
    ["the longest realm", { principal: principal("R".repeat(0xffff), ["a"]) }],
    ["the longest component", { principal: principal("R", ["a".repeat(0xffff)]) }],
  ])("is written and read with %s", (_, change) => {
    const [read] = decodeKeytab(encodeKeytab([entry(change)])).entries;
    const { keyBlock, ...rest } = entry(change);
    expect(read).toMatchObject(rest);
    expect(read?.keyBlock.etype).toBe(keyBlock.etype);
    expect(read?.keyBlock.octets).toEqual(keyBlock.octets);
  });

  it.each<[string, Partial<KeytabEntry>, string]>([
    ["a moment before 1970", { timestamp: new Date(-1) }, "a keytab timestamp is between 1970 and 2106"],
    ["a moment after 2106", { timestamp: new Date(2 ** 32 * 1000) }, "a keytab timestamp is between 1970 and 2106"],
    ["no moment", { timestamp: new Date(Number.NaN) }, "a keytab timestamp is between 1970 and 2106"],
    ["a version below 0", { kvno: -1 }, "a kvno has 32 bits"],
    ["a version of 33 bits", { kvno: 2 ** 32 }, "a kvno has 32 bits"],
    ["half a version", { kvno: 1.5 }, "a kvno has 32 bits"],
    ["an enctype below 16 bits", { keyBlock: key(-0x8001) }, "an etype has 16 bits"],
    ["an enctype above 16 bits", { keyBlock: key(0x8000) }, "an etype has 16 bits"],
    ["an empty key", { keyBlock: key(18, 0) }, "a key of a keytab has 1 to 65,535 octets"],
    ["a key that is too long", { keyBlock: key(18, 0x10000) }, "a key of a keytab has 1 to 65,535 octets"],
    ["an empty realm", { principal: principal("", ["a"]) }, "a realm or component of a keytab has 1 to 65,535 octets"],
    ["a realm that is too long", { principal: principal("R".repeat(0x10000), ["a"]) }, "a realm or component of"],
    ["an empty component", { principal: principal("R", ["a", ""]) }, "a realm or component of"],
    ["no components", { principal: principal("R", []) }, "a principal of a keytab has 1 to 65,535 components"],
    ["too many", { principal: principal("R", Array(0x10000).fill("a")) }, "a principal of a keytab has 1 to 65,535"],
  ])("is not written with %s", (_, change, words) => {
    expect(() => encodeKeytab([entry(change)])).toThrow(RangeError);
    expect(() => encodeKeytab([entry(change)])).toThrow(words);
  });

  const { principal: name, timestamp, kvno, keyBlock } = entry();
  it.each<[string, unknown]>([
    ["nothing", null],
    ["text", "host"],
    ["no name", { timestamp, kvno, keyBlock }],
    ["a name without a realm", { principal: { components: ["a"] }, timestamp, kvno, keyBlock }],
    ["a name without components", { principal: { realm: "R" }, timestamp, kvno, keyBlock }],
    ["no moment", { principal: name, kvno, keyBlock }],
    ["a moment as a number", { principal: name, timestamp: 5, kvno, keyBlock }],
    ["no version", { principal: name, timestamp, keyBlock }],
    ["no key", { principal: name, timestamp, kvno }],
    ["a key without an enctype", { principal: name, timestamp, kvno, keyBlock: { octets: keyBlock.octets } }],
    ["a key without octets", { principal: name, timestamp, kvno, keyBlock: { etype: 18 } }],
    ["a key as text", { principal: name, timestamp, kvno, keyBlock: { etype: 18, octets: "hunter2" } }],
  ])("that is %s is the caller's mistake, and is not quoted", (_, value) => {
    const make = (): unknown => new Keytab([entry(), value as KeytabEntry]);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(/^entries\[1\] is .*: it must be an entry of a keytab/);
    expect(make).not.toThrow("hunter2");
  });

  it("keeps a copy of a key that is only octets, and the value that is one already", () => {
    const octets = new Uint8Array(32).fill(7);
    const block = new KeyBlock(18, octets);
    const [plain, own] = new Keytab([entry({ keyBlock: { etype: 18, octets } }), entry({ keyBlock: block })]).entries;
    octets.fill(9);
    expect(plain?.keyBlock.octets[0]).toBe(7);
    expect(own?.keyBlock).toBe(block);
  });

  it.each([5, "hunter2", new Uint8Array(3), null, {}])("%j is not a list of entries", (value) => {
    for (const call of [() => new Keytab(value as never), () => encodeKeytab(value as never)]) {
      expect(call).toThrow(/it must be a Keytab, or a list of its entries/);
      expect(call).not.toThrow("hunter2");
    }
  });
});

describe("the key that is found", () => {
  const other = parsePrincipal("host/other@TEST.EXAMPLE");
  const at = (kvno: number, etype: number, ms = 0): KeytabEntry =>
    entry({ kvno, keyBlock: key(etype, kvno % 7 === 0 ? 2 : 1), timestamp: new Date(ms) });
  const keytab = new Keytab([at(2, 17), at(3, 17), at(3, 18), at(1, 18), entry({ principal: other, kvno: 9 })]);
  const found = (query: object): [number, number] | undefined => {
    const one = keytab.find({ principal: HOST, ...query });
    return one && [one.kvno, one.keyBlock.etype];
  };

  it.each<[string, object, [number, number] | undefined]>([
    ["the newest, the first in the file", {}, [3, 17]],
    ["of version 0, which is none", { kvno: 0 }, [3, 17]],
    ["of a version", { kvno: 2 }, [2, 17]],
    ["of a version that is not there", { kvno: 4 }, undefined],
    ["of an enctype", { etype: 18 }, [3, 18]],
    ["of an enctype that is not there", { etype: 20 }, undefined],
    ["of a version and an enctype", { kvno: 1, etype: 18 }, [1, 18]],
    ["of both, which are not together", { kvno: 2, etype: 18 }, undefined],
    ["of the enctype that is liked best", { enctypes: [18, 17] }, [3, 18]],
    ["of those that are permitted", { enctypes: [17] }, [3, 17]],
  ])("is %s: %j", (_, query, wanted) => {
    expect(found(query)).toEqual(wanted);
  });

  it("all are listed newest first, and of one version best first", () => {
    const list = (query: object) =>
      keytab.findAll({ principal: HOST, ...query }).map((one) => [one.kvno, one.keyBlock.etype]);
    expect(list({ enctypes: [18, 17] })).toEqual([
      [3, 18],
      [3, 17],
      [2, 17],
      [1, 18],
    ]);
    expect(list({ kvno: 3, enctypes: [17, 18] })).toEqual([
      [3, 17],
      [3, 18],
    ]);
    expect(list({ etype: 18 })).toEqual([
      [3, 18],
      [1, 18],
    ]);
    expect(list({ kvno: 7 })).toEqual([]);
  });

  it.each<[string, KeytabEntry, KeytabEntry, number]>([
    ["255 wrapped to 1, written later", at(255, 18, 1000), at(1, 18, 2000), 1],
    ["1 is old, and 255 was written later", at(255, 18, 2000), at(1, 18, 1000), 255],
    ["both were written at once: the larger is newer", at(255, 18, 1000), at(1, 18, 1000), 255],
    ["240 has not come round", at(240, 18, 1000), at(1, 18, 2000), 240],
    ["241 has", at(241, 18, 1000), at(1, 18, 2000), 1],
    ["127 can follow", at(255, 18, 1000), at(127, 18, 2000), 127],
    ["128 is not small", at(255, 18, 1000), at(128, 18, 2000), 255],
    ["256 has 32 bits, and does not wrap", at(256, 18, 1000), at(1, 18, 2000), 256],
  ])("of versions that wrap: %s", (_, a, b, newest) => {
    for (const entries of [
      [a, b],
      [b, a],
    ]) {
      expect(new Keytab(entries).find({ principal: HOST })?.kvno).toBe(newest);
      expect(new Keytab(entries).findAll({ principal: HOST })[0]?.kvno).toBe(newest);
    }
  });

  it("is not there: the error says what is", () => {
    const words = (query: object, from = keytab) => {
      try {
        from.get({ principal: HOST, ...query });
      } catch (error) {
        return (error as Error).message;
      }
      return "";
    };
    expect(words({ kvno: 4 })).toContain(
      "of host/server@TEST.EXAMPLE with kvno 4 (it has kvno 2 aes128-cts-hmac-sha1-96, kvno 3 aes128",
    );
    expect(words({ etype: 20 })).toContain("of host/server@TEST.EXAMPLE of aes256-cts-hmac-sha384-192 (it has kvno");
    const strange = parsePrincipal("nobody@TEST.EXAMPLE");
    expect(words({ principal: strange })).toContain(
      "of nobody@TEST.EXAMPLE (it has keys of host/server@TEST.EXAMPLE, host/other@TEST.EXAMPLE);",
    );
    expect(words({}, new Keytab())).toContain("(it has keys of nobody)");
    expect(keytab.get({ principal: HOST }).kvno).toBe(3);
  });

  it("are taken out by name, version and enctype", () => {
    const left = (query: object) => keytab.without({ principal: HOST, ...query }).entries.length;
    expect([left({}), left({ kvno: 3 }), left({ etype: 18 }), left({ kvno: 3, etype: 18 }), left({ kvno: 8 })]).toEqual(
      [1, 3, 3, 4, 5],
    );
  });
});
