import { parseDuration } from "./duration.ts";
import { badValue, type Relation } from "./profile.ts";

const yes = new Set(["y", "yes", "true", "t", "1", "on"]);
const no = new Set(["n", "no", "false", "nil", "0", "off"]);

/** A boolean by the words that libkrb5 knows, in any case; undefined for any other text. */
export function parseBoolean(text: string): boolean | undefined {
  const word = text.toLowerCase();
  return yes.has(word) ? true : no.has(word) ? false : undefined;
}

/** The value of a relation as a boolean. Throws ConfigError. */
export function booleanOf(relation: Relation): boolean {
  const value = parseBoolean(relation.value);
  if (value === undefined) throw badValue(relation, "true or false");
  return value;
}

/** A number of 32 bits, decimal as in libkrb5, or hexadecimal as its manual writes it; undefined for any other text. */
export function parseFlagBits(text: string): number | undefined {
  const value = /^(?:\d{1,10}|0x[0-9a-f]{1,8})$/i.test(text) ? Number(text) : Number.NaN;
  return value <= 0xffffffff ? value : undefined;
}

/** A span of time without the text behind it, which libkrb5 reads over (it does not know it as a comment). */
export function plainDuration(text: string): string {
  return text.split(/[#;]/, 1)[0]?.trimEnd() ?? "";
}

/** The value of a relation as an integer of 31 bits. Throws ConfigError. */
export function integerOf(relation: Relation): number {
  const value = /^-?\d{1,10}$/.test(relation.value) ? Number(relation.value) : Number.NaN;
  if (!(Math.abs(value) <= 0x7fffffff)) throw badValue(relation, "an integer");
  return value;
}

/** The value of a relation as a span of time, not negative, in seconds. Throws ConfigError. */
export function durationOf(relation: Relation): number {
  const value = parseDuration(plainDuration(relation.value));
  if (value === undefined || value < 0) throw badValue(relation, "a duration, for example 300, 1h30m or 10:00:00");
  return value;
}
