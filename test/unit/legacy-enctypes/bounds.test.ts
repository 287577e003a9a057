// RC4, triple DES and Camellia: each length that a stranger may send, each octet changed, and the fill of triple DES.

import { describe, expect, it } from "vitest";
import { concat } from "../../../src/bytes/index.ts";
import { createEncTypeSet, hmacMd5, littleEndian } from "../../../src/crypto/index.ts";
import {
  arcfourHmac,
  camellia128CtsCmac,
  camellia256CtsCmac,
  des3CbcSha1,
  rc4,
} from "../../../src/legacy-enctypes/index.ts";
import { providers } from "../crypto/providers.ts";

const node = providers.find(([, provider]) => provider.otherCbc !== undefined)?.[1];
if (node === undefined) throw new Error("no provider has other ciphers");
const kinds = [arcfourHmac, des3CbcSha1, camellia128CtsCmac, camellia256CtsCmac];
const encTypes = createEncTypeSet(kinds, node);
const integrity = expect.objectContaining({ code: "INTEGRITY" });
/** A DER value of 21 octets: its end is its own. */
const plain = Uint8Array.of(0x04, 19, ...Array.from({ length: 19 }, (_, i) => i + 1));

describe.each(kinds)("$name", ({ etype }) => {
  const key = encTypes.generateKey(etype).usage(11);
  const sealed = key.encrypt(plain);

  it("opens what it sealed, and nothing that is cut, longer or changed in one bit", () => {
    expect(key.decrypt(sealed)).toEqual(plain);
    for (let end = 0; end < sealed.length; end++) {
      expect(() => key.decrypt(sealed.subarray(0, end)), String(end)).toThrow(integrity);
    }
    expect(() => key.decrypt(concat(sealed, Uint8Array.of(0)))).toThrow(integrity);
    expect(() => key.decrypt(concat(sealed, new Uint8Array(8)))).toThrow(integrity);
    for (let at = 0; at < sealed.length; at++) {
      const other = sealed.slice();
      (other[at] as number) ^= 1 << (at & 7);
      expect(() => key.decrypt(other), String(at)).toThrow(integrity);
    }
  });

  it("an empty message is sealed and opened", () => {
    expect(key.decrypt(key.encrypt(new Uint8Array(0))).every((octet) => octet === 0)).toBe(true);
  });

  it("seals two messages alike into different octets, and parts into one", () => {
    expect(key.encrypt(plain)).not.toEqual(key.encrypt(plain));
    expect(key.decrypt(key.encrypt(plain.subarray(0, 5), plain.subarray(5)))).toEqual(plain);
  });

  it("seals into room that is there, to its last octet", () => {
    const out = new Uint8Array(sealed.length + 3).fill(0xee);
    expect(key.encryptInto(out, 3, plain)).toBe(sealed.length);
    expect(out.subarray(0, 3)).toEqual(new Uint8Array(3).fill(0xee));
    expect(key.decrypt(out.subarray(3))).toEqual(plain);
    expect(key.encryptInto(out, 0, plain)).toBe(sealed.length);
    for (const offset of [-1, 4, out.length, out.length + 1]) {
      expect(() => key.encryptInto(out, offset, plain), String(offset)).toThrow(/^no room for \d+ octets at/);
    }
  });

  it("a checksum is of its message, its usage and its key alone", () => {
    const mac = key.checksum(plain);
    key.verifyChecksum(mac, plain);
    key.verifyChecksum(mac, plain.subarray(0, 7), plain.subarray(7));
    const others = [mac.subarray(1), mac.subarray(0, -1), new Uint8Array(0), mac.map((octet) => octet ^ 1)];
    for (const other of others) expect(() => key.verifyChecksum(other, plain)).toThrow(integrity);
    expect(() => key.verifyChecksum(mac, plain.subarray(1))).toThrow(integrity);
    const another = encTypes.generateKey(etype);
    expect(() => another.usage(11).verifyChecksum(mac, plain)).toThrow(integrity);
    expect(() => another.usage(12).decrypt(another.usage(11).encrypt(plain))).toThrow(integrity);
  });

  it("what is not octets is refused by its name", () => {
    expect(() => key.decrypt("text" as never)).toThrow(/ciphertext/);
    expect(() => key.verifyChecksum("text" as never, plain)).toThrow(/mac/);
    expect(() => key.encryptInto([] as never, 0, plain)).toThrow(/out/);
    for (const call of [key.encrypt, key.checksum] as const) {
      expect(() => call.call(key, plain, 5 as never)).toThrow(TypeError);
    }
    expect(() => key.encryptInto(new Uint8Array(99), 0, [1] as never)).toThrow(TypeError);
  });
});

