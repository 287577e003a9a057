import { type Schema, walkDer } from "./schema.ts";

/** ANY: one element of any type as its DER octets, a view of the input, well-formed all the way down. */
export const any: Schema<Uint8Array> = {
  tag: 0,
  alternatives: [],
  decode(input) {
    const start = input.at;
    input.passOver();
    return input.octets.subarray(start, input.at);
  },
  encode(output, value) {
    if (!(value instanceof Uint8Array)) output.failType("expected a Uint8Array");
    try {
      walkDer(value);
    } catch {
      output.fail("the octets are not the DER of one element");
    }
    output.bytes(value);
  },
};
