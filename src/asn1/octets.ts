import type { DerInput } from "./input.ts";
import type { Schema } from "./schema.ts";
import { OBJECT_IDENTIFIER, OCTET_STRING } from "./tags.ts";

function octetsOf(own: number, check?: (input: DerInput, end: number) => void): Schema<Uint8Array> {
  return {
    tag: own,
    decode(input, tag) {
      const end = input.header(tag);
      check?.(input, end);
      const value = input.octets.subarray(input.at, end);
      input.at = end;
      return value;
    },
    encode(output, value, tag) {
      if (!(value instanceof Uint8Array)) output.failType("expected a Uint8Array");
      const mark = output.written;
      output.bytes(value);
      output.header(tag, mark);
    },
  };
}

/** OCTET STRING: a view of the input. */
export const octetString: Schema<Uint8Array> = octetsOf(OCTET_STRING);

/** OBJECT IDENTIFIER as its contents octets: at most 64, so that nothing depends on how arcs are counted. */
export const objectIdentifier: Schema<Uint8Array> = octetsOf(OBJECT_IDENTIFIER, (input, end) => input.checkOid(end));
