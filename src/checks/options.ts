import { kindOf } from "./kind.ts";
import { nearest } from "./nearest.ts";
import type { Check } from "./values.ts";

/**
 * A check, with its bounds if it takes some. A list and not a call, so that a bundle leaves out tables that it does not
 * use.
 */
export type Row =
  | Check
  | readonly [(name: string, value: unknown, least: number, most?: number) => void, least: number, most?: number]
  | readonly [(name: string, value: unknown, ...words: readonly string[]) => void, ...words: readonly string[]]
  | readonly [(name: string, value: unknown, check: Check) => void, check: Check];

/** A check for each option of `T`: the compiler says which is missing. */
export type Checks<T> = { readonly [K in keyof T]-?: Row };

/** What to say of names that belong elsewhere, for example `{ dial: "give it to createClient" }`. */
export type OptionHints = Readonly<Record<string, string>>;

/**
 * Checks options by name and value. What is undefined counts as not given.
 *
 * @param of the function whose options they are, for the error
 * @throws TypeError for what is not an object, and for a name that is not known, with the one that was meant; what the
 *   checks throw
 */
export function checkOptions<T extends object>(
  of: string,
  options: T,
  checks: Checks<T>,
  hints: OptionHints = {},
): void {
  const kind = kindOf(options);
  if (kind !== "an object") throw new TypeError(`the options of ${of} are ${kind}: they must be an object`);
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(checks, name) && options[name as keyof T] !== undefined)
      throw unknownName(of, name, checks, hints);
  }
  for (const name in checks) {
    const value = options[name];
    if (value !== undefined) checkRow(name, value, checks[name]);
  }
}

function checkRow(name: string, value: unknown, row: Row): void {
  const [check, ...bounds] = typeof row === "function" ? [row] : row;
  (check as (name: string, value: unknown, ...bounds: readonly unknown[]) => void)(name, value, ...bounds);
}

function unknownName(of: string, name: string, checks: object, hints: OptionHints): TypeError {
  const known = Object.keys(checks);
  // What is not a word is not a name that anyone gave an option: it may be anything.
  const shown = /^[\w$]{1,40}$/.test(name) ? name : "of that name";
  const meant = nearest(name, known);
  const advice = meant.length > 0 ? `did you mean ${meant.join(", ")}?` : `there are ${known.join(", ")}`;
  return new TypeError(`${of} has no option ${shown}: ${Object.hasOwn(hints, name) ? hints[name] : advice}`);
}
