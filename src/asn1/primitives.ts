import { decodeText, encodeText } from "../bytes/index.ts";
import { DER_LIMITS, type DerInput } from "./input.ts";
import type { DerOutput } from "./output.ts";
import type { Schema } from "./schema.ts";

const BOOLEAN = 0x01;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OBJECT_IDENTIFIER = 0x06;
const GENERAL_STRING = 0x1b;

/**
 * Reads an INTEGER of the fewest octets (X.690 section 8.3.2). Its value is exact up to 2^53, which is past the range of every
 * type here; further out it is past it too.
 */
function readInteger(input: DerInput): number {
  const end = input.header(INTEGER);
  const { octets, at } = input;
  const length = end - at;
  if (length === 0) input.fail("an INTEGER of no octets");
  const first = octets[at] as number;
  if (length > 1) {
    const isNextNegative = (octets[at + 1] as number) >= 0x80;
    if ((first === 0 && !isNextNegative) || (first === 0xff && isNextNegative)) {
      input.fail("an INTEGER in more octets than it needs");
    }
  }
  let value = first >= 0x80 ? first - 0x100 : first;
  for (let i = at + 1; i < end; i++) value = value * 0x100 + (octets[i] as number);
  input.at = end;
  return value;
}

function writeInteger(output: DerOutput, value: number): void {
  const mark = output.written;
  let rest = value;
  let octet: number;
  do {
    octet = ((rest % 0x100) + 0x100) % 0x100;
    output.octet(octet);
    rest = (rest - octet) / 0x100;
  } while (rest > 0 || rest < -1 || (rest === 0 && octet >= 0x80) || (rest === -1 && octet < 0x80));
  output.header(INTEGER, mark);
}

function integer(minimum: number, maximum: number, name: string): Schema<number> {
  return {
    decode(input) {
      const start = input.at;
      const value = readInteger(input);
      if (value < minimum || value > maximum) input.fail(`${value} is not in the range of ${name}`, start);
      return value;
    },
    encode(output, value) {
      if (!Number.isInteger(value) || value < minimum || value > maximum) {
        output.fail(`${String(value)} is not an integer in the range of ${name} (${minimum} to ${maximum})`);
      }
      writeInteger(output, value);
    },
  };
}

/** Int32 (RFC 4120 section 5.2.4). */
export const int32: Schema<number> = integer(-0x80000000, 0x7fffffff, "Int32");

/** UInt32 (RFC 4120 section 5.2.4). */
export const uint32: Schema<number> = integer(0, 0xffffffff, "UInt32");

/**
 * A number of 32 bits with the sign that it came with: a nonce. Heimdal's clients send negative ones (it should be a UInt32,
 * RFC 4120 section 5.4.1) and take only the same number back, so that a KDC keeps it as it is.
 */
export const int32OrUint32: Schema<number> = integer(-0x80000000, 0xffffffff, "Int32 or UInt32");

/** A nonce on its way back: written as it came, {@link int32OrUint32}; read as the UInt32 that our own requests have. */
export const uint32Echoed: Schema<number> = { decode: uint32.decode, encode: int32OrUint32.encode };

/** Microseconds (RFC 4120 section 5.2.4): 0 to 999,999. */
export const microseconds: Schema<number> = integer(0, 999_999, "Microseconds");

/**
 * A UInt32 that peers also send as a negative Int32 of the same 32 bits, as RFC 4120 section 5.2.4 expects of old ones
 * (sequence numbers, rule C4) and as MIT krb5 does with key version numbers. The value is unsigned; encoded as UInt32.
 */
export const uint32OrSigned: Schema<number> = {
  decode(input) {
    const start = input.at;
    const value = readInteger(input);
    if (value < -0x80000000 || value > 0xffffffff) input.fail(`${value} is not a number of 32 bits`, start);
    return value >>> 0;
  },
  encode: uint32.encode,
};

/** An INTEGER that has one value: pvno. Anything else is refused both ways. */
export function integerOf(expected: number): Schema<number> {
  return constant(() => expected);
}

/** The INTEGER that equals the number of the APPLICATION tag around it: msg-type (rule A2). */
export const integerOfApplication: Schema<number> = constant((place) => place.application);

function constant(expectedAt: (place: { readonly application: number }) => number): Schema<number> {
  return {
    decode(input) {
      const start = input.at;
      const value = readInteger(input);
      const expected = expectedAt(input);
      if (value !== expected) input.fail(`${value} where only ${expected} is right`, start);
      return value;
    },
    encode(output, value) {
      const expected = expectedAt(output);
      if (value !== expected) output.fail(`${String(value)} where only ${expected} is right`);
      writeInteger(output, value);
    },
  };
}

