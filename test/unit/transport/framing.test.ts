import { describe, expect, it } from "vitest";
import { DecodeError } from "../../../src/errors.ts";
import { FrameReader, frame, unframe } from "../../../src/transport/framing.ts";
import { framed, uint32 } from "../../support/fake-kdc.ts";

describe("KDC messages over a stream", () => {
  const message = Uint8Array.from({ length: 300 }, (_, i) => i & 255);

  it("puts the length before the message", () => {
    expect(frame(message)).toEqual(framed(message));
  });

  it("reads a message cut into two anywhere, or into single octets", () => {
    const octets = framed(message);
    for (let cut = 0; cut <= octets.length; cut++) {
      const reader = new FrameReader();
      const early = reader.push(octets.subarray(0, cut));
      expect(early ?? reader.push(octets.subarray(cut))).toEqual(message);
      expect(early === undefined).toBe(cut < octets.length);
    }
    const reader = new FrameReader();
    const replies = Array.from(octets, (octet) => reader.push(Uint8Array.of(octet)));
    expect(replies.slice(0, -1).every((reply) => reply === undefined)).toBe(true);
    expect(replies.at(-1)).toEqual(message);
  });

  it("gives a view where the message came in one piece", () => {
    const octets = framed(message);
    expect(new FrameReader().push(octets)?.buffer).toBe(octets.buffer);
  });

  it("takes 2^20 octets, the most there may be", () => {
    const longest = new Uint8Array(2 ** 20).fill(9);
    const reader = new FrameReader();
    expect(reader.push(uint32(2 ** 20))).toBeUndefined();
    expect(reader.push(longest.subarray(0, 1000))).toBeUndefined();
    expect(Buffer.compare(reader.push(longest.subarray(1000)) ?? new Uint8Array(), longest)).toBe(0);
  });

  it.each([0, 2 ** 20 + 1, 2 ** 31, 0xffffffff])(
    "TR1: refuses a length of %s as soon as its four octets are there",
    (length) => {
      const reader = new FrameReader();
      expect(reader.push(uint32(length).subarray(0, 3))).toBeUndefined();
      expect(() => reader.push(uint32(length).subarray(3))).toThrow(DecodeError);
    },
  );

  it("TR2: refuses octets after the message", () => {
    expect(() => new FrameReader().push(Uint8Array.from([...framed(message), 0]))).toThrow(/octets follow the message/);
    const reader = new FrameReader();
    reader.push(framed(message).subarray(0, 100));
    expect(() => reader.push(new Uint8Array(205))).toThrow(/octets follow the message/);
  });

  it("TR3: refuses an end before the message is whole, in other words for nothing, a part of the length, a part of the message", () => {
    expect(() => new FrameReader().end()).toThrow(/closed with no answer/);
    const reader = new FrameReader();
    reader.push(Uint8Array.of(0, 0));
    expect(() => reader.end()).toThrow(/after 2 octets of the 4/);
    reader.push(Uint8Array.of(0, 9, 1));
    expect(() => reader.end()).toThrow(/after 5 octets of the 13 announced/);
  });

  it("unframes exactly one message", () => {
    expect(unframe(framed(message))).toEqual(message);
    expect(() => unframe(framed(message).subarray(0, 20))).toThrow(DecodeError);
    expect(() => unframe(Uint8Array.from([...framed(message), 0]))).toThrow(DecodeError);
  });
});
