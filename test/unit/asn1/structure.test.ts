import fc from "fast-check";
import { describe, expect, it } from "vitest";
import reference from "../../../krb5-vectors/asn1/rfc4120.json" with { type: "json" };
import { decodeDer, objectIdentifier, walkDer } from "../../../src/asn1/index.ts";
import { concat, decodeHex } from "../../../src/bytes/index.ts";
import { DecodeError } from "../../../src/errors.ts";
import { decodeAsRep, decodeKrbError, decodeMethodData, decodePrincipalName } from "../../../src/krb5/index.ts";
import { asn1jsTree, ourTree } from "../../support/asn1js-tree.ts";
import { startCpuClock } from "../../support/cpu-clock.ts";
import { codecOf, withoutOctets } from "../../support/message-codecs.ts";

const messages = reference.vectors.map(({ name, type, octets }) => ({ name, type, octets: decodeHex(octets) }));

/** What `decode` throws; fails if it throws nothing. */
function thrownBy(decode: () => unknown): unknown {
  try {
    decode();
  } catch (error) {
    return error;
  }
  throw new Error("it was accepted");
}

/** An identifier and a length in the fewest octets. */
function headOf(tag: number, length: number): number[] {
  if (length < 0x80) return [tag, length];
  if (length < 0x100) return [tag, 0x81, length];
  if (length < 0x10000) return [tag, 0x82, length >> 8, length & 0xff];
  return [tag, 0x83, length >> 16, (length >> 8) & 0xff, length & 0xff];
}

function element(tag: number, contents: Uint8Array): Uint8Array {
  return concat(Uint8Array.from(headOf(tag, contents.length)), contents);
}

/** That many SEQUENCEs, one in the other, all of the right length. */
function nested(depth: number): Uint8Array {
  const out = new Uint8Array(depth * 5);
  let at = out.length;
  for (let i = 0; i < depth; i++) {
    const length = out.length - at;
    const head = headOf(0x30, length);
    at -= head.length;
    out.set(head, at);
  }
  return out.subarray(at);
}

