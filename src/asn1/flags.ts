import { setUint32 } from "../bytes/index.ts";
import type { DerInput } from "./input.ts";
import type { Schema } from "./schema.ts";
import { BIT_STRING } from "./tags.ts";

/** Why the bits from `start` to `end` are not DER (X.690 section 11.2.1); undefined if they are. */
export function bitsProblem(octets: Uint8Array, start: number, end: number, unusedBits: number): string | undefined {
  if (unusedBits > 7 || (unusedBits > 0 && end === start)) return `a BIT STRING with ${unusedBits} unused bits`;
  const isPadded = unusedBits > 0 && ((octets[end - 1] as number) & ((1 << unusedBits) - 1)) !== 0;
  return isPadded ? "a BIT STRING whose unused bits are not zero" : undefined;
}

/** Reads the header of a BIT STRING and checks its contents; `at` is then at the octet that counts the unused bits. */
export function bitsHeader(input: DerInput, tag: number): number {
  const end = input.header(tag);
  const { octets, at } = input;
  if (end === at) input.fail("an empty BIT STRING");
  const problem = bitsProblem(octets, at + 1, end, octets[at] as number);
  if (problem !== undefined) input.fail(problem);
  return end;
}

/**
 * KerberosFlags (RFC 4120 section 5.2.8) as an unsigned 32-bit number whose most significant bit is bit 0. Fewer than
 * 32 bits are taken as if zeros followed and more are dropped, as that section wants; always 32 are written.
 */
export const kerberosFlags: Schema<number> = {
  tag: BIT_STRING,
  decode(input, tag) {
    const end = bitsHeader(input, tag);
    const { octets, at } = input;
    let value = 0;
    for (let i = 1; i <= 4; i++) value = (value << 8) | (at + i < end ? (octets[at + i] as number) : 0);
    input.at = end;
    return value >>> 0;
  },
  encode(output, value, tag) {
    if (value !== value >>> 0) output.fail(`${String(value)} is not an unsigned number of 32 bits`);
    const start = output.room(7);
    const { buffer } = output;
    buffer[start] = tag;
    buffer[start + 1] = 5;
    buffer[start + 2] = 0;
    setUint32(buffer, start + 3, value);
  },
};
