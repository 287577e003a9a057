import fc, { type Arbitrary } from "fast-check";
import { concat } from "../../../src/bytes/index.ts";

/** No input is longer. */
export const MAX_INPUT_BYTES = 65_536;

/** Lengths and numbers at the edges of what fields hold. */
const EDGES: readonly number[] = [
  0, 1, 2, 3, 4, 7, 8, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x100000, 0x7fffffff, 0x80000000,
  0xfffffffe, 0xffffffff,
];

/** One change to octets. Places and numbers are taken modulo what is there, so that every change fits every input. */
export type OctetChange =
  | { readonly type: "flip"; readonly at: number; readonly bit: number }
  | { readonly type: "set"; readonly at: number; readonly value: number }
  | {
      readonly type: "number";
      readonly at: number;
      readonly width: number;
      readonly edge: number;
      readonly off: number;
    }
  | { readonly type: "insert"; readonly at: number; readonly octets: Uint8Array }
  | { readonly type: "delete"; readonly at: number; readonly count: number }
  | { readonly type: "repeat"; readonly at: number; readonly count: number; readonly times: number }
  | { readonly type: "cut"; readonly at: number };

export const octetChange: Arbitrary<OctetChange> = fc.oneof(
  fc.record({ type: fc.constant("flip" as const), at: fc.nat(), bit: fc.nat(7) }),
  fc.record({ type: fc.constant("set" as const), at: fc.nat(), value: fc.nat(255) }),
  fc.record({
    type: fc.constant("number" as const),
    at: fc.nat(),
    width: fc.constantFrom(2, 4),
    edge: fc.nat(EDGES.length - 1),
    off: fc.integer({ min: -1, max: 1 }),
  }),
  fc.record({
    type: fc.constant("insert" as const),
    at: fc.nat(),
    octets: fc.uint8Array({ minLength: 1, maxLength: 24 }),
  }),
  fc.record({ type: fc.constant("delete" as const), at: fc.nat(), count: fc.integer({ min: 1, max: 64 }) }),
  fc.record({
    type: fc.constant("repeat" as const),
    at: fc.nat(),
    count: fc.integer({ min: 1, max: 300 }),
    times: fc.oneof(
      { arbitrary: fc.constantFrom(1, 2, 10), weight: 9 },
      { arbitrary: fc.constantFrom(100, 10_000), weight: 1 },
    ),
  }),
  fc.record({ type: fc.constant("cut" as const), at: fc.nat() }),
);

/** The octets with one change, never longer than {@link MAX_INPUT_BYTES}. */
export function changeOctets(octets: Uint8Array, change: OctetChange): Uint8Array {
  const { length } = octets;
  const at = length === 0 ? 0 : change.at % length;
  const out = octets.slice();
  switch (change.type) {
    case "flip":
      if (length > 0) out[at] = (out[at] as number) ^ (1 << change.bit);
      return out;
    case "set":
      if (length > 0) out[at] = change.value;
      return out;
    case "number": {
      const { width } = change;
      if (length < width) return out;
      const place = change.at % (length - width + 1);
      const value = (EDGES[change.edge] as number) + change.off;
      const view = new DataView(out.buffer);
      if (width === 2) view.setUint16(place, value & 0xffff);
      else view.setUint32(place, value >>> 0);
      return out;
    }
    case "insert":
      return clip(concat(octets.subarray(0, at), change.octets, octets.subarray(at)));
    case "delete":
      return concat(octets.subarray(0, at), octets.subarray(at + change.count));
    case "repeat": {
      const piece = octets.subarray(at, at + change.count);
      if (piece.length === 0) return out;
      const times = Math.min(
        change.times,
        Math.floor((MAX_INPUT_BYTES - Math.min(length, MAX_INPUT_BYTES)) / piece.length),
      );
      const copies = new Uint8Array(times * piece.length);
      for (let i = 0; i < times; i++) copies.set(piece, i * piece.length);
      return clip(concat(octets.subarray(0, at), copies, octets.subarray(at)));
    }
    case "cut":
      return octets.slice(0, at);
  }
}

function clip(octets: Uint8Array): Uint8Array {
  return octets.length <= MAX_INPUT_BYTES ? octets : octets.slice(0, MAX_INPUT_BYTES);
}

/** One of a corpus with a few changes; now and then octets out of nowhere. */
export function mutatedOctets(
  corpus: readonly Uint8Array[],
  extra?: Arbitrary<(octets: Uint8Array) => Uint8Array>,
): Arbitrary<Uint8Array> {
  const plain = octetChange.map((change) => (octets: Uint8Array) => changeOctets(octets, change));
  const change =
    extra === undefined ? plain : fc.oneof({ arbitrary: extra, weight: 3 }, { arbitrary: plain, weight: 1 });
  const mutated = fc
    .tuple(fc.nat(corpus.length - 1), fc.array(change, { minLength: 1, maxLength: 6 }))
    .map(([index, changes]) => changes.reduce((octets, make) => make(octets), corpus[index] as Uint8Array));
  return fc.oneof({ arbitrary: mutated, weight: 19 }, { arbitrary: fc.uint8Array({ maxLength: 512 }), weight: 1 });
}