describe("the structure of DER", () => {
  it("D3: refuses every message cut off at any octet", () => {
    for (const { type, octets } of messages) {
      for (let length = 0; length < octets.length; length++) {
        expect(thrownBy(() => codecOf(type)[0](octets.subarray(0, length)))).toBeInstanceOf(DecodeError);
      }
    }
  });

  it("D1: an indefinite length is refused as what it is, at every place where a length can be", () => {
    for (const hex of ["3080a003020101a10530031b01610000", "3009a003020101a1803080", "300ba003020101a10430800000"]) {
      expect(() => decodePrincipalName(decodeHex(hex))).toThrow(/indefinite/);
    }
  });

  it("D3: a length that passes the end of what holds it is refused where it stands", () => {
    const cases: [hex: string, offset: number][] = [
      ["300da003020101a10530031b0161", 0],
      ["300ca003020101a10630031b0161", 7],
      ["300ca003020101a10530041b0161", 9],
      ["300ca003020101a10530031b0261", 11],
      ["300ca003020201a10530031b0161", 4],
    ];
    expect(decodePrincipalName(decodeHex("300ca003020101a10530031b0161")).nameString).toEqual(["a"]);
    for (const [hex, offset] of cases) {
      const error = thrownBy(() => decodePrincipalName(decodeHex(hex))) as DecodeError;
      expect(error.message).toMatch(/a length of \d+ octets where \d+ are left/);
      expect(error.offset).toBe(offset);
    }
  });

  it("D4: refuses every message with an octet after it, whatever the octet", () => {
    for (const { type, octets } of messages) {
      for (const octet of [0, 0x30, 0xa0, 0xff]) {
        expect(thrownBy(() => codecOf(type)[0](concat(octets, Uint8Array.of(octet))))).toBeInstanceOf(DecodeError);
      }
    }
  });

  it("reads a message that is a view into larger octets, and no octet outside it", () => {
    for (const { type, octets } of messages) {
      const around = concat(new Uint8Array(3).fill(0xff), octets, new Uint8Array(3).fill(0xff));
      const view = around.subarray(3, 3 + octets.length);
      expect(codecOf(type)[0](view)).toEqual(codecOf(type)[0](octets));
    }
  });

  it("CVE-2020-28196: 10^5 nested indefinite lengths are refused at once, in constant stack", () => {
    const open = new Uint8Array(200_000);
    for (let i = 0; i < open.length; i += 2) open.set([0x30, 0x80], i);
    for (const octets of [open, concat(Uint8Array.of(0x6b, 0x80), open), concat(Uint8Array.of(0x7e, 0x80), open)]) {
      const cpuMs = startCpuClock();
      for (const decode of [decodeAsRep, decodeKrbError, (o: Uint8Array) => walkDer(o, () => {})]) {
        expect(thrownBy(() => decode(octets))).toBeInstanceOf(DecodeError);
      }
      expect(cpuMs()).toBeLessThan(50);
    }
  });

  it("CVE-2025-66031: 10^5 nested elements of definite length are refused at once, in constant stack", () => {
    const octets = nested(100_000);
    expect(octets.length).toBeGreaterThan(400_000);
    const cpuMs = startCpuClock();
    expect(() => walkDer(octets, () => {})).toThrow(/more than 32 elements nested/);
    expect(thrownBy(() => decodeMethodData(octets))).toBeInstanceOf(DecodeError);
    expect(thrownBy(() => decodeAsRep(octets))).toBeInstanceOf(DecodeError);
    expect(cpuMs()).toBeLessThan(50);
  });

  it("D16: refuses a wrong OBJECT IDENTIFIER in what it passes over, at any depth", () => {
    for (const contents of ["", "2a80", "802a", "2a8001", "01".repeat(65)]) {
      const wrong = element(0x06, decodeHex(contents));
      for (const octets of [wrong, element(0x30, wrong), element(0xa0, element(0x31, wrong))]) {
        expect(() => walkDer(octets, () => {})).toThrow(/OBJECT IDENTIFIER|an arc/);
      }
    }
    expect(() => walkDer(element(0x30, element(0x06, decodeHex("2a864886f712010202"))), () => {})).not.toThrow();
  });

  it("D16: walks 32 nested elements and refuses 33", () => {
    expect(() => walkDer(nested(32), () => {})).not.toThrow();
    expect(() => walkDer(nested(33), () => {})).toThrow(/more than 32 elements nested/);
  });

  it("D16: an unknown field at the end that nests too deep is refused too", () => {
    const name = decodeHex("a003020101a10530031b0161");
    const withField = (depth: number): Uint8Array => element(0x30, concat(name, element(0xa2, nested(depth))));
    expect(() => decodePrincipalName(withField(31))).not.toThrow();
    expect(() => decodePrincipalName(withField(32))).toThrow(/more than 32 elements nested/);
  });

  it("D16: takes 4,096 elements and refuses more, before the list is made", () => {
    // Each PA-DATA is five elements, the list one.
    const paData = decodeHex("300aa103020101a203040100");
    const list = (count: number): Uint8Array => element(0x30, concat(...Array.from({ length: count }, () => paData)));
    expect(decodeMethodData(list(819))).toHaveLength(819);
    expect(() => decodeMethodData(list(820))).toThrow(/more than 4096 elements/);
  });

  it("D16: refuses a message above the size limit, and takes one when the caller raises the limit", () => {
    const big = element(
      0x30,
      element(0x30, concat(decodeHex("a103020101"), element(0xa2, element(0x04, new Uint8Array(1000))))),
    );
    expect(() => decodeMethodData(big, { maxBytes: big.length - 1 })).toThrow(/octets, \d+ allowed/);
    expect(decodeMethodData(big, { maxBytes: big.length })).toHaveLength(1);
    expect(() => decodeMethodData(new Uint8Array(1_048_577))).toThrow(/1048577 octets, 1048576 allowed/);
    expect(() => walkDer(new Uint8Array(1_048_577), () => {})).toThrow(/1048577 octets, 1048576 allowed/);
  });

  it("a length that is a lie takes no memory", () => {
    const before = process.memoryUsage();
    for (let i = 0; i < 1000; i++) {
      expect(thrownBy(() => decodeMethodData(decodeHex("30847fffffff00")))).toBeInstanceOf(DecodeError);
    }
    const after = process.memoryUsage();
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(2 ** 20);
  });

  it("D16: refuses an OBJECT IDENTIFIER of 250 KB in under 10 ms, and arcs that another parser would read otherwise", () => {
    const big = element(0x06, new Uint8Array(250_000).fill(0xff));
    const costs = Array.from({ length: 5 }, () => {
      const cpuMs = startCpuClock();
      expect(thrownBy(() => decodeDer(objectIdentifier, "OID", big))).toBeInstanceOf(DecodeError);
      return cpuMs();
    });
    // The best of five: a collection of the heap may fall into one.
    expect(Math.min(...costs)).toBeLessThan(10);
    expect(decodeDer(objectIdentifier, "OID", decodeHex("06092a864886f712010202"))).toHaveLength(9);
    expect(decodeDer(objectIdentifier, "OID", element(0x06, new Uint8Array(64).fill(1)))).toHaveLength(64);
    expect(() => decodeDer(objectIdentifier, "OID", element(0x06, new Uint8Array(65).fill(1)))).toThrow(/64 octets/);
    for (const contents of ["", "2a80", "2a8001", "802a", "2a86"]) {
      expect(thrownBy(() => decodeDer(objectIdentifier, "OID", element(0x06, decodeHex(contents))))).toBeInstanceOf(
        DecodeError,
      );
    }
  });

  it("says where: the octet and the path in the RFC's names", () => {
    const { octets } = messages.find(({ name }) => name === "AS-REP") ?? { octets: new Uint8Array() };
    const copy = octets.slice();
    // The tag of the INTEGER in the last EncryptedData's etype: [6], SEQUENCE, [0], INTEGER.
    let at = copy.length - 1;
    while (!(copy[at] === 0xa6 && copy[at + 2] === 0x30)) at--;
    copy[at + 6] = 0x04;
    const error = thrownBy(() => decodeAsRep(copy)) as DecodeError;
    expect(error).toMatchObject({ name: "DecodeError", code: "DECODE", offset: at + 6, path: "AS-REP.enc-part.etype" });
    const list = thrownBy(() =>
      decodeMethodData(decodeHex("3014300aa103020101a203040100 3006a103040101 00")),
    ) as DecodeError;
    expect(list.path).toBe("METHOD-DATA[1].padata-type");
  });

  it("octets with one change are refused, or are DER to asn1js too and give the same tree and the same octets", () => {
    const change = fc.record({
      message: fc.constantFrom(...messages),
      at: fc.nat(),
      change: fc.oneof(
        fc.record({ set: fc.integer({ min: 0, max: 255 }) }),
        fc.record({ insert: fc.uint8Array({ minLength: 1, maxLength: 6 }) }),
        fc.record({ remove: fc.integer({ min: 1, max: 6 }) }),
      ),
    });
    let accepted = 0;
    fc.assert(
      fc.property(change, ({ message: { type, octets }, at, change: how }) => {
        const place = at % octets.length;
        const [head, tail] = [octets.subarray(0, place), octets.subarray(place)];
        const changed =
          "set" in how
            ? concat(head, Uint8Array.of(how.set), tail.subarray(1))
            : "insert" in how
              ? concat(head, how.insert, tail)
              : concat(head, tail.subarray(how.remove));
        const [decode, encode] = codecOf(type);
        let value: unknown;
        try {
          value = decode(changed);
        } catch (error) {
          if (error instanceof DecodeError) return;
          throw error;
        }
        accepted++;
        expect(ourTree(changed)).toEqual(asn1jsTree(changed));
        const written = encode(withoutOctets(value) as never);
        expect(withoutOctets(decode(written))).toEqual(withoutOctets(value));
      }),
      { numRuns: 20_000 },
    );
    expect(accepted).toBeGreaterThan(1000);
  }, 60_000);
});
