// Claims, compressed and not, the computer of the user, and what another protocol needs.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import figures from "../../../krb5-vectors/pac/claims.json" with { type: "json" };
import { concat, decodeHex, Reader, setUint32 } from "../../../src/bytes/index.ts";
import { openPacCredentials } from "../../../src/pac/index.ts";
import { expandHuffman } from "../../../src/pac/xpress.ts";
import { NdrWriter } from "../../../src/testing/kdc/pac/ndr-writer.ts";
import { pacOf } from "../../support/pac-of.ts";
import { encTypes } from "../gssapi/pair.ts";

const refused = expect.objectContaining({ code: "DECODE" });

const reader = (octets: Uint8Array): Reader => new Reader(octets, "", { littleEndian: true });
const claims = figures.vectors.flatMap((row) => (row.op === "claims" ? [row] : []));
const expands = figures.vectors.flatMap((row) => (row.op === "expand" ? [row] : []));

describe("claims", () => {
  it.each(claims)("of Windows: $name", ({ octets, claims }) => {
    for (const [type, name] of [
      [13, "clientClaims"],
      [15, "deviceClaims"],
    ] as const) {
      const found = pacOf(type, decodeHex(octets as string))[name]?.map((claim) => ({
        ...claim,
        values: claim.values.map((value) => (typeof value === "bigint" ? String(value) : value)),
      }));
      expect(found).toEqual(claims);
    }
  });

  it("absent where a KDC has none", () => {
    expect(Object.keys(pacOf(13, new Uint8Array(0)))).toEqual(["buffers"]);
  });

  it("PAC4: numbers below zero, no entries, a certificate's; another compression, and more than is ever expanded", () => {
    const set = new NdrWriter();
    set.uint32(2).pointer(true).uint16(0).uint32(0).pointer(false);
    set.uint32(2).uint16(2).uint32(1).pointer(true).uint16(1).uint32(0).pointer(false);
    set.uint32(1).pointer(true).uint16(1).uint16(1).uint32(1).pointer(true);
    set.characters("a\0").uint32(1).uint64(-5n);
    const octets = set.finish();
    const metadata = (format: number, size: number): Uint8Array =>
      new NdrWriter()
        .uint32(octets.length)
        .pointer(true)
        .uint16(format)
        .uint32(size)
        .uint16(0)
        .uint32(0)
        .pointer(false)
        .uint32(octets.length)
        .bytes(octets)
        .finish();
    expect(pacOf(13, metadata(0, octets.length)).clientClaims).toEqual([
      { id: "a", source: "certificate", type: "int64", values: [-5n] },
    ]);
    // LZNT1 and plain LZ77, which no KDC sends; more than is ever expanded.
    for (const [format, size] of [
      [2, 100],
      [3, 100],
      [4, 0x10_0001],
      [4, 0xffff_ffff],
    ] as const) {
      expect(() => pacOf(13, metadata(format, size)), `${format}`).toThrow(refused);
    }
    const version = { code: "DECODE", reason: "version", message: expect.stringContaining("in the format 3") };
    expect(() => pacOf(13, metadata(3, 100))).toThrow(expect.objectContaining(version));
    // The most is not too much: what these octets are not is claims.
    expect(() => pacOf(13, metadata(4, 0x10_0000))).not.toThrow(/are the most/);
    expect(() => pacOf(13, metadata(4, 0x10_0001))).toThrow(
      /1048577 octets when they are expanded, 1048576 are the most/,
    );
  });

  it("an end at any octet, and any octet changed: a DecodeError or claims, within little time", () => {
    for (const { octets } of claims) {
      const good = decodeHex(octets as string);
      for (let end = 0; end < good.length - 8; end++) {
        const cut = new Reader(good.subarray(0, end), "").octets;
        if (end > 0) expect(() => pacOf(13, cut), String(end)).toThrow(refused);
      }
      fc.assert(
        fc.property(
          fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
          (list) => {
            const changed = good.slice();
            for (const [at, octet] of list) changed[at] = octet;
            try {
              pacOf(13, changed);
            } catch (error) {
              expect(error).toEqual(refused);
            }
          },
        ),
        { numRuns: 1_000 },
      );
    }
  });
});

