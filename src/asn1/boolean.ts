import type { Schema } from "./schema.ts";
import { BOOLEAN } from "./tags.ts";

/** BOOLEAN: FF or 00, nothing else (X.690 section 11.1). */
export const boolean: Schema<boolean> = {
  tag: BOOLEAN,
  decode(input, tag) {
    const end = input.header(tag);
    if (end - input.at !== 1) input.fail("a BOOLEAN that is not one octet");
    const octet = input.octets[input.at];
    if (octet !== 0 && octet !== 0xff) input.fail("a BOOLEAN that is neither 00 nor FF");
    input.at = end;
    return octet === 0xff;
  },
  encode(output, value, tag) {
    if (typeof value !== "boolean") output.failType("expected a boolean");
    const mark = output.written;
    output.octet(value ? 0xff : 0);
    output.header(tag, mark);
  },
};
