// Text of strangers' octets and back: every form of UTF-8 and of what is not, against the host's own decoder.

import { describe, expect, it } from "vitest";
import {
  decodeText,
  decodeUtf8,
  encodeText,
  equal,
  printableLine,
  printableText,
  trimEndOf,
} from "../../../src/bytes/index.ts";
import { DecodeError } from "../../../src/errors.ts";

/** The host's own decoder: what is not UTF-8 is U+FFFD, which none of the sequences here is. */
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });

describe("decodeText", () => {
  // An octet that is none of UTF-8 before and behind, so that the sequence is read by the slow way.
  const between = (octets: readonly number[]): Uint8Array => Uint8Array.of(0xff, ...octets, 0xff);
  const edges = [0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff];

  it("reads each sequence as the host does, and keeps each octet of what is none", () => {
    let whole = 0;
    const ends = [[], ...edges.map((third) => [third]), [0x80, 0x80], [0x80, 0x41], [0xbf, 0xbf], [0xbf, 0xc0]];
    for (let first = 0; first < 0x100; first++) {
      const all = [[], ...edges.map((second) => [second])].flatMap((tail) =>
        ends.map((end) => [first, ...tail, ...end]),
      );
      // All of one first octet at once: what is not UTF-8 costs the host an exception for each text.
      const octets = between(all.flatMap((one) => [0xff, ...one]));
      expect([first, equal(encodeText(decodeText(octets)), octets)]).toEqual([first, true]);
      const good = all.flatMap((one) => {
        const text = lenient.decode(Uint8Array.from(one));
        return text.includes("\ufffd") ? [] : [{ one, text }];
      });
      whole += good.length;
      const texts = good.map(({ text }) => `\udcff${text}`).join("");
      expect(decodeText(between(good.flatMap(({ one }) => [0xff, ...one])))).toBe(`\udcff${texts}\udcff`);
    }
    expect(whole).toBeGreaterThan(2_000);
  });

  it("takes no octet into a sequence that is cut off, overlong, a surrogate or past the last character", () => {
    for (const octets of [
      [0xc0, 0x80],
      [0xc1, 0xbf],
      [0xe0, 0x9f, 0xbf],
      [0xed, 0xa0, 0x80],
      [0xed, 0xbf, 0xbf],
      [0xf0, 0x8f, 0xbf, 0xbf],
      [0xf4, 0x90, 0x80, 0x80],
      [0xf5, 0x80, 0x80, 0x80],
      [0xc3],
      [0xe2, 0x82],
      [0xf0, 0x9f, 0x98],
    ]) {
      const escaped = octets.map((octet) => String.fromCharCode(0xdc00 + octet)).join("");
      expect([octets, decodeText(Uint8Array.from(octets))]).toEqual([octets, escaped]);
    }
    for (const [octets, text] of [
      [[0x00], "\0"],
      [[0x61], "a"],
      [[0x7f], "\x7f"],
      [[0xc2, 0x80], "\x80"],
      [[0xdf, 0xbf], "\u07ff"],
      [[0xe0, 0xa0, 0x80], "\u0800"],
      [[0xe2, 0x82, 0xac], "€"],
      [[0xed, 0x9f, 0xbf], "\ud7ff"],
      [[0xef, 0xbf, 0xbf], "\uffff"],
      [[0xf0, 0x90, 0x80, 0x80], "\u{10000}"],
      [[0xf0, 0x9f, 0x98, 0x80], "\u{1f600}"],
      [[0xf4, 0x8f, 0xbf, 0xbf], "\u{10ffff}"],
    ] as const) {
      expect([octets, decodeText(between(octets))]).toEqual([octets, `\udcff${text}\udcff`]);
    }
    expect(decodeText(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41))).toBe("\ufeffA");
  });

  it("loses nothing of long octets, wherever a piece of them ends", () => {
    for (const length of [8_190, 8_191, 8_192, 8_193, 16_384, 20_000]) {
      const octets = Uint8Array.from({ length }, (_, i) => [0xf0, 0x9f, 0x98, 0x80, 0xe9][i % 5] as number);
      expect([...encodeText(decodeText(octets))]).toEqual([...octets]);
    }
  });
});

describe("encodeText", () => {
  it("gives octets for lone surrogates of decodeText alone, and U+FFFD for others", () => {
    const replaced = [0xef, 0xbf, 0xbd];
    for (const [text, octets] of [
      ["", []],
      ["\udc80", [0x80]],
      ["\udcff", [0xff]],
      ["a\udc80b\udcffc", [0x61, 0x80, 0x62, 0xff, 0x63]],
      ["\udc80\udc81", [0x80, 0x81]],
      ["\udc7f", replaced],
      ["\udd00", replaced],
      ["\ud800", replaced],
      // A pair is one character, though its second half looks like an octet.
      ["\ud83d\udc80", [0xf0, 0x9f, 0x92, 0x80]],
      ["\udbff\udcff", [0xf4, 0x8f, 0xb3, 0xbf]],
      ["\ud800\udc80", [0xf0, 0x90, 0x82, 0x80]],
      ["\ud7ff\udc80", [0xed, 0x9f, 0xbf, 0x80]],
      ["\udc00\udc80", [...replaced, 0x80]],
    ] as const) {
      expect([text, [...encodeText(text)]]).toEqual([text, [...octets]]);
    }
  });
});

describe("text for people", () => {
  it("has no control characters, shows what is no text as U+FFFD, and is cut where it is too long", () => {
    expect(printableText("a\x1b[2Jb\x07\x7f\x9bc")).toBe("a?[2Jb???c");
    expect(printableText(Uint8Array.of(0x61, 0xff, 0x62))).toBe("a\ufffdb");
    for (const text of ["abc", new TextEncoder().encode("abc")]) {
      expect([printableText(text, 3), printableText(text, 2)]).toEqual(["abc", "ab..."]);
    }
    // Characters of four octets count as long as those of one.
    const faces = "\u{1f600}".repeat(10);
    expect(printableText(new TextEncoder().encode(faces), 20)).toBe(faces);
    expect(printableText("x".repeat(2_000))).toBe(`${"x".repeat(1_024)}...`);
    expect(printableLine("a\n\n\tb\nc")).toBe("a b c");
    expect(printableLine("abcd", 3)).toBe("abc...");
  });

  it("is UTF-8 where nothing else is allowed", () => {
    expect(decodeUtf8(Uint8Array.of(0xc3, 0xa9))).toBe("é");
    expect(() => decodeUtf8(Uint8Array.of(0xc3))).toThrow(DecodeError);
  });

  it("loses one character at its end, as often as it is there", () => {
    for (const [text, wanted] of [
      ["a..", "a"],
      ["..", ""],
      ["", ""],
      [".a", ".a"],
      ["a.b", "a.b"],
    ] as const) {
      expect(trimEndOf(text, ".")).toBe(wanted);
    }
  });
});
