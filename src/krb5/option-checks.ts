import type { Principal } from "./principal.ts";
import { parsePrincipal } from "./principal-text.ts";

/**
 * Checks an option that is a number from 0 to Infinity, or not given. `Number(process.env.UNSET)` is NaN, and to
 * compare with NaN is to compare with nothing. Throws TypeError and RangeError: the caller's mistake.
 */
export function checkNotNegative(name: string, value: number | undefined): void {
  if (value === undefined) return;
  if (typeof value !== "number") throw new TypeError(`${name} is not a number`);
  if (!(value >= 0)) throw new RangeError(`${name} is ${value}: it must be 0 or more`);
}

/**
 * The principal that an option names. Throws TypeError for what is neither text nor a principal: the caller's mistake.
 */
export function principalOf(name: string, value: string | Principal): Principal {
  if (typeof value === "string") return parsePrincipal(value);
  if (typeof value?.realm === "string" && Array.isArray(value.components)) return value;
  throw new TypeError(`${name} is neither text nor a principal`);
}
