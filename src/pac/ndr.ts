import { Reader } from "../bytes/index.ts";
import { present } from "./present.ts";
import { sidFrom } from "./sid.ts";

/**
 * How a type of NDR is read (MS-RPCE section 2.2.6.1, DCE 1.1 chapter 14): the fields of its structure at once; then,
 * by what is returned, what their pointers point to, in the same order. A pointer is a mark and not a place, so that
 * nothing can point into nowhere.
 */
export type NdrType<T> = (reader: Reader) => () => T;

/** The header of a type serialized by RPC (MS-RPCE section 2.2.6): version 1, little-endian, 8 octets long. */
const TYPE_HEADER = [0x01, 0x10, 0x08, 0x00, 0xcc, 0xcc, 0xcc, 0xcc];

/** Decodes a type serialized by RPC, behind its outermost pointer. */
export function decodeNdr<T>(octets: Uint8Array, path: string, type: NdrType<T>): T {
  const reader = new Reader(octets, path, { littleEndian: true });
  const header = reader.bytes(TYPE_HEADER.length);
  if (TYPE_HEADER.some((octet, i) => header[i] !== octet)) reader.fail("the header of the serialized type is another");
  const length = reader.uint32();
  reader.uint32();
  if (length > reader.remaining) reader.fail(`it says that it has ${length} octets, and has ${reader.remaining}`);
  if (!isPointer(reader)) reader.fail("it is a null pointer");
  return type(reader)();
}

/** A structure of these fields, without those that are undefined. */
export function struct<T extends object>(fields: { readonly [K in keyof Required<T>]: NdrType<T[K]> }): NdrType<T> {
  const types = Object.entries<NdrType<unknown>>(fields);
  return (reader) => {
    const later = types.map(([name, type]) => [name, type(reader)] as const);
    return () => present(Object.fromEntries(later.map(([name, value]) => [name, value()]))) as T;
  };
}

/** A field behind octets that nothing here needs. */
export function after<T>(bytes: number, type: NdrType<T>): NdrType<T> {
  return (reader) => {
    reader.bytes(bytes);
    return type(reader);
  };
}

/** What points to nothing: read at once. */
export function plain<T>(read: (reader: Reader) => T): NdrType<T> {
  return (reader) => {
    const value = read(reader);
    return () => value;
  };
}

/** The next 16 bits. */
export const short = (reader: Reader): number => aligned(reader, 2).uint16();
/** The next 32 bits. */
export const long = (reader: Reader): number => aligned(reader, 4).uint32();
const hyper = (reader: Reader): bigint => aligned(reader, 8).uint64();
const isPointer = (reader: Reader): boolean => long(reader) !== 0;

export const uint16: NdrType<number> = plain(short);
export const uint32: NdrType<number> = plain(long);
export const uint64: NdrType<bigint> = plain(hyper);
export const int64: NdrType<bigint> = plain((reader) => BigInt.asIntN(64, hyper(reader)));
export const boolean64: NdrType<boolean> = plain((reader) => hyper(reader) !== 0n);

/** A FILETIME (MS-DTYP section 2.3.3), which is two words: aligned to 4. */
export const fileTime: NdrType<Date | undefined> = plain((reader) => dateOfFileTime(aligned(reader, 4).uint64()));

/** A pointer, which may be null. */
export function optional<T>(type: NdrType<T>): NdrType<T | undefined> {
  return (reader) => {
    const isThere = isPointer(reader);
    return () => (isThere ? type(reader)() : undefined);
  };
}

/** A pointer that must not be null. */
export function required<T>(what: string, type: NdrType<T>): NdrType<T> {
  return (reader) => {
    if (!isPointer(reader)) reader.fail(`${what} that is a null pointer`);
    return () => type(reader)();
  };
}

/** An RPC_UNICODE_STRING (MS-DTYP section 2.3.10); empty for a null pointer. */
export const text: NdrType<string> = (reader) => {
  const bytes = short(reader);
  short(reader);
  const isThere = isPointer(reader);
  return () => {
    if (!isThere) return "";
    const octets = characters(reader);
    if (bytes % 2 !== 0 || octets.length < bytes) misfit(reader);
    return utf16(octets.subarray(0, bytes));
  };
};