describe("the fill of triple DES (RFC 3961 section 6.3)", () => {
  const key = encTypes.generateKey(16).usage(3);
  const opened = (...octets: number[]) => Array.from(key.decrypt(key.encrypt(Uint8Array.from(octets))));
  const zeros = (count: number): number[] => Array<number>(count).fill(0);

  it.each<[string, number[]]>([
    ["a length in one octet", [0x30, 1, 7]],
    ["a length in two", [0x30, 0x81, 2, 7, 8]],
    ["a length in four", [0x30, 0x83, 0, 0, 1, 9]],
    ["a length in five, the longest", [0x30, 0x84, 0, 0, 0, 3, 1, 2, 3]],
    ["a value that ends with zeros", [0x04, 2, 0, 0]],
    ["a value of whole blocks", [0x04, 6, 1, 2, 3, 4, 5, 6]],
  ])("%s says where the value ends", (_what, value) => {
    expect(opened(...value)).toEqual(value);
  });

  it.each<[string, number[]]>([
    ["that is no DER value: the tag is 0", [0, 1, 5, 0, 0, 0, 0, 0]],
    ["whose length is behind the end", [0x30, 7, 1, 2, 3, 0, 0, 0]],
    ["with more behind the value than a fill", [0x30, 2, 1, 2, ...zeros(12)]],
    ["with as much behind the value as a block", [0x30, 6, 1, 2, 3, 4, 5, 6, ...zeros(8)]],
    ["with something behind the value", [0x30, 1, 7, 0, 0, 0, 0, 1]],
    ["whose length is not there (0x80)", [0x30, 0x80, 0, 0, 0, 0, 0, 9]],
    ["whose length is not there, and 128 octets are", [0x30, 0x80, ...Array<number>(128).fill(1), ...zeros(6)]],
    ["whose length has five octets", [0x30, 0x85, 0, 0, 0, 0, 0, 0]],
  ])("a message %s is whole", (_what, message) => {
    expect(opened(...message)).toEqual(message);
  });
});

it("RC4: a message that is shorter than its overhead is refused, though its MAC is right (rule K1)", () => {
  const base = encTypes.generateKey(23);
  const key = hmacMd5(node, base.octets, littleEndian(11));
  for (const length of [0, 1, 7]) {
    const short = new Uint8Array(length).fill(5);
    const mac = hmacMd5(node, key, short);
    const sealed = concat(mac, rc4(hmacMd5(node, key, mac), short));
    expect(() => base.usage(11).decrypt(sealed), String(length)).toThrow(integrity);
  }
  const least = new Uint8Array(8).fill(5);
  const mac = hmacMd5(node, key, least);
  expect(base.usage(11).decrypt(concat(mac, rc4(hmacMd5(node, key, mac), least)))).toEqual(new Uint8Array(0));
});

it("triple DES: no weak or semi-weak key is made, and no two empty texts hang (RFC 3961 section 6.2)", async () => {
  // 56 bits of zero, of one, and the alternating ones: each would be a weak key.
  const hex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex");
  const seed = (bits: string): Uint8Array => Uint8Array.from(Buffer.from(bits.repeat(3), "hex"));
  const third = (bits: string): string => hex(des3CbcSha1.randomToKey(seed(bits))).slice(0, 16);
  expect([third("00".repeat(7)), third("ff".repeat(7))]).toEqual(["01010101010101f1", "fefefefefefefe0e"]);
  expect(third("00fe00fe00fe00")).toMatch(/^01fe01fe01fe01/);
  expect(third("02".repeat(7))).toBe("0202020202020201");
  const none = new Uint8Array(0);
  expect(await des3CbcSha1.stringToKey(node, none, none)).toEqual(
    await des3CbcSha1.stringToKey(node, none, Uint8Array.of(0)),
  );
});

it("texts of the caller that are none are refused by name", async () => {
  for (const kind of [arcfourHmac, des3CbcSha1, camellia128CtsCmac]) {
    await expect(kind.stringToKey(node, "text" as never, new Uint8Array(0))).rejects.toThrow(/^password /);
  }
});

it("triple DES takes no parameters of a KDC, and RC4 no password that is not text", async () => {
  const password = Uint8Array.of(0x61);
  const made = await des3CbcSha1.stringToKey(node, password, password, new Uint8Array(0));
  expect(made).toEqual(await des3CbcSha1.stringToKey(node, password, password));
  await expect(des3CbcSha1.stringToKey(node, password, password, new Uint8Array(4))).rejects.toThrow(
    expect.objectContaining({ code: "BAD_STRING_TO_KEY_PARAMETERS", message: expect.stringMatching(/4 octets/) }),
  );
  await expect(arcfourHmac.stringToKey(node, Uint8Array.of(0xff), password)).rejects.toThrow(
    expect.objectContaining({ code: "BAD_KEY" }),
  );
});
