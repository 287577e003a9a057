import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, decodeHex, equal } from "../../../src/bytes/index.ts";
import { commandBytes } from "../../../src/remctl/command/arguments.ts";
import { CommandEncoder, encodeCommand } from "../../../src/remctl/command/command-encoder.ts";
import { splitArguments } from "../../support/fake-remctl-server.ts";

const max = 65_536;

function messagesOf(args: readonly Uint8Array[], keepAlive = true): Uint8Array[] {
  return [...messages(args, keepAlive)];
}

function* messages(args: readonly Uint8Array[], keepAlive: boolean): Generator<Uint8Array> {
  for (const { octets } of encodeCommand(args, keepAlive)) yield octets.slice();
}

function* copies(args: readonly Uint8Array[], limit: number): Generator<Uint8Array> {
  for (const { octets } of encodeCommand(args, true, limit)) yield octets.slice();
}

/** Joins a command's messages and checks section 2.4 on the way; gives the arguments. */
function join(parts: readonly Uint8Array[]): Uint8Array[] {
  const body = concat(...parts.map((part) => part.subarray(4)));
  for (const [index, part] of parts.entries()) {
    expect(part.length).toBeLessThanOrEqual(max);
    expect(part.length).toBeGreaterThan(4);
    expect([part[0], part[1]]).toEqual([2, 1]);
    const wanted = parts.length === 1 ? 0 : index === 0 ? 1 : index === parts.length - 1 ? 3 : 2;
    expect(part[3]).toBe(wanted);
  }
  expectWholeWords(body, parts);
  return splitArguments(body);
}

/** No cut falls into a count or a length, or between a length and the first octet of its argument. */
function expectWholeWords(body: Uint8Array, parts: readonly Uint8Array[]): void {
  const cuts = new Set<number>();
  let at = 0;
  for (const part of parts.slice(0, -1)) {
    at += part.length - 4;
    cuts.add(at);
  }
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const forbidden: number[] = [0, 1, 2, 3];
  for (let next = 4; next < body.length; ) {
    const length = view.getUint32(next);
    forbidden.push(next + 1, next + 2, next + 3);
    if (length > 0) forbidden.push(next + 4);
    next += 4 + length;
  }
  expect(forbidden.filter((place) => cuts.has(place))).toEqual([]);
}

const pattern = new Uint8Array(25 * max).map((_, index) => index * 7 + (index >> 8));
const filled = (length: number): Uint8Array => pattern.subarray(length % 251, (length % 251) + length);

/** `toEqual` takes seconds for megabytes. */
function expectSame(got: readonly Uint8Array[], wanted: readonly Uint8Array[]): void {
  expect(got.map(({ length }) => length)).toEqual(wanted.map(({ length }) => length));
  expect(got.findIndex((octets, index) => !equal(octets, wanted[index] as Uint8Array))).toBe(-1);
}

describe("COMMAND", () => {
  it("4.4: a count, then length and octets of each argument", () => {
    const args = [decodeHex("6162"), new Uint8Array(0), decodeHex("00ff")];
    expect(messagesOf(args)).toEqual([decodeHex("02 01 01 00 00000003 00000002 6162 00000000 00000002 00ff")]);
  });

  it("4.4: no argument and an empty argument are commands", () => {
    expect(messagesOf([])).toEqual([decodeHex("02 01 01 00 00000000")]);
    expect(messagesOf([new Uint8Array(0)])).toEqual([decodeHex("02 01 01 00 00000001 00000000")]);
  });

  it("4.1: keep-alive is 0 or 1, and the same in every message", () => {
    expect(messagesOf([], false)[0]?.[2]).toBe(0);
    expect(new Set(messagesOf([filled(3 * max)], true).map((part) => part[2]))).toEqual(new Set([1]));
    expect(new Set(messagesOf([filled(3 * max)], false).map((part) => part[2]))).toEqual(new Set([0]));
  });

  it("1.5: 65,536 octets with the header are one message, one more makes two", () => {
    const largest = max - 4 - 4 - 4;
    expect(messagesOf([filled(largest)]).map((part) => part.length)).toEqual([max]);
    expect(messagesOf([filled(largest + 1)]).map((part) => part.length)).toEqual([max, 4 + 1]);
  });

  it("4.2: a long command has continue status 1, 2 ... and 3", () => {
    const parts = messagesOf([filled(10), filled(4 * max)]);
    expect(parts.map((part) => part[3])).toEqual([1, 2, 2, 2, 3]);
    expectSame(join(parts), [filled(10), filled(4 * max)]);
  });

  it("4.3: never cuts a count or a length, and puts an octet of the argument after its length", () => {
    // Lengths chosen so that each place of the next word meets the edge.
    for (let room = 0; room <= 12; room++) {
      const first = filled(max - 4 - 4 - 4 - room);
      for (const second of [0, 1, 2, 70_000]) {
        const args = [first, filled(second), filled(5)];
        expectSame(join(messagesOf(args)), args);
      }
    }
  });

  it("4.2, 4.3: gives back the same arguments for lengths around the edge", () => {
    const length = fc.oneof(
      fc.integer({ min: 0, max: 40 }),
      fc.integer({ min: max - 40, max: max + 40 }),
      fc.integer({ min: 2 * max - 40, max: 2 * max + 40 }),
      fc.integer({ min: 0, max }),
    );
    fc.assert(
      fc.property(fc.array(length, { maxLength: 9 }), (lengths) => {
        const args = lengths.map(filled);
        const parts = messagesOf(args);
        expectSame(join(parts), args);
        // Nothing is cut that fits.
        if (4 + commandBytes(args) <= max) expect(parts.length).toBe(1);
      }),
      { numRuns: 150 },
    );
  });

  it("makes the same messages whatever the pieces an argument comes in", () => {
    const arg = filled(200_000);
    const encoder = new CommandEncoder(1, commandBytes([arg]), true);
    const parts: Uint8Array[] = [];
    for (const octets of encoder.length(arg.length)) parts.push(octets.slice());
    for (let at = 0; at < arg.length; at += 777) {
      for (const octets of encoder.data(arg.subarray(at, at + 777))) parts.push(octets.slice());
    }
    parts.push(encoder.finish().slice());
    expectSame(parts, messagesOf([arg]));
  });

  it("4.2, 4.3: the first message may have a lower limit", () => {
    for (const limit of [13, 14, 17, 183, 65_000]) {
      for (const lengths of [[], [0], [5], [0, 0, 0], [1, 2, 3, 4], [200], [0, 70_000, 3], [66_000, 0]]) {
        const args = lengths.map(filled);
        const parts = [...encodeCommand(args, true, limit)].length;
        const messages = [...copies(args, limit)];
        expect(messages.length).toBe(parts);
        expect(messages[0]?.length).toBeLessThanOrEqual(limit);
        expectSame(join(messages), args);
      }
    }
  });

  it("takes one buffer for a command of any length", () => {
    const buffers = new Set<ArrayBufferLike>();
    for (const { octets } of encodeCommand([filled(20 * max)], true)) buffers.add(octets.buffer);
    expect(buffers.size).toBe(1);
  });
});
