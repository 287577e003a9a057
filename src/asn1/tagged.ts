import type { Schema } from "./schema.ts";
import { APPLICATION, CLASS, CONSTRUCTED, NUMBER } from "./tags.ts";

/**
 * An explicit tag around a type: an element that holds the type's own. `own` is CONTEXT or APPLICATION with the number.
 */
export function explicit<T>(own: number, inner: Schema<T>): Schema<T> {
  const outside = own | CONSTRUCTED;
  const isApplication = (own & CLASS) === APPLICATION;
  return {
    tag: outside,
    decode(input, tag) {
      const outer = input.end;
      const before = input.application;
      const end = input.header(tag);
      input.end = end;
      if (isApplication) input.application = own & NUMBER;
      const value = inner.decode(input, inner.tag);
      if (input.at !== end) input.fail("octets after the value");
      input.application = before;
      input.end = outer;
      return value;
    },
    encode(output, value, tag) {
      const mark = output.written;
      const before = output.application;
      if (isApplication) output.application = own & NUMBER;
      inner.encode(output, value, inner.tag);
      output.application = before;
      output.header(tag, mark);
    },
  };
}

/**
 * An IMPLICIT tag: the identifier octet `own` in place of the type's, with the form (primitive or constructed) that the
 * type has.
 */
export function implicit<T>(own: number, { tag, alternatives, decode, encode }: Schema<T>): Schema<T> {
  // X.680 section 31.2.7.
  if (alternatives !== undefined) throw new TypeError("a CHOICE or ANY has no tag that an IMPLICIT one could replace");
  return { tag: own | (tag & CONSTRUCTED), decode, encode };
}

/** A decoded value with the octets it was read from. */
type WithOctets<T> = T & { readonly octets: Uint8Array };

/**
 * A type whose decoded value keeps its DER octets in `octets`, which encoding writes back: a Ticket needs this, since
 * its signature or seal is over these octets. The property is not enumerable, so that a copy with another field
 * (`{ ...ticket, realm }`) loses the octets and is encoded from its fields, and no JSON shows them.
 */
export function withOctets<T extends object>(inner: Schema<T>): Schema<WithOctets<T>> {
  return {
    ...inner,
    decode(input, tag) {
      const start = input.at;
      const value = inner.decode(input, tag);
      Object.defineProperty(value, "octets", { value: input.octets.subarray(start, input.at) });
      return value as WithOctets<T>;
    },
    encode(output, value, tag) {
      if (typeof value !== "object" || value === null) output.failType("expected an object");
      const { octets } = value as { readonly octets?: unknown };
      if (octets instanceof Uint8Array) output.bytes(octets);
      else inner.encode(output, value, tag);
    },
  };
}
