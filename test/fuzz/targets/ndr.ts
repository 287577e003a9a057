import fc, { type Arbitrary } from "fast-check";
import { concat } from "../../../src/bytes/index.ts";
import { isKerberosError } from "../../../src/errors.ts";
import {
  after,
  array,
  boolean64,
  decodeNdr,
  fileTime,
  int64,
  type NdrType,
  octets,
  optional,
  required,
  sid,
  string,
  struct,
  text,
  uint16,
  uint32,
  uint64,
} from "../../../src/pac/ndr.ts";
import { NdrWriter } from "../../../src/testing/kdc/pac/ndr-writer.ts";
import { changeOctets, octetChange } from "../mutate/octets.ts";
import { Finding, type FuzzTarget } from "../target.ts";

/** One thing that a structure has, as it is written and as it is read. */
interface Part {
  /** Its field. */
  readonly write: (ndr: NdrWriter, size: number) => void;
  /** What its field points to. */
  readonly writeLater?: (ndr: NdrWriter, size: number) => void;
  readonly type: NdrType<unknown>;
  /** What is read where nothing was changed. */
  readonly wanted: (size: number) => unknown;
}

const words = (size: number): string => "straße".repeat(9).slice(0, size);
const octetsOf = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, i) => i);
const sidOf = (size: number): string => ["S-1-5", ...Array.from({ length: size % 16 }, (_, i) => i * 999)].join("-");
const row = struct<{ a: number; b: number }>({ a: uint32, b: uint32 });

const PARTS: readonly Part[] = [
  { write: (ndr, size) => ndr.uint16(size), type: uint16, wanted: (size) => size },
  { write: (ndr, size) => ndr.uint32(size), type: uint32, wanted: (size) => size },
  { write: (ndr, size) => ndr.uint64(BigInt(size)), type: uint64, wanted: BigInt },
  { write: (ndr, size) => ndr.uint64(-BigInt(size)), type: int64, wanted: (size) => -BigInt(size) },
  { write: (ndr, size) => ndr.uint64(BigInt(size)), type: boolean64, wanted: (size) => size !== 0 },
  { write: (ndr) => ndr.fileTime(0n), type: fileTime, wanted: () => undefined },
  { write: (ndr, size) => ndr.bytes(octetsOf(7)).uint32(size), type: after(7, uint32), wanted: (size) => size },
  {
    write: (ndr, size) => ndr.text(words(size)),
    writeLater: (ndr, size) => ndr.characters(words(size)),
    type: text,
    wanted: words,
  },
  {
    write: (ndr) => ndr.pointer(true),
    writeLater: (ndr, size) => ndr.characters(`${words(size)}\0`),
    type: required("a text", string),
    wanted: words,
  },
  {
    write: (ndr, size) => ndr.uint32(size).pointer(true),
    writeLater: (ndr, size) => ndr.uint32(size).bytes(octetsOf(size)),
    type: octets,
    wanted: octetsOf,
  },
  {
    write: (ndr, size) => ndr.uint32(size).pointer(size > 0),
    writeLater: (ndr, size) => {
      if (size > 0) ndr.uint32(size);
      for (let i = 0; i < size; i++) ndr.uint32(i).uint32(7);
    },
    type: array(8, row),
    wanted: (size) => Array.from({ length: size }, (_, i) => ({ a: i, b: 7 })),
  },
  {
    write: (ndr, size) => ndr.pointer(size > 9),
    writeLater: (ndr, size) => {
      if (size > 9) ndr.sid(sidOf(size));
    },
    type: optional(sid),
    wanted: (size) => (size > 9 ? sidOf(size) : undefined),
  },
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
    for (const [part, size] of parts) PARTS[part]?.writeLater?.(ndr, size);
    let input = ndr.finish();
    for (const change of changes) input = changeOctets(input, change);
    return concat(Uint8Array.of(parts.length, changes.length), Uint8Array.from(parts.flat()), input);
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
        const types = Object.fromEntries(parts.map(([part], i) => [`part ${i}`, (PARTS[part] as Part).type]));
        const values: Record<string, unknown> = decodeNdr(input.subarray(2 + 2 * count), "structure", struct(types));
        for (const [i, [part, size]] of parts.entries()) {
          const value = values[`part ${i}`];
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
