import { describe, expect, it } from "vitest";
import { decodeHex, encodeHex, encodeText } from "../../../src/bytes/index.ts";
import { createNobleProvider } from "../../../src/crypto/providers/noble.ts";
import {
  encodeChannelBindings,
  hashChannelBindings,
  tlsExporter,
  tlsServerEndPoint,
} from "../../../src/gssapi/channel-bindings.ts";
import { decodeGssChecksum, encodeGssChecksum, flagBits, flagsOfBits } from "../../../src/gssapi/gss-checksum.ts";

const ZEROS = "00".repeat(16);
const provider = createNobleProvider();

describe("the 0x8003 checksum of an authenticator", () => {
  it("C10: is the length 16, the bindings and the flags, all in little-endian order", () => {
    expect(encodeHex(encodeGssChecksum(0x3e))).toBe(`10000000${ZEROS}3e000000`);
    expect(encodeHex(encodeGssChecksum(0x123, new Uint8Array(16).fill(0xab)))).toBe(
      `10000000${"ab".repeat(16)}23010000`,
    );
  });

  it("carries the six flags and ignores unknown ones", () => {
    const all = {
      mutual: true,
      replay: true,
      sequence: true,
      confidentiality: true,
      integrity: true,
      delegation: false,
      channelBound: false,
    };
    expect(flagBits(all)).toBe(0x3e);
    expect(flagsOfBits(0xfffff03e)).toEqual(all);
    for (const [name, bit] of Object.entries({
      mutual: 2,
      replay: 4,
      sequence: 8,
      confidentiality: 16,
      integrity: 32,
    })) {
      expect(flagBits({ ...flagsOfBits(0), [name]: true })).toBe(bit);
      expect(flagsOfBits(bit)).toEqual({ ...flagsOfBits(0), [name]: true });
    }
    expect(flagsOfBits(1).delegation).toBe(false);
  });

  it("is read back, extensions and a delegated credential passed over", () => {
    const plain = decodeGssChecksum(decodeHex(`10000000${"cd".repeat(16)}3e000000`));
    expect(plain.flags).toBe(0x3e);
    expect(encodeHex(plain.bindings)).toBe("cd".repeat(16));
    expect(decodeGssChecksum(decodeHex(`10000000${ZEROS}3e000000ffeeddcc`)).flags).toBe(0x3e);
    expect(decodeGssChecksum(decodeHex(`10000000${ZEROS}3f00000001000200aabb`)).flags).toBe(0x3f);
  });

  const broken = {
    "is empty": "",
    "has 23 octets": `10000000${ZEROS}3e0000`,
    "has another Lgth": `0f000000${ZEROS}3e000000`,
    "has a big-endian Lgth": `00000010${ZEROS}3e000000`,
    "delegates and ends": `10000000${ZEROS}3f000000`,
    "delegates with another option": `10000000${ZEROS}3f00000002000000`,
    "delegates more than it has": `10000000${ZEROS}3f00000001000300aabb`,
  };
  for (const [what, octets] of Object.entries(broken)) {
    it(`C10: is refused if it ${what}`, () => {
      expect(() => decodeGssChecksum(decodeHex(octets))).toThrow(
        expect.objectContaining({ code: "GSS_DEFECTIVE_TOKEN" }),
      );
    });
  }
});

describe("channel bindings", () => {
  it("C9: lengths and types are little-endian and always there", () => {
    expect(encodeHex(encodeChannelBindings(encodeText("ab")))).toBe(`${"00".repeat(16)}020000006162`);
    const full = encodeChannelBindings({
      initiatorAddress: { type: 2, address: Uint8Array.of(127, 0, 0, 1) },
      acceptorAddress: { type: 0x01020304, address: Uint8Array.of(1, 2) },
      applicationData: encodeText("x"),
    });
    expect(encodeHex(full)).toBe(`02000000040000007f00000104030201020000000102${"01000000"}78`);
  });

  it("C9: the field is the MD5 of that, and octets are application data", () => {
    // The encoding above through md5sum
    expect(encodeHex(hashChannelBindings(provider, encodeText("ab")))).toBe("3cab4dc904548722070d38777bc07b2f");
    expect(hashChannelBindings(provider, { applicationData: encodeText("ab") })).toEqual(
      hashChannelBindings(provider, encodeText("ab")),
    );
  });

  it("tls-server-end-point and tls-exporter put their names before the octets", () => {
    expect(encodeHex(tlsExporter(new Uint8Array(32)))).toBe(`746c732d6578706f727465723a${"00".repeat(32)}`);
    expect(() => tlsExporter(new Uint8Array(31))).toThrow(RangeError);
    expect(encodeHex(tlsServerEndPoint(Uint8Array.of(1, 2)))).toBe(
      `${encodeHex(encodeText("tls-server-end-point:"))}0102`,
    );
  });

  it("are octets, or a TypeError", () => {
    expect(() => encodeChannelBindings({} as never)).toThrow(TypeError);
    expect(() => encodeChannelBindings("tls" as never)).toThrow(TypeError);
  });
});
