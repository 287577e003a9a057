import { describe, expect, it } from "vitest";
import { concat, decodeHex, encodeText } from "../../../src/bytes/index.ts";
import { createNegotiationHints, describeToken } from "../../../src/entry/spnego.ts";
import { tokenOf } from "../../../src/spnego/describe.ts";
import { tokenWords } from "../../../src/spnego/index.ts";
import { mechanismName, oidText } from "../../../src/spnego/mechanisms.ts";
import { encodeResponse } from "../../../src/spnego/tokens.ts";
import { pattern } from "../gssapi/pair.ts";
import { createEnds, KRB5, NEGOEX, NTLM, offerOf, there } from "./negotiation.ts";

describe("describeToken", () => {
  it("knows what negotiates, and what is within", async () => {
    const raw = there(await createEnds().bareInitiator().step());
    expect(describeToken(raw)).toEqual({ kind: "krb5", message: "AP-REQ" });
    const { octets } = offerOf([NEGOEX, NTLM, KRB5], encodeText("NEGOEXTS..."));
    expect(describeToken(octets)).toEqual({
      kind: "spnego-init",
      mechanisms: [
        { oid: "1.3.6.1.4.1.311.2.2.30", name: "NegoEx" },
        { oid: "1.3.6.1.4.1.311.2.2.10", name: "NTLM" },
        { oid: "1.2.840.113554.1.2.2", name: "Kerberos 5" },
      ],
      token: { kind: "negoex" },
      hasMic: false,
      hintName: undefined,
    });
    expect(describeToken(encodeResponse({ state: 3, mechanism: NTLM, token: raw, mic: pattern(3) }))).toEqual({
      kind: "spnego-response",
      state: "request-mic",
      mechanism: { oid: "1.3.6.1.4.1.311.2.2.10", name: "NTLM" },
      token: { kind: "krb5", message: "AP-REQ" },
      hasMic: true,
    });
    expect(describeToken(encodeResponse({}))).toMatchObject({ state: undefined, mechanism: undefined });
  });

  it("sees a MIC in an offer", () => {
    const list = "a00e300c060a2b06010401823702020a";
    expect(describeToken(decodeHex(`602306062b0601050502a0193017${list}a3050403010203`))).toMatchObject({
      kind: "spnego-init",
      mechanisms: [{ name: "NTLM" }],
      hasMic: true,
    });
  });

  it.each([
    ["a state that has no meaning", "a1073005a0030a0104", "a negState that has no meaning"],
    ["a state below 0", "a1073005a0030a01ff", "a negState that has no meaning"],
    ["a state of no octet", "a1063004a0020a00", "an empty INTEGER"],
    ["a state of two octets", "a1083006a0040a020000", "an INTEGER in more octets than it needs"],
  ])("knows no answer with %s", (_, hex, words) => {
    expect(describeToken(decodeHex(hex))).toEqual({
      kind: "unknown",
      reason: expect.stringContaining(words),
    });
  });

  it("takes an identifier of 64 octets in the frame, and no longer one", () => {
    const framed = (length: number) => {
      const oid = new Uint8Array(length).fill(1).fill(0x2a, 0, 1);
      return concat(Uint8Array.of(0x60, 0x81, length + 2, 0x06, length), oid);
    };
    expect(describeToken(framed(64))).toMatchObject({ kind: "other" });
    expect(describeToken(framed(65))).toMatchObject({ kind: "unknown" });
  });

  it.each([
    ["of another tag", "610906052b060105020001"],
    ["whose identifier is cut off", "600206092a86"],
    ["whose identifier has no length", "60810506"],
  ])("knows no frame %s", (_, hex) => {
    expect(describeToken(decodeHex(hex))).toEqual({
      kind: "unknown",
      reason: "neither a token of GSS-API nor of NTLM",
    });
  });

  it("finds the mechanism's token in an offer and in an answer", () => {
    const token = pattern(9);
    expect(tokenOf(offerOf([KRB5], token).octets)).toEqual(token);
    expect(tokenOf(encodeResponse({ state: 0, token }))).toEqual(token);
    expect(tokenOf(encodeResponse({ state: 0 }))).toBeUndefined();
  });

  it("knows messages of NTLM", () => {
    const ntlm = (type: number) => describeToken(concat(encodeText("NTLMSSP\0"), Uint8Array.of(type, 0, 0, 0)));
    expect([1, 2, 3, 4].map((type) => (ntlm(type) as { message?: string }).message)).toEqual([
      "NEGOTIATE",
      "CHALLENGE",
      "AUTHENTICATE",
      undefined,
    ]);
  });

  it("says what a token of another mechanism, or of none, is", () => {
    expect(describeToken(decodeHex("600906052b060105020001"))).toEqual({
      kind: "other",
      mechanism: { oid: "1.3.6.1.5.2", name: "1.3.6.1.5.2" },
    });
    expect(describeToken(decodeHex("600d06092a864886f712010202ffff"))).toEqual({ kind: "krb5", message: undefined });
    for (const octets of [new Uint8Array(0), Uint8Array.of(0x60), Uint8Array.of(0x60, 2, 6, 99), pattern(40)]) {
      expect(describeToken(octets)).toEqual({ kind: "unknown", reason: "neither a token of GSS-API nor of NTLM" });
    }
    expect(describeToken(decodeHex("a1023000"))).toMatchObject({ kind: "spnego-response" });
    expect(describeToken(decodeHex("a1043002a000"))).toMatchObject({ kind: "unknown" });
    expect(() => describeToken("text" as never)).toThrow(TypeError);
  });

  it("does not follow tokens within tokens without end", () => {
    let octets = createNegotiationHints();
    for (let i = 0; i < 20; i++) octets = offerOf([KRB5], octets).octets;
    const text = JSON.stringify(describeToken(octets));
    expect(text).toContain("a token too deep");
    expect(text.match(/spnego-init/g)).toHaveLength(4);
  });

  it("cleans and bounds what a server says of its name", () => {
    const name = encodeText(`a\n\u001b[31m${"x".repeat(60)}`);
    const hint = concat(
      Uint8Array.of(0xa3, name.length + 6, 0x30, name.length + 4, 0xa0, name.length + 2, 0x1b, name.length),
      name,
    );
    const list = decodeHex("a00d300b06092a864886f712010202");
    const fields = concat(Uint8Array.of(0x30, list.length + hint.length), list, hint);
    const body = concat(decodeHex("06062b0601050502a0"), Uint8Array.of(fields.length), fields);
    const { hintName } = describeToken(concat(Uint8Array.of(0x60, body.length), body)) as { hintName?: string };
    expect(hintName).toMatch(/^a [^\n\u001b]*x+$/);
  });
});

