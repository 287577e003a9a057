import { Reader } from "../bytes/index.ts";
import type { DecodeError } from "../errors.ts";
import { sidFrom } from "./sid.ts";

/** The header of a type serialized by RPC (MS-RPCE section 2.2.6): version 1, little-endian, 8 octets long. */
const TYPE_HEADER = [0x01, 0x10, 0x08, 0x00, 0xcc, 0xcc, 0xcc, 0xcc];

/** A UNICODE_STRING whose characters come later. */
export interface DeferredText {
  readonly bytes: number;
  readonly isThere: boolean;
}

/**
 * Reads what NDR has written (MS-RPCE section 2.2.6.1, DCE 1.1 chapter 14): the fields of a structure first, then what
 * its pointers point to, in order. A pointer is a mark and not a place, so that nothing can point into nowhere. Every
 * count is held against the octets that are left before an element is read.
 */
export class NdrReader {
  readonly #reader: Reader;

  constructor(octets: Uint8Array, path: string) {
    const reader = new Reader(octets, path, { littleEndian: true });
    this.#reader = reader;
    const header = reader.bytes(TYPE_HEADER.length);
    if (TYPE_HEADER.some((octet, i) => header[i] !== octet))
      reader.fail("the header of the serialized type is another");
    const length = reader.uint32();
    reader.uint32();
    if (length > reader.remaining) reader.fail(`it says that it has ${length} octets, and has ${reader.remaining}`);
    // The outermost pointer.
    if (reader.uint32() === 0) reader.fail("it is a null pointer");
  }

  uint8s(count: number): Uint8Array {
    return this.#reader.bytes(count);
  }

  uint16(): number {
    this.#align(2);
    return this.#reader.uint16();
  }

  uint32(): number {
    this.#align(4);
    return this.#reader.uint32();
  }

  uint64(): bigint {
    this.#align(8);
    return this.#reader.uint64();
  }

  int64(): bigint {
    return BigInt.asIntN(64, this.uint64());
  }

  /** A pointer that may be null. */
  pointer(): boolean {
    return this.uint32() !== 0;
  }

  /** A FILETIME (MS-DTYP section 2.3.3), which is two words: aligned to 4. */
  fileTime(): Date | undefined {
    this.#align(4);
    return dateOfFileTime(this.#reader.uint64());
  }

  /** An RPC_UNICODE_STRING (MS-DTYP section 2.3.10) without its characters. */
  text(): DeferredText {
    const bytes = this.uint16();
    this.uint16();
    return { bytes, isThere: this.pointer() };
  }

  /** The characters of {@link text}. */
  characters({ bytes, isThere }: DeferredText): string {
    if (!isThere) return "";
    const octets = this.#varying();
    if (bytes % 2 !== 0 || octets.length < bytes) this.#misfit();
    return utf16(octets.subarray(0, bytes));
  }

  /** A text that ends with a character of zero (the IDL's `[string] wchar_t*`). */
  string(): string {
    const octets = this.#varying();
    const characters = utf16(octets);
    if (!characters.endsWith("\0")) this.fail("a text without its end");
    return characters.slice(0, -1);
  }

  /** A conformant array of octets: a view. */
  octets(count: number): Uint8Array {
    this.#agree(count);
    return this.#reader.bytes(count);
  }

  /**
   * A conformant array behind a pointer: `count` elements, which the array itself says again; none where the pointer is
   * null.
   */
  array<T>(isThere: boolean, count: number, elementBytes: number, element: () => T): readonly T[] {
    if (isThere) this.#agree(count);
    else if (count !== 0) this.fail(`a null pointer where ${count} elements are announced`);
    return this.#elements(count, elementBytes, element);
  }

  /** An array that is the last field of the structure: its count stands before the structure. */
  lastArray<T>(elementBytes: number, element: () => T): readonly T[] {
    const most = this.uint32();
    const count = this.uint32();
    if (most !== count) this.#disagree(most, count);
    return this.#elements(count, elementBytes, element);
  }

  /** A SID that a pointer points to: its count of sub-authorities comes before it as well. */
  sid(): string {
    const count = this.uint32();
    const sid = this.#reader.bytes(8 + 4 * Math.min(count, 16));
    if (sid[1] !== count) this.fail(`a SID of ${sid[1]} sub-authorities where ${count} are announced`);
    return sidFrom(sid);
  }

  /** Refuses a null pointer. */
  mustPoint(isThere: boolean, what: string): void {
    if (!isThere) this.fail(`${what} that is a null pointer`);
  }

  fail(message: string, reason?: DecodeError["reason"]): never {
    return this.#reader.fail(message, reason);
  }

  #agree(count: number): void {
    const said = this.uint32();
    if (said !== count) this.#disagree(said, count);
  }

  #disagree(said: number, count: number): never {
    return this.fail(`an array of ${said} elements where ${count} are announced`);
  }

  #elements<T>(count: number, elementBytes: number, element: () => T): readonly T[] {
    if (count * elementBytes > this.#reader.remaining) this.fail(`an array of ${count} elements is cut off`);
    return Array.from({ length: count }, element);
  }

  /** A conformant and varying array of characters. */
  #varying(): Uint8Array {
    const most = this.uint32();
    const skipped = this.uint32();
    const length = this.uint32();
    if (skipped !== 0 || length > most) this.#misfit();
    return this.#reader.bytes(length * 2);
  }

  #misfit(): never {
    return this.fail("the lengths of a text do not fit each other");
  }

  #align(bytes: number): void {
    const over = this.#reader.offset % bytes;
    if (over !== 0) this.#reader.bytes(bytes - over);
  }
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
