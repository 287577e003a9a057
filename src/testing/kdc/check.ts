/* What a caller of the test realm gave, looked at before anything is made of it: a test that asks for nonsense must not pass. */

/**
 * Throws `TypeError` for a value that is not a number, `RangeError` for one that is not whole or outside the bounds.
 */
export function checkWhole(what: string, value: unknown, least: number, most: number): void {
  checkNumber(what, value, least, most);
  if (!Number.isInteger(value)) throw new RangeError(`${what} is ${value}: it must be a whole number`);
}

/** Throws `TypeError` for a value that is not a number, `RangeError` for one outside the bounds and for NaN. */
export function checkNumber(what: string, value: unknown, least: number, most: number): void {
  if (typeof value !== "number") throw new TypeError(`${what} is ${show(value)}: it must be a number`);
  if (!(value >= least && value <= most)) {
    throw new RangeError(`${what} is ${value}: it must be from ${least} to ${most}`);
  }
}

/** Throws `TypeError` for anything but text with at least one character. */
export function checkText(what: string, value: unknown): void {
  if (typeof value !== "string" || value === "") throw new TypeError(`${what} is ${show(value)}: it must be text`);
}

export function checkBoolean(what: string, value: unknown): void {
  if (typeof value !== "boolean") throw new TypeError(`${what} is ${show(value)}: it must be true or false`);
}

/**
 * Throws `RangeError` for a date that KerberosTime has no octets for: its year has four digits (RFC 4120 section
 * 5.2.3).
 */
export function checkDate(what: string, value: unknown): void {
  if (!(value instanceof Date)) throw new TypeError(`${what} is ${show(value)}: it must be a Date`);
  const year = value.getUTCFullYear();
  if (!(year >= 0 && year <= 9999)) throw new RangeError(`${what} is not a valid Date of a year before 10000`);
}

/** Throws `TypeError` for what has no properties. */
export function checkObject(what: string, value: unknown): void {
  if (typeof value !== "object" || value === null)
    throw new TypeError(`${what} is ${show(value)}: it must be an object`);
}

/** A value in a message: by its type where its text could be long, or a secret. */
function show(value: unknown): string {
  if (value === "") return "empty";
  return value === null || value === undefined
    ? `${value}`
    : typeof value === "object"
      ? "an object"
      : `a ${typeof value}`;
}
