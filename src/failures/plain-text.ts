/**
 * What a terminal or the reader of a log would obey: control characters of both sets but tab and newline, marks that
 * turn the direction of writing, line separators, and octets of the second set in text that is not UTF-8.
 */
const OBEYED: RegExp =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|(?<![\ud800-\udbff])[\udc80-\udc9f]/g;
/** Characters of one text in a message, an event or a log. */
const MAX_LENGTH = 8_192;

/** Text in which nothing is obeyed: each such character becomes `?`. */
export function plainText(text: string): string {
  return text.replace(OBEYED, "?");
}

/** The same, cut where it is long: for what may hold any number of strangers' texts. */
export function boundedText(text: string): string {
  return text.length > MAX_LENGTH ? `${plainText(text.slice(0, MAX_LENGTH))}...` : plainText(text);
}

/** An event or record with every text in it so. */
export function plainFields<T extends object>(fields: T): T {
  const plain = Object.entries(fields).map(([name, value]) => [name, plainValue(value)]);
  return Object.fromEntries(plain) as T;
}

function plainValue(value: unknown): unknown {
  if (typeof value === "string") return boundedText(value);
  return Array.isArray(value) ? value.map(plainValue) : value;
}
