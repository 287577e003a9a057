import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat } from "../../../src/bytes/index.ts";
import { encodePacket, type Packet, PacketParser } from "../../../src/remctl-wire/framing.ts";
import { framed, word } from "../../support/fake-remctl-server.ts";

function parse(...chunks: readonly Uint8Array[]): Packet[] {
  const parser = new PacketParser();
  const packets: Packet[] = [];
  for (const chunk of chunks) {
    parser.push(chunk);
    for (let packet = parser.next(); packet !== undefined; packet = parser.next()) packets.push(packet);
  }
  return packets;
}

const hello = new TextEncoder().encode("hello");

describe("packets", () => {
  it("1.2: one octet of flags, four of length in network order, the payload", () => {
    expect(encodePacket(0x03, hello)).toEqual(concat(Uint8Array.of(3, 0, 0, 0, 5), hello));
    expect(encodePacket(0x44, new Uint8Array(0x010203)).subarray(0, 5)).toEqual(Uint8Array.of(0x44, 0, 1, 2, 3));
    expect(parse(concat(Uint8Array.of(3, 0, 0, 0, 5), hello))).toEqual([{ flags: 3, payload: hello }]);
  });

  it("1.3: a packet of 1,048,576 octets with its five is taken, one octet more is refused from its header alone", () => {
    const largest = new Uint8Array(1_048_576 - 5);
    expect(parse(framed(0x44, largest))[0]?.payload.length).toBe(largest.length);
    expect(() => parse(concat(Uint8Array.of(0x44), word(largest.length + 1)))).toThrow(/limit is 1048576/);
    expect(() => parse(Uint8Array.of(0x44, 255, 255, 255, 255))).toThrow(/4294967295/);
    expect(encodePacket(0x44, largest).length).toBe(1_048_576);
    expect(() => encodePacket(0x44, new Uint8Array(largest.length + 1))).toThrow(RangeError);
  });

  it("takes no memory for a length it refuses", () => {
    const before = process.memoryUsage().arrayBuffers;
    const parsers = Array.from({ length: 64 }, () => new PacketParser());
    for (const parser of parsers) {
      parser.push(concat(Uint8Array.of(0x44), word(0x7fff_ffff)));
      expect(() => parser.next()).toThrow();
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20);
  });

  it.each([
    ["ends", 0],
    ["ends within the next header", 2],
    ["ends within the next payload", 9],
  ])("keeps nothing of a chunk that %s with its last packet", async (_, more) => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const parser = new PacketParser();
    const feed = (): WeakRef<ArrayBufferLike> => {
      const chunk = concat(framed(3, hello), framed(4, hello).subarray(0, more));
      parser.push(chunk);
      expect(parser.next()?.payload).toEqual(hello);
      // A client does not ask for another packet after the one that ends its command.
      if (more > 0) expect(parser.next()).toBeUndefined();
      return new WeakRef(chunk.buffer);
    };
    const chunk = feed();
    await new Promise((resolve) => setTimeout(resolve, 0));
    collect();
    expect(chunk.deref()).toBeUndefined();
    parser.push(framed(4, hello).subarray(more));
    expect(parser.next()).toEqual({ flags: 4, payload: hello });
  });

  it("gives views, not copies, of packets that lie in one chunk", () => {
    const chunk = concat(framed(1, hello), framed(2, new Uint8Array(0)), framed(3, hello));
    const packets = parse(chunk);
    expect(packets.map(({ flags }) => flags)).toEqual([1, 2, 3]);
    expect(packets.map(({ payload }) => payload.buffer === chunk.buffer)).toEqual([true, true, true]);
  });

  it("gives the same packets however the stream is cut", () => {
    const payloads = fc.array(fc.tuple(fc.nat(255), fc.uint8Array({ maxLength: 40 })), { maxLength: 8 });
    fc.assert(
      fc.property(payloads, fc.array(fc.integer({ min: 1, max: 30 })), (wanted, cuts) => {
        const stream = concat(...wanted.map(([flags, payload]) => framed(flags, payload)));
        const chunks: Uint8Array[] = [];
        let at = 0;
        for (const size of cuts) {
          chunks.push(stream.slice(at, at + size));
          at += size;
        }
        chunks.push(stream.slice(at));
        const got = parse(...chunks);
        expect(got.map(({ flags, payload }) => [flags, [...payload]])).toEqual(
          wanted.map(([flags, payload]) => [flags, [...payload]]),
        );
      }),
    );
  });

  it("knows of octets that are no whole packet yet", () => {
    const parser = new PacketParser();
    expect(parser.hasLeftover).toBe(false);
    const octets = framed(0x44, hello);
    for (const octet of octets.subarray(0, -1)) {
      parser.push(Uint8Array.of(octet));
      expect(parser.next()).toBeUndefined();
      expect(parser.hasLeftover).toBe(true);
    }
    parser.push(octets.subarray(-1));
    expect(parser.next()?.payload).toEqual(hello);
    expect(parser.hasLeftover).toBe(false);
  });

  it("takes no octets before what came is done with, and looks at a header once, however the rest comes", () => {
    const parser = new PacketParser();
    const seen: [number, number][] = [];
    parser.checkHeader = (flags, octets) => void seen.push([flags, octets]);
    parser.push(concat(framed(3, hello), framed(4, hello)));
    expect(parser.next()?.flags).toBe(3);
    expect(() => parser.push(hello)).toThrow(TypeError);
    expect(parser.next()?.flags).toBe(4);
    expect(parser.next()).toBeUndefined();
    seen.length = 0;
    for (const octet of framed(5, hello)) {
      parser.push(Uint8Array.of(octet));
      const packet = parser.next();
      if (packet !== undefined) expect([packet.flags, packet.payload]).toEqual([5, hello]);
    }
    expect(seen).toEqual([[5, 5]]);
  });

  it("stays failed after a failure", () => {
    const parser = new PacketParser();
    parser.push(Uint8Array.of(0x44, 255, 0, 0, 0, 0x44, 0, 0, 0, 0));
    expect(() => parser.next()).toThrow(/announced/);
    expect(() => parser.next()).toThrow(/announced/);
  });

  it("refuses by its header, before the payload, what the check of the header refuses", () => {
    const parser = new PacketParser();
    parser.checkHeader = (flags) => {
      if (flags !== 0x44) throw new Error("other flags");
    };
    parser.push(Uint8Array.of(0x04, 0, 0, 0, 9));
    expect(() => parser.next()).toThrow("other flags");
  });
});
