import { describe, expect, it } from "vitest";
import { classifyReplyTo } from "../../../src/transport/index.ts";
import { asRep, asReq, der, krbError } from "../../support/fake-kdc.ts";

describe("classifyReplyTo", () => {
  const classify = classifyReplyTo(asReq());

  it.each([3, 130, 300, 70_000])("takes an AS-REP of %s octets as the answer to an AS-REQ", (contents) => {
    expect(classify(asRep(contents))).toBe("reply");
  });

  it("TR10: takes the reply that belongs to the request, no other", () => {
    const tgsRep = der(0x6d, new Uint8Array(9));
    expect(classify(tgsRep)).toBe("garbage");
    expect(classifyReplyTo(der(0x6c, new Uint8Array(9)))(tgsRep)).toBe("reply");
    expect(classify(asReq())).toBe("garbage");
    // Another kind of request: any APPLICATION value, its owner looks closer.
    expect(classifyReplyTo(Uint8Array.of(0, 1))(der(0x6f, Uint8Array.of(1)))).toBe("reply");
    expect(classifyReplyTo(Uint8Array.of(0, 1))(der(0x30, Uint8Array.of(1)))).toBe("garbage");
  });

  it("tells the errors that concern the transport from those that concern the caller", () => {
    expect(classify(krbError(52))).toBe("too-big");
    expect(classify(krbError(29))).toBe("unavailable");
    expect(classify(krbError(25))).toBe("reply");
    expect(classify(krbError(180))).toBe("reply");
  });

  it("takes a KRB-ERROR that it cannot read for a reply: the decoder says what is wrong", () => {
    expect(classify(der(0x7e))).toBe("reply");
    expect(classify(der(0x7e, der(0x30, Uint8Array.of(0xa6))))).toBe("reply");
    expect(classify(der(0x7e, der(0x30, der(0xa6, Uint8Array.of(2, 2, 52)))))).toBe("reply");
  });

  it("TR10: takes every beginning of a reply, and a reply with octets after it, for garbage", () => {
    for (const reply of [asRep(200), krbError(52)]) {
      for (let end = 0; end < reply.length; end++) expect(classify(reply.subarray(0, end))).toBe("garbage");
      expect(classify(Uint8Array.from([...reply, 0]))).toBe("garbage");
    }
  });

  it.each([
    ["an indefinite length", [0x6b, 0x80, 0, 0]],
    ["a length of five octets", [0x6b, 0x85, 0, 0, 0, 0, 0]],
    ["a length past the end", [0x6b, 0x84, 0xff, 0xff, 0xff, 0xff]],
    ["a length that is cut", [0x6b, 0x82, 1]],
    ["text", [0x48, 0x54, 0x54, 0x50]],
  ])("takes %s for garbage", (_, octets) => {
    expect(classify(Uint8Array.from(octets))).toBe("garbage");
  });
});