describe("in words", () => {
  it.each<[string, Uint8Array, string]>([
    ["an offer", offerOf([NTLM, KRB5]).octets, "an offer of NTLM and Kerberos 5"],
    ["an answer", encodeResponse({ state: 2 }), "an answer (reject)"],
    ["an answer without a state", encodeResponse({}), "an answer (without a state)"],
    ["NTLM", encodeText("NTLMSSP\0\u0001"), "a message of NTLM (NEGOTIATE)"],
    ["another mechanism", decodeHex("600906052b060105020001"), "a token of 1.3.6.1.5.2"],
    [
      "many mechanisms",
      offerOf(Array.from({ length: 9 }, (_, i) => Uint8Array.of(0x2a, i))).octets,
      "1.2.5 and 3 more",
    ],
  ])("%s", (_, octets, words) => {
    expect(tokenWords(describeToken(octets))).toContain(words);
  });

  it("object identifiers, also with long arcs and a first number of two digits", () => {
    expect(oidText(decodeHex("2b06010505 02".replace(" ", "")))).toBe("1.3.6.1.5.5.2");
    expect(oidText(decodeHex("883703"))).toBe("2.999.3");
    expect(oidText(decodeHex("2a83ffffffffffffff7f"))).toBe(`1.2.${2n ** 58n - 1n}`);
    expect(mechanismName("1.2.3")).toBe("1.2.3");
  });
});
