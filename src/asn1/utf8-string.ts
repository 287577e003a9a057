import { decodeUtf8, encodeText } from "../bytes/index.ts";
import type { Schema } from "./schema.ts";
import { UTF8_STRING } from "./tags.ts";

/** UTF8String: octets that are not UTF-8 are refused, and so is a string that UTF-8 cannot hold. */
export const utf8String: Schema<string> = {
  tag: UTF8_STRING,
  decode(input, tag) {
    const end = input.header(tag);
    try {
      const text = decodeUtf8(input.octets.subarray(input.at, end));
      input.at = end;
      return text;
    } catch {
      return input.fail("a UTF8String that is not UTF-8");
    }
  },
  encode(output, value, tag) {
    if (typeof value !== "string") output.failType("expected a string");
    if (/\p{Surrogate}/u.test(value)) output.fail("a string with half a surrogate pair, which UTF-8 cannot hold");
    const mark = output.written;
    output.bytes(encodeText(value));
    output.header(tag, mark);
  },
};
