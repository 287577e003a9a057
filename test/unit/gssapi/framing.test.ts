import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeHex, encodeHex } from "../../../src/bytes/index.ts";
import { GssError } from "../../../src/errors.ts";
import { decodeContextToken, encodeContextToken } from "../../../src/gssapi/framing.ts";

const OID = "06092a864886f712010202";

function refusal(hex: string): string {
  try {
    decodeContextToken(decodeHex(hex));
  } catch (error) {
    if (error instanceof GssError) return error.code;
    throw error;
  }
  return "accepted";
}

describe("the framing of context tokens", () => {
  it("is the tag, the length, the mechanism, the token id and the message", () => {
    expect(encodeHex(encodeContextToken(0x0100, decodeHex("6e0102")))).toBe(`6010${OID}01006e0102`);
    expect(encodeHex(encodeContextToken(0x0200, new Uint8Array(0x80)).subarray(0, 5))).toBe("60818d0609");
    expect(encodeHex(encodeContextToken(0x0200, new Uint8Array(0x200)).subarray(0, 6))).toBe("6082020d0609");
  });

  it("comes back for messages of every length", () => {
    fc.assert(
      fc.property(fc.nat({ max: 70_000 }), fc.constantFrom(0x0100, 0x0200, 0x0300), (length, tokenId) => {
        const message = new Uint8Array(length).fill(0x5a);
        const decoded = decodeContextToken(encodeContextToken(tokenId, message));
        expect(decoded.tokenId).toBe(tokenId);
        expect(decoded.message.length).toBe(length);
        expect(decoded.message.every((octet) => octet === 0x5a)).toBe(true);
      }),
      { numRuns: 50 },
    );
    for (const length of [0, 0x72, 0x73, 0xf2, 0xf3, 0xfff2, 0xfff3]) {
      expect(decodeContextToken(encodeContextToken(0x0100, new Uint8Array(length))).message.length).toBe(length);
    }
  });

  it("C5: refuses another tag, and no token at all", () => {
    expect(refusal("")).toBe("GSS_DEFECTIVE_TOKEN");
    expect(refusal(`6110${OID}01006e0102`)).toBe("GSS_DEFECTIVE_TOKEN");
    expect(refusal("60")).toBe("GSS_DEFECTIVE_TOKEN");
  });

  it("C5: refuses a length that is longer or shorter than the token", () => {
    expect(refusal(`6011${OID}01006e0102`)).toBe("GSS_DEFECTIVE_TOKEN");
    expect(refusal(`600f${OID}01006e0102`)).toBe("GSS_DEFECTIVE_TOKEN");
    expect(refusal(`6010${OID}01006e0102`)).toBe("accepted");
    expect(refusal(`6010${OID}01006e010200`)).toBe("GSS_DEFECTIVE_TOKEN");
  });

  it("C5: refuses a length that is not minimal DER, or indefinite, or of more than four octets", () => {
    expect(refusal(`608110${OID}01006e0102`)).toBe("GSS_DEFECTIVE_TOKEN");
    expect(refusal(`60820010${OID}01006e0102`)).toBe("GSS_DEFECTIVE_TOKEN");
    expect(refusal(`6080${OID}01006e01020000`)).toBe("GSS_DEFECTIVE_TOKEN");
    // Taken as a number, the octet of the indefinite form would be 128.
    expect(refusal(`6080${OID}0100${"00".repeat(115)}`)).toBe("GSS_DEFECTIVE_TOKEN");
    expect(refusal(`60850000000010${OID}01006e0102`)).toBe("GSS_DEFECTIVE_TOKEN");
    expect(refusal(`60ff${OID}01006e0102`)).toBe("GSS_DEFECTIVE_TOKEN");
    expect(refusal("6082")).toBe("GSS_DEFECTIVE_TOKEN");
  });

  it("C5: refuses a token that ends before its token id", () => {
    expect(refusal(`600b${OID}`)).toBe("GSS_DEFECTIVE_TOKEN");
    expect(refusal(`600c${OID}01`)).toBe("GSS_DEFECTIVE_TOKEN");
    expect(refusal(`600d${OID}0100`)).toBe("accepted");
  });

  it("C5: refuses another mechanism: SPNEGO, IAKERB, an arc that wraps at 32 bits, a longer length octet", () => {
    expect(refusal("600c06062b060105050201006e0102")).toBe("GSS_DEFECTIVE_TOKEN");
    expect(refusal("600f06062b060105020501006e010200000000")).toBe("GSS_DEFECTIVE_TOKEN");
    expect(refusal("600d06062b0601050502a0030a010200")).toBe("GSS_DEFECTIVE_TOKEN");
    expect(refusal("601106092a864886f71201020301006e010200")).toBe("GSS_DEFECTIVE_TOKEN");
    expect(refusal("6012060a2a864886f712908080800201006e0102")).toBe("GSS_DEFECTIVE_TOKEN");
    expect(refusal("60110681092a864886f71201020201006e0102")).toBe("GSS_DEFECTIVE_TOKEN");
  });

  it("C5: every prefix of a token is refused", () => {
    const token = encodeHex(encodeContextToken(0x0200, new Uint8Array(200)));
    for (let end = 0; end < token.length; end += 2) expect(refusal(token.slice(0, end))).toBe("GSS_DEFECTIVE_TOKEN");
  });
});
