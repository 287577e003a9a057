import { describe, expect, it } from "vitest";
import { decodeHex } from "../../../src/bytes/index.ts";
import {
  type CryptoProvider,
  makeKeyedChecksum,
  strongEncTypes,
  verifyKeyedChecksum,
} from "../../../src/crypto/index.ts";
import { providers, vectors } from "./providers.ts";

const provider = providers[0]?.[1] as CryptoProvider;
const message = new TextEncoder().encode("the request");
const refusal = expect.objectContaining({ name: "CryptoError", code: "INTEGRITY" });

describe.each(strongEncTypes.map((type) => [type.name, type] as const))("checksums of %s", (_name, type) => {
  const secret = new Uint8Array(type.keyBytes).fill(7);
  const key = type.importKey(provider, secret);

  it("K4: the key's own type is accepted, and 0, which stands for it", () => {
    const { cksumtype, checksum } = makeKeyedChecksum(key, 56, message);
    expect(cksumtype).toBe(type.checksumType);
    verifyKeyedChecksum(key, 56, cksumtype, checksum, message);
    verifyKeyedChecksum(key, 56, 0, checksum, message.subarray(0, 3), message.subarray(3));
  });

  it("K4: any other type is refused, though the octets would verify", () => {
    const { checksum } = makeKeyedChecksum(key, 56, message);
    for (const other of [1, 2, 7, 12, 14, 15, 16, 17, 18, 19, 20, -138, 0x8003, type.etype + 100]) {
      if (other === type.checksumType) continue;
      expect(() => verifyKeyedChecksum(key, 56, other, checksum, message)).toThrow(refusal);
    }
  });

  it("K4: another length, another usage, another message, and an empty checksum are refused", () => {
    const { cksumtype, checksum } = makeKeyedChecksum(key, 56, message);
    const verify = (usage: number, mac: Uint8Array, ...parts: Uint8Array[]) =>
      verifyKeyedChecksum(key, usage, cksumtype, mac, ...parts);
    for (let cut = 0; cut < checksum.length; cut++)
      expect(() => verify(56, checksum.subarray(0, cut), message)).toThrow(refusal);
    expect(() => verify(56, Uint8Array.of(...checksum, 0), message)).toThrow(refusal);
    expect(() => verify(6, checksum, message)).toThrow(refusal);
    expect(() => verify(56, checksum, message, message)).toThrow(refusal);
    verify(56, checksum, message);
  });

  it("K4: a checksum of another enctype's key with the same first octets is refused", () => {
    for (const other of strongEncTypes) {
      if (other === type) continue;
      const theirs = makeKeyedChecksum(other.importKey(provider, new Uint8Array(other.keyBytes).fill(7)), 56, message);
      expect(() => verifyKeyedChecksum(key, 56, theirs.cksumtype, theirs.checksum, message)).toThrow(refusal);
      expect(() => verifyKeyedChecksum(key, 56, type.checksumType, theirs.checksum, message)).toThrow(refusal);
    }
  });

  it.each(
    vectors<{ usage: number; message: string; cksumtype: number; checksum: string }>("refused-checksums", "checksum"),
  )("K4: $name (type $cksumtype), right by itself, is refused", (v) => {
    expect(() => verifyKeyedChecksum(key, v.usage, v.cksumtype, decodeHex(v.checksum), decodeHex(v.message))).toThrow(
      refusal,
    );
  });
});
