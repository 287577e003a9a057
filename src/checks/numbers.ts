import { refuse } from "./kind.ts";

/**
 * A number within bounds; without `most`, Infinity is allowed. `Number(process.env.UNSET)` is NaN, and to compare with
 * NaN is to compare with nothing: it is refused.
 */
export function checkNumber(
  name: string,
  value: unknown,
  least: number,
  most: number = Number.POSITIVE_INFINITY,
): void {
  const expected = most === Number.POSITIVE_INFINITY ? `${least} or more` : `from ${least} to ${most}`;
  if (typeof value !== "number") refuse(name, value, `a number, ${expected}`);
  if (!(value >= least && value <= most)) throw new RangeError(`${name} is ${value}: it must be ${expected}`);
}

/** A number above a bound; Infinity is allowed. */
export function checkAbove(name: string, value: unknown, bound: number): void {
  if (typeof value !== "number") refuse(name, value, `a number above ${bound}`);
  if (value > bound) return;
  throw new RangeError(`${name} is ${value}: it must be above ${bound}; leave it out for the default`);
}

/** A whole number within bounds. */
export function checkWhole(name: string, value: unknown, least: number, most: number = Number.MAX_SAFE_INTEGER): void {
  const bounds = most === Number.MAX_SAFE_INTEGER ? `, ${least} or more` : ` from ${least} to ${most}`;
  if (typeof value !== "number") refuse(name, value, `a whole number${bounds}`);
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`${name} is ${value}: it must be a whole number${bounds}`);
}

/** A whole number of at least `least`, or Infinity. */
export function checkWholeOrInfinity(name: string, value: unknown, least: number): void {
  if (value !== Number.POSITIVE_INFINITY) checkWhole(name, value, least);
}
