import type { DerInput } from "./input.ts";
import type { Schema } from "./schema.ts";
import { GENERALIZED_TIME } from "./tags.ts";

const CONTENTS_BYTES = 15;
const DAY_MS = 86_400_000;

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
    // A Date would let February 30 roll into March, and second 60 into the next minute.
    if (
      month < 1 ||
      month > 12 ||
      day < 1 ||
      day > daysOfMonth(year, month) ||
      hour > 23 ||
      minute > 59 ||
      second > 59
    ) {
      input.fail("a KerberosTime that is not a valid date", start);
    }
    input.at = end;
    return new Date(daysFrom1970(year, month, day) * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000);
  },
  encode(output, value, tag) {
    if (!(value instanceof Date)) output.failType("expected a Date");
    const year = value.getUTCFullYear();
    // Also refuses an invalid Date, whose year is NaN.
    if (!(year >= 0 && year <= 9999)) output.fail("a Date whose year does not have four digits");
    const mark = output.written;
    const at = output.room(CONTENTS_BYTES);
    const { buffer } = output;
    writeDigits(buffer, at, Math.floor(year / 100));
    writeDigits(buffer, at + 2, year % 100);
    writeDigits(buffer, at + 4, value.getUTCMonth() + 1);
    writeDigits(buffer, at + 6, value.getUTCDate());
    writeDigits(buffer, at + 8, value.getUTCHours());
    writeDigits(buffer, at + 10, value.getUTCMinutes());
    writeDigits(buffer, at + 12, value.getUTCSeconds());
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

function writeDigits(buffer: Uint8Array, at: number, value: number): void {
  buffer[at] = 0x30 + Math.floor(value / 10);
  buffer[at + 1] = 0x30 + (value % 10);
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

function daysOfMonth(year: number, month: number): number {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 && isLeap ? 29 : (DAYS[month - 1] as number);
}

/**
 * Days since 1970-01-01 of a date of the Gregorian calendar; `Date.UTC` reads years below 100 as of the 20th century.
 */
function daysFrom1970(year: number, month: number, day: number): number {
  // Years that begin in March put the leap day last.
  const shifted = month < 3 ? year - 1 : year;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const leapDays = Math.floor(shifted / 4) - Math.floor(shifted / 100) + Math.floor(shifted / 400);
  return shifted * 365 + leapDays + dayOfYear - 719_468;
}
