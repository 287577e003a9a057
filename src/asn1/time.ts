import type { DerInput } from "./input.ts";
import type { Schema } from "./schema.ts";
import { GENERALIZED_TIME } from "./tags.ts";

const CONTENTS_BYTES = 15;

/**
 * KerberosTime (RFC 4120 section 5.2.3): a GeneralizedTime of exactly `YYYYMMDDHHMMSSZ`, a date that the calendar has,
 * no leap second. Written without the milliseconds of the Date.
 */
export const kerberosTime: Schema<Date> = {
  tag: GENERALIZED_TIME,
  decode(input, tag) {
    const start = input.at;
    const end = input.header(tag);
    if (end - input.at !== CONTENTS_BYTES || input.octets[end - 1] !== 0x5a) {
      input.fail("a KerberosTime that is not YYYYMMDDHHMMSSZ", start);
    }
    const year = digits(input, 0) * 100 + digits(input, 2);
    const month = digits(input, 4);
    const day = digits(input, 6);
    const hour = digits(input, 8);
    const minute = digits(input, 10);
    const second = digits(input, 12);
    // `Date.UTC` reads years below 100 as of the 20th century.
    const date = new Date(0);
    date.setUTCFullYear(year, month - 1, day);
    date.setUTCHours(hour, minute, second);
    // A Date lets February 30 roll into March, hour 24 into the next day, and second 60 into the next minute.
    const isValid = date.getUTCMonth() === month - 1 && date.getUTCHours() === hour && date.getUTCMinutes() === minute;
    if (!isValid) input.fail("a KerberosTime that is not a valid date", start);
    input.at = end;
    return date;
  },
  encode(output, value, tag) {
    if (!(value instanceof Date)) output.failType("expected a Date");
    const year = value.getUTCFullYear();
    // Also refuses an invalid Date, whose year is NaN.
    if (!(year >= 0 && year <= 9999)) output.fail("a Date whose year does not have four digits");
    const mark = output.written;
    const at = output.room(CONTENTS_BYTES);
    const { buffer } = output;
    const century = Math.floor(year / 100);
    const [month, day] = [value.getUTCMonth() + 1, value.getUTCDate()];
    const [hour, minute, second] = [value.getUTCHours(), value.getUTCMinutes(), value.getUTCSeconds()];
    const pairs = [century, year % 100, month, day, hour, minute, second];
    for (let i = 0; i < pairs.length; i++) {
      const pair = pairs[i] as number;
      buffer[at + 2 * i] = 0x30 + Math.floor(pair / 10);
      buffer[at + 2 * i + 1] = 0x30 + (pair % 10);
    }
    buffer[at + 14] = 0x5a;
    output.header(tag, mark);
  },
};

function digits(input: DerInput, offset: number): number {
  const at = input.at + offset;
  const tens = (input.octets[at] as number) - 0x30;
  const ones = (input.octets[at + 1] as number) - 0x30;
  if (tens < 0 || tens > 9 || ones < 0 || ones > 9)
    input.fail("a KerberosTime with characters that are not digits", at);
  return tens * 10 + ones;
}
