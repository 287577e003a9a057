import { refuse } from "./kind.ts";

/**
 * Checks the value of an option, which is not undefined. Throws TypeError for a value of another kind, RangeError for a
 * number out of its range.
 */
export type Check = (name: string, value: unknown) => void;

/** Text with at least one character. */
export function checkText(name: string, value: unknown): void {
  if (typeof value !== "string" || value === "") refuse(name, value, "a string that is not empty");
}

/** Text, which may be empty. */
export function checkString(name: string, value: unknown): void {
  if (typeof value !== "string") refuse(name, value, "a string");
}

export function checkBoolean(name: string, value: unknown): void {
  if (typeof value !== "boolean") refuse(name, value, "true or false");
}

export function checkFunction(name: string, value: unknown): void {
  if (typeof value !== "function") refuse(name, value, "a function");
}

export function checkOctets(name: string, value: unknown): void {
  if (!(value instanceof Uint8Array)) refuse(name, value, "a Uint8Array");
}

/** A valid date: `new Date("nonsense")` is refused. */
export function checkDate(name: string, value: unknown): void {
  if (!(value instanceof Date)) refuse(name, value, "a Date");
  if (Number.isNaN(value.getTime())) throw new RangeError(`${name} is an invalid Date: it must be a time`);
}

/** Anything with properties, but a list. */
export function checkObject(name: string, value: unknown): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) refuse(name, value, "an object");
}

/** By what is used of it: some hosts have several `AbortSignal` classes. */
export function checkSignal(name: string, value: unknown): void {
  const { aborted, addEventListener } = Object(value) as Partial<AbortSignal>;
  if (typeof aborted !== "boolean" || typeof addEventListener !== "function") refuse(name, value, "an AbortSignal");
}

/** One of a few words. */
export function checkWord(name: string, value: unknown, ...words: readonly string[]): void {
  if (!words.includes(value as string)) refuse(name, value, `one of ${words.map((word) => `"${word}"`).join(", ")}`);
}

/** A list whose values pass a check. */
export function checkList(name: string, value: unknown, check: Check): void {
  if (!Array.isArray(value)) refuse(name, value, "an array");
  // With `forEach` the holes of a list would pass.
  for (const [index, one] of value.entries()) check(`${name}[${index}]`, one);
}

/** An object, or a function, with some methods; those whose name ends in "?" it may lack. */
export function checkMethods(name: string, value: unknown, ...methods: readonly string[]): void {
  const has = Object(value) as Readonly<Record<string, unknown>>;
  const needed = methods.filter((method) => !method.endsWith("?"));
  const missing = needed.find((method) => typeof has[method] !== "function");
  if (missing === undefined) {
    for (const method of methods) {
      const own = method.replace("?", "");
      if (has[own] !== undefined) checkFunction(`${name}.${own}`, has[own]);
    }
    return;
  }
  const expected = `an object with ${needed.map((one) => `${one}()`).join(", ")}`;
  if (typeof value !== "object" || value === null) refuse(name, value, expected);
  throw new TypeError(`${name} has no ${missing}(): it must be ${expected}`);
}
