// The octets of negotiation tokens that only a peer made by hand sends.

import { describe, expect, it } from "vitest";
import { decodeHex, encodeHex } from "../../../src/bytes/index.ts";
import { decodeInit, decodeResponse, encodeResponse } from "../../../src/spnego/tokens.ts";
import { pattern } from "../gssapi/pair.ts";
import { KRB5, offerOf } from "./negotiation.ts";

const LIST = "a00d300b06092a864886f712010202";
const MIC = "a3050403010203";

/** A frame around fields of an offer, in hex. */
function framed(fields: string, oid = "06062b0601050502"): Uint8Array {
  const wrap = (tag: string, hex: string) => `${tag}${(hex.length / 2).toString(16).padStart(2, "0")}${hex}`;
  return decodeHex(wrap("60", oid + wrap("a0", wrap("30", fields))));
}

describe("a first token", () => {
  it("is read as it stands here, with its MIC in the field [3]", () => {
    const { mechanisms, mic, token, hintName } = decodeInit(framed(LIST + MIC));
    expect(mechanisms).toEqual([KRB5]);
    expect([encodeHex(mic as Uint8Array), token, hintName]).toEqual(["010203", undefined, undefined]);
  });

  it("SN3: of another mechanism's frame is refused", () => {
    expect(() => decodeInit(framed(LIST, "06062b0601050503"))).toThrow("another mechanism than SPNEGO");
  });

  it("SN3: has a field [4] only behind hints, where it is the MIC (MS-SPNG section 2.2.1)", () => {
    const fourth = "a4050403010203";
    expect(() => decodeInit(framed(LIST + fourth))).toThrow("a field [4] without hints");
    expect(() => decodeInit(framed(LIST + MIC + fourth))).toThrow("a field [4] without hints");
    const hints = "a3073005a0031b0161";
    expect(decodeInit(framed(LIST + hints + fourth))).toMatchObject({ hintName: "a", mic: decodeHex("010203") });
  });

  it("SN3: that is cut or has no list tells what was expected, as the peer's fault", () => {
    const { octets } = offerOf([KRB5]);
    for (const wrong of [octets.subarray(0, -1), framed(MIC)]) {
      expect(() => decodeInit(wrong)).toThrow(expect.objectContaining({ code: "GSS_DEFECTIVE_TOKEN" }));
    }
  });
});

describe("a later token", () => {
  it("has no MIC where that is the token once more, as Windows 2000 sends it (MS-SPNG appendix A)", () => {
    const token = pattern(28);
    expect(decodeResponse(encodeResponse({ token, mic: token }))).toMatchObject({ token, mic: undefined });
    const mic = pattern(29).subarray(1);
    expect(decodeResponse(encodeResponse({ token, mic }))).toMatchObject({ token, mic });
    expect(decodeResponse(encodeResponse({ mic }))).toMatchObject({ token: undefined, mic });
    expect(decodeResponse(encodeResponse({ token }))).toMatchObject({ token, mic: undefined });
  });
});
