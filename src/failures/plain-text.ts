/**
 * What a terminal or the reader of a log would obey: control characters of both sets but tab and newline, marks that
 * turn the direction of writing, line separators, and octets of the second set in text that is not UTF-8.
 */
const OBEYED: RegExp =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|(?<![\ud800-\udbff])[\udc80-\udc9f]/g;
/** Characters of one text in a message, an event or a log. */
const MAX_LENGTH = 8_192;

/** Text in which nothing is obeyed: each such character becomes `?`. Its lines stay. */
export function plainText(text: string): string {
  return String(text).replace(OBEYED, "?");
}

/**
 * The same in one line, cut where it is long: for what may hold any number of strangers' texts. An error's message that
 * is not text becomes text: to make an error must not fail.
 */
export function plainLine(given: string): string {
  const text = String(given);
  const shown = text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}...` : text;
  return plainText(shown).replace(/[\t\n]/g, " ");
}

/** A value with every text in it so: an event, the fields of an error. Objects of a class stay as they are. */
export function plain<T>(value: T): T {
  if (typeof value === "string") return plainLine(value) as T;
  if (Array.isArray(value)) return value.map(plain) as T;
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain<unknown>(one)])) as T;
}
