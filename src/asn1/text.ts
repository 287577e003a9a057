import { decodeText, encodeText } from "../bytes/index.ts";
import type { Schema } from "./schema.ts";
import { GENERAL_STRING } from "./tags.ts";

/** KerberosString (RFC 4120 section 5.2.1): a GeneralString, as text that loses no octet ({@link decodeText}). */
export const kerberosString: Schema<string> = {
  tag: GENERAL_STRING,
  decode(input, tag) {
    const end = input.header(tag);
    const contents = input.octets.subarray(input.at, end);
    const text = (contents.length <= 64 ? shortAscii(contents) : undefined) ?? decodeText(contents);
    input.at = end;
    return text;
  },
  encode(output, value, tag) {
    if (typeof value !== "string") output.failType("expected a string");
    const mark = output.written;
    const { length } = value;
    const start = output.room(length);
    const { buffer } = output;
    let i = 0;
    for (; i < length; i++) {
      const unit = value.charCodeAt(i);
      if (unit >= 0x80) break;
      buffer[start + i] = unit;
    }
    if (i < length) {
      output.drop(length);
      output.bytes(encodeText(value));
    }
    output.header(tag, mark);
  },
};

/** Names are short and ASCII: without a TextDecoder they take a tenth of the time. */
function shortAscii(octets: Uint8Array): string | undefined {
  for (let i = 0; i < octets.length; i++) if ((octets[i] as number) >= 0x80) return undefined;
  return String.fromCharCode.apply(null, octets as unknown as number[]);
}
