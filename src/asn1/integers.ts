import type { DerInput } from "./input.ts";
import type { DerOutput } from "./output.ts";
import type { Schema } from "./schema.ts";
import { INTEGER } from "./tags.ts";

/**
 * Reads the header of an INTEGER and checks that its contents are the fewest octets (X.690 section 8.3.2); gives their
 * end.
 */
export function integerHeader(input: DerInput, tag: number): number {
  const end = input.header(tag);
  const { octets, at } = input;
  if (end === at) input.fail("an empty INTEGER");
  if (end - at > 1) {
    const first = octets[at];
    const isNextNegative = (octets[at + 1] as number) >= 0x80;
    if ((first === 0 && !isNextNegative) || (first === 0xff && isNextNegative)) {
      input.fail("an INTEGER in more octets than it needs");
    }
  }
  return end;
}

/**
 * Reads an INTEGER. Its value is exact up to 2^53, which is past the range of every type here; what is larger stays
 * larger.
 */
function readInteger(input: DerInput, tag: number): number {
  const end = integerHeader(input, tag);
  const { octets, at } = input;
  const first = octets[at] as number;
  let value = first >= 0x80 ? first - 0x100 : first;
  for (let i = at + 1; i < end; i++) value = value * 0x100 + (octets[i] as number);
  input.at = end;
  return value;
}

function writeInteger(output: DerOutput, value: number, tag: number): void {
  const mark = output.written;
  let rest = value;
  let octet: number;
  do {
    octet = ((rest % 0x100) + 0x100) % 0x100;
    output.octet(octet);
    rest = (rest - octet) / 0x100;
  } while (rest > 0 || rest < -1 || (rest === 0 && octet >= 0x80) || (rest === -1 && octet < 0x80));
  output.header(tag, mark);
}

function integer(minimum: number, maximum: number, name: string): Schema<number> {
  return {
    tag: INTEGER,
    decode(input, tag) {
      const start = input.at;
      const value = readInteger(input, tag);
      if (value < minimum || value > maximum) input.fail(`${value} is not in the range of ${name}`, start);
      return value;
    },
    encode(output, value, tag) {
      if (!Number.isInteger(value) || value < minimum || value > maximum) {
        output.fail(`${String(value)} is not an integer in the range of ${name} (${minimum} to ${maximum})`);
      }
      writeInteger(output, value, tag);
    },
  };
}

/** Int32 (RFC 4120 section 5.2.4). */
export const int32: Schema<number> = integer(-0x80000000, 0x7fffffff, "Int32");

/** UInt32 (RFC 4120 section 5.2.4). */
export const uint32: Schema<number> = integer(0, 0xffffffff, "UInt32");

/**
 * A number of 32 bits with the sign that it came with: a nonce. Heimdal's clients send negative ones (it should be a
 * UInt32, RFC 4120 section 5.4.1) and take only the same number back, so that a KDC keeps it as it is.
 */
export const int32OrUint32: Schema<number> = integer(-0x80000000, 0xffffffff, "Int32 or UInt32");

/**
 * A nonce on its way back: written as it came, {@link int32OrUint32}; read as the UInt32 that our own requests have.
 */
export const uint32Echoed: Schema<number> = {
  tag: uint32.tag,
  decode: uint32.decode,
  encode: int32OrUint32.encode,
};

/** Microseconds (RFC 4120 section 5.2.4): 0 to 999,999. */
export const microseconds: Schema<number> = integer(0, 999_999, "Microseconds");

/**
 * A UInt32 that peers also send as a negative Int32 of the same 32 bits, as RFC 4120 section 5.2.4 expects of old ones
 * (sequence numbers, rule C4) and as MIT krb5 does with key version numbers. The value is unsigned; encoded as UInt32.
 */
export const uint32OrSigned: Schema<number> = {
  tag: uint32.tag,
  decode(input, tag) {
    const start = input.at;
    const value = readInteger(input, tag);
    if (value < -0x80000000 || value > 0xffffffff) input.fail(`${value} is not a number of 32 bits`, start);
    return value >>> 0;
  },
  encode: uint32.encode,
};

/** An INTEGER that has one value: pvno. Any other is refused both ways. */
export function integerOf(expected: number): Schema<number> {
  return constant(() => expected);
}

/** The INTEGER that equals the number of the APPLICATION tag around it: msg-type (rule A2). */
export const integerOfApplication: Schema<number> = constant((place) => place.application);

function constant(expectedAt: (place: { readonly application: number }) => number): Schema<number> {
  return {
    tag: INTEGER,
    decode(input, tag) {
      const start = input.at;
      const value = readInteger(input, tag);
      const expected = expectedAt(input);
      if (value !== expected) input.fail(`${value} where only ${expected} is right`, start);
      return value;
    },
    encode(output, value, tag) {
      const expected = expectedAt(output);
      if (value !== expected) output.fail(`${String(value)} where only ${expected} is right`);
      writeInteger(output, value, tag);
    },
  };
}
