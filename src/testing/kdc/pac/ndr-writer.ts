import { concat } from "../../../bytes/index.ts";
import { littleEndian } from "../../../crypto/index.ts";

/** The header of a type serialized by RPC (MS-RPCE section 2.2.6): version 1, little-endian, 8 octets long. */
const TYPE_HEADER = Uint8Array.from([0x01, 0x10, 0x08, 0x00, 0xcc, 0xcc, 0xcc, 0xcc]);

/** Writes NDR (DCE 1.1 chapter 14): the fields of a structure first, then what its pointers point to. */
export class NdrWriter {
  readonly #octets: number[] = [];
  #referents = 0;

  constructor() {
    this.pointer(true);
  }

  uint16(value: number): this {
    return this.#number(value, 2);
  }

  uint32(value: number): this {
    return this.#number(value, 4);
  }

  /** A FILETIME: two words, aligned to 4. */
  fileTime(value: bigint): this {
    return this.uint32(Number(value & 0xffff_ffffn)).uint32(Number(value >> 32n));
  }

  uint64(value: bigint): this {
    this.#align(8);
    return this.fileTime(BigInt.asUintN(64, value));
  }

  pointer(isThere: boolean): this {
    return this.uint32(isThere ? 0x20000 + 4 * this.#referents++ : 0);
  }

  bytes(octets: Uint8Array): this {
    this.#octets.push(...octets);
    return this;
  }

  /** An RPC_UNICODE_STRING without its characters. */
  text(value: string): this {
    return this.uint16(2 * value.length)
      .uint16(2 * value.length)
      .pointer(true);
  }

  /** The characters: a conformant and varying array. */
  characters(value: string): this {
    this.uint32(value.length).uint32(0).uint32(value.length);
    for (let i = 0; i < value.length; i++) this.uint16(value.charCodeAt(i));
    return this;
  }

  /** A SID, with the count of its sub-authorities before it. */
  sid(value: string): this {
    const octets = sidOctets(value);
    return this.uint32(octets[1] as number).bytes(octets);
  }

  finish(): Uint8Array {
    this.#align(8);
    const length = littleEndian(this.#octets.length);
    return concat(TYPE_HEADER, length, new Uint8Array(4), Uint8Array.from(this.#octets));
  }

  #number(value: number, bytes: number): this {
    this.#align(bytes);
    for (let i = 0; i < bytes; i++) this.#octets.push((value >>> (8 * i)) & 0xff);
    return this;
  }

  #align(bytes: number): void {
    while (this.#octets.length % bytes !== 0) this.#octets.push(0);
  }
}

/** The octets of a SID (MS-DTYP section 2.4.2.2). */
export function sidOctets(text: string): Uint8Array {
  const [, , authority = "0", ...parts] = text.split("-");
  const octets = new Uint8Array(8 + 4 * parts.length);
  const view = new DataView(octets.buffer);
  view.setUint8(0, 1);
  view.setUint8(1, parts.length);
  // 48 bits, big-endian.
  view.setBigUint64(0, view.getBigUint64(0) | BigInt(authority));
  for (const [i, part] of parts.entries()) view.setUint32(8 + 4 * i, Number(part), true);
  return octets;
}
