import { decodeHex, encodeHex } from "../bytes/index.ts";
import { DER_LIMITS } from "./input.ts";
import { integerHeader } from "./integers.ts";
import type { Schema } from "./schema.ts";
import { INTEGER } from "./tags.ts";

/** An INTEGER of any size up to {@link DER_LIMITS}.maxIntegerBytes: Diffie-Hellman numbers, serial numbers. */
export const bigInteger: Schema<bigint> = {
  tag: INTEGER,
  decode(input, tag) {
    const end = integerHeader(input, tag);
    const { octets, at } = input;
    if (end - at > DER_LIMITS.maxIntegerBytes) {
      input.fail(`an INTEGER longer than ${DER_LIMITS.maxIntegerBytes} octets`);
    }
    input.at = end;
    const contents = octets.subarray(at, end);
    const isNegative = (octets[at] as number) >= 0x80;
    const value = BigInt(`0x${encodeHex(isNegative ? contents.map((octet) => ~octet) : contents)}`);
    return isNegative ? ~value : value;
  },
  encode(output, value, tag) {
    if (typeof value !== "bigint") output.failType("expected a bigint");
    const isNegative = value < 0n;
    // The octets of a negative number are the complement of those of -value - 1 (X.690 section 8.3.3).
    const hex = (isNegative ? ~value : value).toString(16);
    const digits = hex.length % 2 === 0 ? hex : `0${hex}`;
    const contents = decodeHex(digits >= "8" ? `00${digits}` : digits);
    if (contents.length > DER_LIMITS.maxIntegerBytes) {
      output.fail(`an INTEGER longer than ${DER_LIMITS.maxIntegerBytes} octets`);
    }
    const mark = output.written;
    output.bytes(isNegative ? contents.map((octet) => ~octet) : contents);
    output.header(tag, mark);
  },
};
