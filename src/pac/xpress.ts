import type { Reader } from "../bytes/index.ts";

/** Symbols of the Huffman code: 256 octets, and 256 kinds of matches. */
const SYMBOLS = 512;
const MAX_CODE_BITS = 15;
/** After so many octets comes another code. */
const BLOCK_BYTES = 65_536;
const MIN_MATCH = 3;

/** Octets that are made, of a size that is known before. */
class Output {
  readonly octets: Uint8Array;
  at = 0;
  readonly #reader: Reader;

  constructor(size: number, reader: Reader) {
    this.octets = new Uint8Array(size);
    this.#reader = reader;
  }

  get isFull(): boolean {
    return this.at === this.octets.length;
  }

  put(octet: number): void {
    this.octets[this.at++] = octet;
  }

  /** Repeats what was made before; it may be what is being made. */
  repeat(distance: number, length: number): void {
    if (distance > this.at) this.#reader.fail("a match before the first octet");
    if (length > this.octets.length - this.at) this.#reader.fail("more octets than are announced");
    for (let i = 0; i < length; i++) this.put(this.octets[this.at - distance] as number);
  }
}

/** Expands LZ77 with a Huffman code (MS-XCA section 2.2) to exactly `size` octets. Throws DecodeError. */
export function expandHuffman(reader: Reader, size: number): Uint8Array {
  const output = new Output(size, reader);
  while (!output.isFull) {
    const code = new HuffmanCode(reader);
    const bits = new BitReader(reader);
    const end = output.at + BLOCK_BYTES;
    while (!output.isFull && output.at < end) {
      const symbol = code.next(bits);
      if (symbol < 256) {
        output.put(symbol);
        continue;
      }
      const short = symbol & 15;
      const length = short < 15 ? short : longLength(reader);
      const distanceBits = (symbol - 256) >> 4;
      output.repeat((1 << distanceBits) + bits.take(distanceBits), length + MIN_MATCH);
    }
  }
  return output.octets;
}

/** A length of 15 or more: in one octet what is above that, in two or four octets the whole. */
function longLength(reader: Reader): number {
  const more = reader.uint8();
  if (more < 255) return more + 15;
  const length = reader.uint16() || reader.uint32();
  return length < 15 ? reader.fail("a length that a shorter form has") : length;
}

/** Words of 16 bits, the most significant bit first; always 16 bits or more are read ahead (MS-XCA section 2.2.4). */
class BitReader {
  readonly #reader: Reader;
  #bits: number;
  #count = 32;

  constructor(reader: Reader) {
    this.#reader = reader;
    const high = reader.uint16();
    this.#bits = (high << 16) | reader.uint16();
  }

  take(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) {
      value = (value << 1) | (this.#bits >>> 31);
      this.#bits <<= 1;
      // Fifteen bits are left: the next word goes behind them.
      if (--this.#count === 15) {
        this.#bits |= this.#reader.uint16() << 1;
        this.#count = 31;
      }
    }
    return value;
  }
}

/** A canonical Huffman code, of which the lengths are sent: 4 bits a symbol, the even one first. */
class HuffmanCode {
  /** How many codes have a length. */
  readonly #counts = new Uint16Array(MAX_CODE_BITS + 1);
  /** Symbols by length, and by number among those of one. */
  readonly #symbols: readonly number[];
  readonly #reader: Reader;

  constructor(reader: Reader) {
    this.#reader = reader;
    const packed = reader.bytes(SYMBOLS / 2);
    const lengthOf = (symbol: number): number => ((packed[symbol >> 1] as number) >> (4 * (symbol & 1))) & 15;
    const symbols = Array.from({ length: SYMBOLS }, (_, symbol) => symbol).filter((symbol) => lengthOf(symbol) > 0);
    for (const symbol of symbols) (this.#counts[lengthOf(symbol)] as number)++;
    let space = 1;
    for (let length = 1; length <= MAX_CODE_BITS; length++) space = space * 2 - (this.#counts[length] as number);
    if (space !== 0) reader.fail("the lengths of the Huffman code do not make a code");
    // Those of one length stay in their order.
    this.#symbols = symbols.sort((a, b) => lengthOf(a) - lengthOf(b));
  }

  next(bits: BitReader): number {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length <= MAX_CODE_BITS; length++) {
      code |= bits.take(1);
      const count = this.#counts[length] as number;
      if (code - first < count) return this.#symbols[index + code - first] as number;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    return this.#reader.fail("a code without a symbol");
  }
}