/** A text that ends with a character of zero (the IDL's `[string] wchar_t*`). */
export const string: NdrType<string> = plain((reader) => {
  const ended = utf16(characters(reader));
  if (!ended.endsWith("\0")) reader.fail("a text without its end");
  return ended.slice(0, -1);
});

/** A SID (MS-DTYP section 2.4.2.3): its count of sub-authorities comes before it as well. */
export const sid: NdrType<string> = plain((reader) => {
  const count = long(reader);
  const octets = reader.bytes(8 + 4 * Math.min(count, 16));
  if (octets[1] !== count) reader.fail(`a SID of ${octets[1]} sub-authorities where ${count} are announced`);
  return sidFrom(octets);
});

/** A count, and a pointer to so many elements. Each has at least so many bytes in the array. */
export function array<T>(bytes: number, element: NdrType<T>): NdrType<readonly T[]> {
  return counted((reader, count) => elements(reader, count, bytes, element));
}

/** A count, and a pointer to so many octets: a view. */
export const octets: NdrType<Uint8Array> = /* @__PURE__ */ counted((reader, count) => reader.bytes(count));

/** An array that is the last field of a structure: its count stands before the structure. */
export function lastArray<T>(bytes: number, element: NdrType<T>): NdrType<readonly T[]> {
  return plain((reader) => elements(reader, agreed(reader, long(reader)), bytes, element));
}

function counted<T>(read: (reader: Reader, count: number) => T): NdrType<T> {
  return (reader) => {
    const count = long(reader);
    const isThere = isPointer(reader);
    return () => {
      // The array says its count again.
      if (isThere) agreed(reader, count);
      else if (count !== 0) reader.fail(`a null pointer where ${count} elements are announced`);
      return read(reader, count);
    };
  };
}

/** The count that comes, which must be the one before. */
function agreed(reader: Reader, count: number): number {
  const said = long(reader);
  if (said !== count) reader.fail(`an array of ${said} elements where ${count} are announced`);
  return count;
}

/** The count is held against the octets that are left before an element is read. */
function elements<T>(reader: Reader, count: number, bytes: number, element: NdrType<T>): readonly T[] {
  if (count * bytes > reader.remaining) reader.fail(`an array of ${count} elements is cut off`);
  const later = Array.from({ length: count }, () => element(reader));
  return later.map((value) => value());
}

/** A conformant and varying array of characters. */
function characters(reader: Reader): Uint8Array {
  const most = long(reader);
  const skipped = long(reader);
  const length = long(reader);
  if (skipped !== 0 || length > most) misfit(reader);
  return reader.bytes(length * 2);
}

function misfit(reader: Reader): never {
  return reader.fail("the lengths of a text do not fit each other");
}

function aligned(reader: Reader, bytes: number): Reader {
  const over = reader.offset % bytes;
  if (over !== 0) reader.bytes(bytes - over);
  return reader;
}

/** UTF-16LE, a mark of byte order as the character that it is; an odd octet at the end is left out. */
export function utf16(octets: Uint8Array): string {
  return new TextDecoder("utf-16le", { ignoreBOM: true }).decode(octets.subarray(0, octets.length & ~1));
}

/** Milliseconds from 1601, where FILETIME begins, to 1970. */
const EPOCH_MS = 11_644_473_600_000n;

/** The FILETIME that means never (MS-PAC section 2.5). */
const NEVER = 0x7fff_ffff_ffff_ffffn;

/** The instant of a FILETIME, in units of 100 ns; undefined for 0 and for those that mean never. */
export function dateOfFileTime(ticks: bigint): Date | undefined {
  // What is below is a date: the last is in the year 30828.
  return ticks === 0n || ticks >= NEVER ? undefined : new Date(Number(ticks / 10_000n - EPOCH_MS));
}