describe("MS-XCA", () => {
  /** Symbols a and 271 (a long match of distance 1), one bit each. */
  const table = new Uint8Array(256);
  table[97 >> 1] = 0x10;
  table[271 >> 1] = 0x10;

  it.each(expands)("$name", ({ octets, text, times }) => {
    const wanted = (text as string).repeat(times as number);
    const made = expandHuffman(reader(decodeHex(octets as string)), wanted.length);
    expect(new TextDecoder().decode(made)).toBe(wanted);
  });

  it("a match before the first octet, more than is announced, lengths that are not a code, a long form of a short length", () => {
    const long = decodeHex(expands.find(({ name }) => name.startsWith("a long match"))?.octets as string);
    expect(() => expandHuffman(reader(long), 299)).toThrow(/more octets than are announced/);
    expect(() => expandHuffman(reader(long.subarray(0, -1)), 300)).toThrow(refused);
    expect(() => expandHuffman(reader(new Uint8Array(512)), 1)).toThrow(refused);
    expect(() => expandHuffman(reader(new Uint8Array(512).fill(0x11)), 1)).toThrow(refused);
    const first = concat(table, Uint8Array.of(0, 0x80, 0, 0, 20));
    expect(() => expandHuffman(reader(first), 40)).toThrow(refused);
    for (const [rest, size] of [
      [[255, 14, 0], 18],
      [[255, 0, 0, 14, 0, 0, 0], 18],
    ] as const) {
      expect(() => expandHuffman(reader(concat(table, Uint8Array.of(0, 0x40, 0, 0, ...rest))), size)).toThrow(refused);
    }
    const four = concat(table, Uint8Array.of(0, 0x40, 0, 0, 255, 0, 0, 0x70, 0x11, 1, 0));
    expect(expandHuffman(reader(four), 1 + 0x11170 + 3)).toHaveLength(0x11174);
  });

  it("more than a block of 65,536 octets, each with its code", () => {
    const block = (length: number): Uint8Array =>
      concat(table, Uint8Array.of(0, 0x40, 0, 0, 255, length & 0xff, length >> 8));
    const octets = expandHuffman(reader(concat(block(0xffff), block(100))), 1 + 0xffff + 3 + 1 + 103);
    expect(octets.every((octet) => octet === 97)).toBe(true);
  });
});

it("the computer that a user was at, with its groups", () => {
  const ndr = new NdrWriter();
  ndr.uint32(1103).uint32(515).pointer(true).uint32(1).pointer(true).uint32(1).pointer(true).uint32(1).pointer(true);
  ndr.sid("S-1-5-21-1-2-3").uint32(1).uint32(515).uint32(7);
  ndr.uint32(1).pointer(true).uint32(7).sid("S-1-5-21-0-0-0-497");
  ndr.uint32(1).pointer(true).uint32(1).pointer(true).sid("S-1-5-21-4-5-6").uint32(1).uint32(1200).uint32(7);
  const octets = ndr.finish();
  expect(pacOf(14, octets).deviceInfo).toEqual({
    userId: 1103,
    primaryGroupId: 515,
    accountDomainId: "S-1-5-21-1-2-3",
    accountGroupIds: [{ relativeId: 515, attributes: 7 }],
    extraSids: [{ sid: "S-1-5-21-0-0-0-497", attributes: 7 }],
    domainGroups: [{ domainId: "S-1-5-21-4-5-6", groupIds: [{ relativeId: 1200, attributes: 7 }] }],
  });
  for (let end = 1; end < octets.length - 8; end++) {
    expect(() => pacOf(14, octets.subarray(0, end)), String(end)).toThrow(refused);
  }
  const huge = octets.slice();
  setUint32(huge, 16 + 4 * 4, 0xffffffff);
  expect(() => pacOf(14, huge)).toThrow(refused);
});

it("credentials for another protocol, under the key of the AS reply", () => {
  const secret = Uint8Array.from({ length: 40 }, (_, i) => i);
  const ndr = new NdrWriter().uint32(1).uint32(1).text("NTLM").uint32(secret.length).pointer(true);
  const plain = ndr.characters("NTLM").uint32(secret.length).bytes(secret).finish();
  const replyKey = encTypes.generateKey(18);
  const sealed = (octets: Uint8Array): Uint8Array => {
    const cipher = new Uint8Array(octets.length + replyKey.usage(16).overheadBytes);
    replyKey.usage(16).encryptInto(cipher, 0, octets);
    return concat(Uint8Array.of(0, 0, 0, 0, 18, 0, 0, 0), cipher);
  };
  const { credentials } = pacOf(2, sealed(plain));
  if (credentials === undefined) throw new Error("no credentials");
  expect(openPacCredentials(credentials, replyKey)).toEqual([{ packageName: "NTLM", octets: secret }]);
  const failing =
    (key = replyKey, one = credentials) =>
    () =>
      openPacCredentials(one, key);
  expect(failing(encTypes.generateKey(18))).toThrow(expect.objectContaining({ code: "INTEGRITY" }));
  expect(failing(encTypes.generateKey(17))).toThrow(expect.objectContaining({ code: "ETYPE_NOT_PERMITTED" }));
  for (let end = 0; end < plain.length - 8; end += 3) {
    const cut = pacOf(2, sealed(plain.subarray(0, end))).credentials;
    expect(failing(replyKey, cut), String(end)).toThrow(refused);
  }
  expect(() => pacOf(2, Uint8Array.of(1, 0, 0, 0, 18, 0, 0, 0))).toThrow(refused);
});
