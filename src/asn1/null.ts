import type { Schema } from "./schema.ts";
import { NULL } from "./tags.ts";

/** NULL: no contents (X.690 section 8.8.2). */
export const nullValue: Schema<null> = {
  tag: NULL,
  decode(input, tag) {
    if (input.header(tag) !== input.at) input.fail("a NULL with contents");
    return null;
  },
  encode(output, value, tag) {
    if (value !== null) output.failType("expected null");
    output.header(tag, output.written);
  },
};
