import type { Reader } from "../bytes/index.ts";

/** Symbols of the Huffman code: 256 octets, and 256 kinds of matches. */
const SYMBOLS = 512;
const MAX_CODE_BITS = 15;
/** After so many octets comes another code. */
const BLOCK_BYTES = 65_536;
const MIN_MATCH = 3;

/** Takes so many bits. */
type Bits = (count: number) => number;

/** Expands LZ77 with a Huffman code (MS-XCA section 2.2) to exactly `size` octets. Throws DecodeError. */
export function expandHuffman(reader: Reader, size: number): Uint8Array {
  const made = new Uint8Array(size);
  let at = 0;
  while (at < size) {
    const nextSymbol = readCode(reader);
    const take = readBits(reader);
    const end = Math.min(at + BLOCK_BYTES, size);
    while (at < end) {
      const symbol = nextSymbol(take);
      if (symbol < 256) {
        made[at++] = symbol;
        continue;
      }
      const short = symbol & 15;
      const length = MIN_MATCH + (short < 15 ? short : longLength(reader));
      const distanceBits = (symbol - 256) >> 4;
      const distance = (1 << distanceBits) + take(distanceBits);
      if (distance > at) reader.fail("a match before the first octet");
      if (length > size - at) reader.fail("more octets than are announced");
      // It may repeat what it is making.
      for (const until = at + length; at < until; at++) made[at] = made[at - distance] as number;
    }
  }
  return made;
}

/** A length of 15 or more: in one octet what is above that, in two or four octets the whole. */
function longLength(reader: Reader): number {
  const more = reader.uint8();
  if (more < 255) return more + 15;
  const length = reader.uint16() || reader.uint32();
  return length < 15 ? reader.fail("a length that a shorter form has") : length;
}

/** Words of 16 bits, the most significant bit first; always 16 bits or more are read ahead (MS-XCA section 2.2.4). */
function readBits(reader: Reader): Bits {
  let ahead = (reader.uint16() << 16) | reader.uint16();
  let left = 32;
  return (count) => {
    let value = 0;
    for (let i = 0; i < count; i++) {
      value = (value << 1) | (ahead >>> 31);
      ahead <<= 1;
      // Fifteen bits are left: the next word goes behind them.
      if (--left === 15) {
        ahead |= reader.uint16() << 1;
        left = 31;
      }
    }
    return value;
  };
}

/** A canonical Huffman code, of which the lengths are sent: 4 bits a symbol, the even one first. */
function readCode(reader: Reader): (take: Bits) => number {
  const packed = reader.bytes(SYMBOLS / 2);
  const lengthOf = (symbol: number): number => ((packed[symbol >> 1] as number) >> (4 * (symbol & 1))) & 15;
  /** Symbols by length, those of one length in their order. */
  const byLength: readonly number[][] = Array.from({ length: MAX_CODE_BITS + 1 }, () => []);
  for (let symbol = 0; symbol < SYMBOLS; symbol++) byLength[lengthOf(symbol)]?.push(symbol);
  const codes = byLength.slice(1);
  if (codes.reduce((space, { length }) => space * 2 - length, 1) !== 0)
    reader.fail("the lengths of the Huffman code do not make a code");
  return (take) => {
    let code = 0;
    for (const symbols of codes) {
      code = (code << 1) | take(1);
      // The codes of a length are the lowest; what is above them begins the longer ones.
      if (code < symbols.length) return symbols[code] as number;
      code -= symbols.length;
    }
    return reader.fail("a code without a symbol");
  };
}
