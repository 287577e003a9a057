import { wipe } from "../bytes/index.ts";
import { type Schema, walkDer } from "./schema.ts";
import { type Field, sequence } from "./sequence.ts";
import { checkTags } from "./sequence-check.ts";
import { sequenceOf } from "./sequence-of.ts";
import { CONSTRUCTED, SET } from "./tags.ts";

/** SET: a {@link sequence} whose fields have the order of their tags, class first, then number (X.690 section 10.3). */
export function set(fields: readonly Field[]): Schema<unknown> {
  const order = ({ schema, explicitTag }: Field): number => (explicitTag ?? schema.tag) & ~CONSTRUCTED;
  const untagged = fields.find(({ schema, explicitTag }) => explicitTag === undefined && schema.tag === 0);
  if (untagged !== undefined) throw new TypeError(`${untagged.key}: a CHOICE or ANY in a SET needs a tag`);
  const { decode, encode } = sequence(
    [...fields].sort((a, b) => order(a) - order(b)),
    checkTags,
  );
  return { tag: SET, decode, encode };
}

/**
 * SET OF one type: elements in ascending order of their octets (X.690 section 11.6), checked when read, sorted when
 * written.
 */
export function setOf<T>(item: Schema<T>): Schema<readonly T[]> {
  const list = sequenceOf(item);
  return {
    tag: SET,
    decode(input, tag) {
      const start = input.at;
      const values = list.decode(input, tag);
      const elements = elementsOf(input.octets.subarray(start, input.at));
      for (let i = 1; i < elements.length; i++) {
        const element = elements[i] as Uint8Array;
        if (compare(elements[i - 1] as Uint8Array, element) > 0) {
          input.fail(`element ${i} of a SET OF is less than the one before it`, start);
        }
      }
      return values;
    },
    encode(output, values, tag) {
      const mark = output.written;
      list.encode(output, values, tag);
      const octets = output.take(mark);
      const descending = elementsOf(octets).sort((a, b) => compare(b, a));
      for (const element of descending) output.bytes(element);
      output.header(tag, mark);
      wipe(octets);
    },
  };
}

/** The elements within an element. */
function elementsOf(octets: Uint8Array): Uint8Array[] {
  const elements: Uint8Array[] = [];
  let at = 0;
  walkDer(octets, (_, depth, start, end) => {
    if (depth === 0) at = start;
    if (depth !== 1) return;
    elements.push(octets.subarray(at, end));
    at = end;
  });
  return elements;
}

/**
 * No element is the beginning of another one, so that the zeros with which X.690 fills up the shorter one decide
 * nothing.
 */
function compare(a: Uint8Array, b: Uint8Array): number {
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  return (a[i] ?? -1) - (b[i] ?? -1);
}
