import fc, { type Arbitrary } from "fast-check";
import { concat } from "../../../src/bytes/index.ts";
import { isKerberosError } from "../../../src/errors.ts";
import { NdrReader } from "../../../src/pac/ndr.ts";
import { NdrWriter } from "../../../src/testing/kdc/pac/ndr-writer.ts";
import { changeOctets, octetChange } from "../mutate/octets.ts";
import { Finding, type FuzzTarget } from "../target.ts";

/** One thing that a structure has, as it is written and as it is read. */
interface Part {
  readonly write: (ndr: NdrWriter, size: number) => void;
  readonly read: (ndr: NdrReader, size: number) => unknown;
  /** What is read where nothing was changed. */
  readonly wanted: (size: number) => unknown;
}

const words = (size: number): string => "straße".repeat(9).slice(0, size);
const octetsOf = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, i) => i);
const sidOf = (size: number): string => ["S-1-5", ...Array.from({ length: size % 16 }, (_, i) => i * 999)].join("-");

const PARTS: readonly Part[] = [
  { write: (ndr, size) => ndr.uint16(size), read: (ndr) => ndr.uint16(), wanted: (size) => size },
  { write: (ndr, size) => ndr.uint32(size), read: (ndr) => ndr.uint32(), wanted: (size) => size },
  {
    write: (ndr, size) => ndr.uint64(-BigInt(size)),
    read: (ndr) => ndr.int64(),
    wanted: (size) => -BigInt(size),
  },
  { write: (ndr, size) => ndr.pointer(size > 9), read: (ndr) => ndr.pointer(), wanted: (size) => size > 9 },
  { write: (ndr) => ndr.fileTime(0n), read: (ndr) => ndr.fileTime(), wanted: () => undefined },
  {
    write: (ndr, size) => ndr.bytes(octetsOf(size)),
    read: (ndr, size) => ndr.uint8s(size),
    wanted: octetsOf,
  },
  {
    write: (ndr, size) => ndr.text(words(size)).characters(words(size)),
    read: (ndr) => ndr.characters(ndr.text()),
    wanted: words,
  },
  {
    write: (ndr, size) => ndr.characters(`${words(size)}\0`),
    read: (ndr) => ndr.string(),
    wanted: words,
  },
  {
    write: (ndr, size) => ndr.uint32(size).uint32(size).bytes(octetsOf(size)),
    read: (ndr) => ndr.octets(ndr.uint32()),
    wanted: octetsOf,
  },
  {
    write: (ndr, size) => {
      ndr.uint32(size).uint32(size);
      for (let i = 0; i < size; i++) ndr.uint32(i).uint32(7);
    },
    read: (ndr) => ndr.array(true, ndr.uint32(), 8, () => [ndr.uint32(), ndr.uint32()]),
    wanted: (size) => Array.from({ length: size }, (_, i) => [i, 7]),
  },
  { write: (ndr, size) => ndr.sid(sidOf(size)), read: (ndr) => ndr.sid(), wanted: sidOf },
];

/** How many parts, whether the octets are as they were written, then part and size in turn, then what was written. */
const structure: Arbitrary<Uint8Array> = fc
  .record({
    parts: fc.array(fc.tuple(fc.nat(PARTS.length - 1), fc.nat(40)), { maxLength: 24 }),
    changes: fc.array(octetChange, { maxLength: 6 }),
  })
  .map(({ parts, changes }) => {
    const ndr = new NdrWriter();
    for (const [part, size] of parts) PARTS[part]?.write(ndr, size);
    let octets = ndr.finish();
    for (const change of changes) octets = changeOctets(octets, change);
    return concat(Uint8Array.of(parts.length, changes.length), Uint8Array.from(parts.flat()), octets);
  });

/**
 * NDR of structures that no KDC has: any parts in any order. What was not changed reads as it was written; what was
 * gives no more than its octets say.
 */
export function ndrStructures(): FuzzTarget<never> {
  const target: FuzzTarget<number> = {
    name: "ndr",
    inputs: structure,
    run(input) {
      const [count = 0, changes = 0] = input;
      const parts = Array.from({ length: count }, (_, i) => [input[2 + 2 * i] ?? 0, input[3 + 2 * i] ?? 0] as const);
      let made = 0;
      try {
        const ndr = new NdrReader(input.subarray(2 + 2 * count), "structure");
        for (const [part, size] of parts) {
          const value = PARTS[part]?.read(ndr, size);
          if (changes === 0 && !isSame(value, PARTS[part]?.wanted(size)))
            throw new Finding(`another value of part ${part}`);
          made += sizeOf(value);
        }
      } catch (error) {
        if (changes === 0 && isKerberosError(error)) throw new Finding(`refused what was written: ${error.message}`);
        throw error;
      }
      return made;
    },
    verify(made, input) {
      if (made > input.length) throw new Finding(`${made} octets out of ${input.length}`);
    },
  };
  return target as FuzzTarget<never>;
}

function isSame(left: unknown, right: unknown): boolean {
  const text = (value: unknown): string =>
    JSON.stringify(value, (_, one) => (typeof one === "bigint" ? `${one}n` : one));
  return text(left) === text(right);
}

/** The least octets that say a value. */
function sizeOf(value: unknown): number {
  if (typeof value === "string") return value.startsWith("S-1-") ? 0 : 2 * value.length;
  if (value instanceof Uint8Array) return value.length;
  return Array.isArray(value) ? 8 * value.length : 0;
}
