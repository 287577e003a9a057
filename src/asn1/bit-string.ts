import { bitsHeader, bitsProblem } from "./flags.ts";
import type { BitString } from "./inference.ts";
import type { Schema } from "./schema.ts";
import { BIT_STRING } from "./tags.ts";

/** BIT STRING: `octets` is a view of the input. */
export const bitString: Schema<BitString> = {
  tag: BIT_STRING,
  decode(input, tag) {
    const end = bitsHeader(input, tag);
    const { octets, at } = input;
    input.at = end;
    return { octets: octets.subarray(at + 1, end), unusedBits: octets[at] as number };
  },
  encode(output, value, tag) {
    const { octets, unusedBits } = value ?? {};
    if (!(octets instanceof Uint8Array)) output.failType("octets must be a Uint8Array");
    if (unusedBits !== unusedBits >>> 0) output.fail("unusedBits must be a number from 0 to 7");
    const problem = bitsProblem(octets, 0, octets.length, unusedBits);
    if (problem !== undefined) output.fail(problem);
    const mark = output.written;
    output.bytes(octets);
    output.octet(unusedBits);
    output.header(tag, mark);
  },
};