/** BOOLEAN: FF or 00, nothing else (X.690 section 11.1). */
export const boolean: Schema<boolean> = {
  decode(input) {
    const end = input.header(BOOLEAN);
    if (end - input.at !== 1) input.fail("a BOOLEAN that is not one octet");
    const octet = input.octets[input.at];
    if (octet !== 0 && octet !== 0xff) input.fail("a BOOLEAN that is neither 00 nor FF");
    input.at = end;
    return octet === 0xff;
  },
  encode(output, value) {
    if (typeof value !== "boolean") output.failType("a boolean is wanted");
    const mark = output.written;
    output.octet(value ? 0xff : 0);
    output.header(BOOLEAN, mark);
  },
};

function octetsOf(tag: number, check?: (input: DerInput, end: number) => void): Schema<Uint8Array> {
  return {
    decode(input) {
      const end = input.header(tag);
      check?.(input, end);
      const value = input.octets.subarray(input.at, end);
      input.at = end;
      return value;
    },
    encode(output, value) {
      if (!(value instanceof Uint8Array)) output.failType("a Uint8Array is wanted");
      const mark = output.written;
      output.bytes(value);
      output.header(tag, mark);
    },
  };
}

/** OCTET STRING: a view of the input. */
export const octetString: Schema<Uint8Array> = octetsOf(OCTET_STRING);

/** OBJECT IDENTIFIER as its contents octets: at most 64, so that nothing depends on how arcs are counted. */
export const objectIdentifier: Schema<Uint8Array> = octetsOf(OBJECT_IDENTIFIER, (input, end) => {
  const { octets, at } = input;
  if (end === at) input.fail("an OBJECT IDENTIFIER of no octets");
  if (end - at > DER_LIMITS.maxOidBytes)
    input.fail(`an OBJECT IDENTIFIER longer than ${DER_LIMITS.maxOidBytes} octets`);
  if ((octets[end - 1] as number) >= 0x80) input.fail("an OBJECT IDENTIFIER that ends within an arc");
  for (let i = at; i < end; i++) {
    // X.690 section 8.19.2: an arc takes the fewest octets, so none begins with 80.
    if (octets[i] === 0x80 && (i === at || (octets[i - 1] as number) < 0x80)) {
      input.fail("an arc in more octets than it needs");
    }
  }
});

/** KerberosString (RFC 4120 section 5.2.1): a GeneralString, as text that loses no octet ({@link decodeText}). */
export const kerberosString: Schema<string> = {
  decode(input) {
    const end = input.header(GENERAL_STRING);
    const contents = input.octets.subarray(input.at, end);
    const text = (contents.length <= 64 ? shortAscii(contents) : undefined) ?? decodeText(contents);
    input.at = end;
    return text;
  },
  encode(output, value) {
    if (typeof value !== "string") output.failType("a string is wanted");
    const mark = output.written;
    const { length } = value;
    const start = output.room(length);
    const { buffer } = output;
    let i = 0;
    for (; i < length; i++) {
      const unit = value.charCodeAt(i);
      if (unit >= 0x80) break;
      buffer[start + i] = unit;
    }
    if (i < length) {
      output.drop(length);
      output.bytes(encodeText(value));
    }
    output.header(GENERAL_STRING, mark);
  },
};

/** Names are short and ASCII: without a TextDecoder they take a tenth of the time. */
function shortAscii(octets: Uint8Array): string | undefined {
  for (let i = 0; i < octets.length; i++) if ((octets[i] as number) >= 0x80) return undefined;
  return String.fromCharCode.apply(null, octets as unknown as number[]);
}

/**
 * KerberosFlags (RFC 4120 section 5.2.8) as an unsigned 32-bit number whose most significant bit is bit 0. Fewer than 32
 * bits are taken as if zeros followed and more are dropped, as that section wants; always 32 are written.
 */
export const kerberosFlags: Schema<number> = {
  decode(input) {
    const end = input.header(BIT_STRING);
    const { octets, at } = input;
    if (end === at) input.fail("a BIT STRING of no octets");
    const unused = octets[at] as number;
    if (unused > 7 || (unused > 0 && end - at === 1)) input.fail(`a BIT STRING with ${unused} unused bits`);
    if (unused > 0 && ((octets[end - 1] as number) & ((1 << unused) - 1)) !== 0) {
      input.fail("a BIT STRING whose unused bits are not zero");
    }
    let value = 0;
    for (let i = 1; i <= 4; i++) value = (value << 8) | (at + i < end ? (octets[at + i] as number) : 0);
    input.at = end;
    return value >>> 0;
  },
  encode(output, value) {
    if (value !== value >>> 0) output.fail(`${String(value)} is not an unsigned number of 32 bits`);
    const start = output.room(7);
    const { buffer } = output;
    buffer[start] = BIT_STRING;
    buffer[start + 1] = 5;
    buffer[start + 2] = 0;
    buffer[start + 3] = value >>> 24;
    buffer[start + 4] = value >>> 16;
    buffer[start + 5] = value >>> 8;
    buffer[start + 6] = value;
  },
};
