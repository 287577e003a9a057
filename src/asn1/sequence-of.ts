import type { Schema } from "./schema.ts";
import { SEQUENCE } from "./tags.ts";

/** SEQUENCE OF one type. */
export function sequenceOf<T>(item: Schema<T>): Schema<readonly T[]> {
  return {
    tag: SEQUENCE,
    decode(input, tag) {
      const outer = input.end;
      const end = input.header(tag);
      const depth = ++input.depth;
      const values: T[] = [];
      input.end = end;
      while (input.at < end) {
        input.trail[depth] = values.length;
        values.push(item.decode(input, item.tag));
      }
      input.depth = depth - 1;
      input.end = outer;
      return values;
    },
    encode(output, values, tag) {
      if (!Array.isArray(values)) output.failType("expected an array");
      const mark = output.written;
      const depth = ++output.depth;
      for (let i = values.length - 1; i >= 0; i--) {
        output.trail[depth] = i;
        item.encode(output, values[i] as T, item.tag);
      }
      output.depth = depth - 1;
      output.header(tag, mark);
    },
  };
}
