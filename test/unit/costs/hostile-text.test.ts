// What strangers may send as text, as long as a message may be: its cost is counted in processor time, and grows with its length.

import { describe, expect, it } from "vitest";
import { decodeText, encodeText, printableText } from "../../../src/bytes/index.ts";
import { parseDuration, parseServerAddress } from "../../../src/config/index.ts";
import { parseAddress } from "../../../src/discovery/dns/server.ts";
import { parseServerUri } from "../../../src/discovery/server-records.ts";
import { decodeKrbError, encodeKrbError, krbErrorToError } from "../../../src/krb5/index.ts";
import { PacketParser } from "../../../src/remctl-wire/index.ts";
import { parseEndpoint } from "../../../src/transport/index.ts";
import { startCpuClock } from "../../support/cpu-clock.ts";

/** The longest message that a KDC's reply may be. */
const MOST = 1_048_576;

/** Milliseconds of processor time; the fastest of three, so that a collection of garbage does not count. */
function costMs(work: () => unknown): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round++) {
    const elapsed = startCpuClock();
    try {
      work();
    } catch {
      // A refusal is an answer too.
    }
    least = Math.min(least, elapsed());
  }
  return least;
}

function krbError(fill: number, length: number): Uint8Array {
  const octets = encodeKrbError({
    pvno: 5,
    msgType: 30,
    stime: new Date(0),
    susec: 0,
    errorCode: 60,
    realm: "R",
    sname: { nameType: 2, nameString: ["krbtgt", "R"] },
    eText: "x".repeat(length),
  });
  return octets.fill(fill, octets.length - length);
}

const runs: readonly (readonly [what: string, unit: string])[] = [
  ["NUL", "\0"],
  ["colons", ":"],
  ["dots", "."],
  ["slashes", "/"],
  ["brackets", "["],
  ["braces", "{"],
  ["question marks", "?"],
  ["per cent signs", "%"],
  ["spaces", " "],
  ["line ends", "\r\n"],
  ["escapes of octets", "\udc80a"],
];

describe("text of strangers", () => {
  it.each([
    ["no UTF-8 at all", 0xff],
    ["beginnings of UTF-8", 0xe0],
    ["continuations of UTF-8", 0x80],
    ["NUL", 0],
  ])("A KRB-ERROR whose text is a megabyte of %s: at most 100 ms", (_what, fill) => {
    const octets = krbError(fill, MOST - 200);
    expect(costMs(() => krbErrorToError(decodeKrbError(octets)))).toBeLessThan(100);
    expect(krbErrorToError(decodeKrbError(octets)).message.length).toBeLessThan(1_000);
  });

  it.each([0xff, 0xe0, 0xf4, 0xc3])("octets %i: to text and back, at most 150 ms a megabyte", (fill) => {
    const octets = new Uint8Array(MOST).fill(fill);
    expect(costMs(() => encodeText(decodeText(octets)))).toBeLessThan(150);
    expect(encodeText(decodeText(octets.subarray(0, 999)))).toEqual(octets.subarray(0, 999));
  });

  it.each(runs)("runs of %s: every parser that meets a stranger's text is done in 100 ms", (_what, unit) => {
    const text = unit.repeat(Math.floor(65_536 / unit.length));
    for (const long of [text, `${text}x`, `x${text}`, `krb5srv:m:udp:${text}x`, `[${text}`, `https://${text}}x`]) {
      expect(costMs(() => parseServerUri(long, 88))).toBeLessThan(100);
      expect(costMs(() => parseEndpoint(long))).toBeLessThan(100);
      expect(costMs(() => parseAddress(long))).toBeLessThan(100);
      expect(costMs(() => parseServerAddress(long, 88))).toBeLessThan(100);
      expect(costMs(() => parseDuration(long))).toBeLessThan(100);
      expect(costMs(() => printableText(long))).toBeLessThan(100);
      expect(costMs(() => encodeText(long))).toBeLessThan(100);
    }
  });
});

describe("a packet that was only announced", () => {
  it("takes memory for what has come of it, and as much again", () => {
    const parsers = Array.from({ length: 500 }, () => new PacketParser());
    const before = process.memoryUsage().arrayBuffers;
    for (const parser of parsers) {
      // 1 MiB less the header, and one octet of it.
      parser.push(Uint8Array.of(0x44, 0x00, 0x0f, 0xff, 0xfb, 0x01));
      expect(parser.next()).toBeUndefined();
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(500 * 1_024);
  });

  it("comes whole, however it arrives", () => {
    const payload = Uint8Array.from({ length: 70_000 }, (_, i) => i & 0xff);
    const packet = Uint8Array.of(0x44, 0, payload.length >> 16, (payload.length >> 8) & 0xff, payload.length & 0xff);
    for (const size of [1, 7, 4_096, 65_000]) {
      const parser = new PacketParser();
      parser.push(packet);
      let whole = parser.next();
      for (let at = 0; at < payload.length; at += size) {
        expect(whole).toBeUndefined();
        parser.push(payload.subarray(at, at + size));
        whole = parser.next();
      }
      expect(whole?.payload).toEqual(payload);
    }
  });
});
