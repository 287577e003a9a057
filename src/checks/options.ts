import { kindOf, refuse } from "./kind.ts";
import { meant, nearest } from "./nearest.ts";
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

/** What to say of a name that belongs elsewhere, for example that `dial` is an option of createClient. */
export type OptionHint = (name: string) => string | undefined;

/** Tells of names that are options of another function, written rightly or nearly so. `own` are those of this one. */
export function optionElsewhere(where: string, names: readonly string[], own: object): OptionHint {
  return (name) => {
    if (names.includes(name)) return `it is an option of ${where}: give it there`;
    if (nearest(name, Object.keys(own)).length > 0) return undefined;
    const near = nearest(name, names);
    return near.length > 0 ? `did you mean ${near.join(", ")}, an option of ${where}?` : undefined;
  };
}

/**
 * Checks options by name and value. What is undefined counts as not given.
 *
 * @param of the function whose options they are, for the error
 * @throws TypeError for what is not an object, and for a name that is not known, with the one that was meant; what the
 *   checks throw
 */
export function checkOptions<T extends object>(of: string, options: T, checks: Checks<T>, hint?: OptionHint): void {
  const kind = kindOf(options);
  if (kind !== "an object") throw new TypeError(`the options of ${of} are ${kind}: they must be an object`);
  checkNames(of, options, checks, hint);
  checkValues(options, checks);
}

function checkNames<T extends object>(of: string, options: T, checks: Checks<T>, hint?: OptionHint): void {
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(checks, name) && options[name as keyof T] !== undefined)
      throw unknownName(of, name, checks, hint);
  }
}

/** Checks the values of options whose names have been checked, or that others share. What is undefined passes. */
export function checkValues<T extends object>(options: T, checks: Checks<T>): void {
  for (const name in checks) {
    const value = options[name];
    if (value !== undefined) checkRow(name, value, checks[name]);
  }
}

/** Checks options that must be given, of which {@link checkOptions} has checked those that are. */
export function checkRequired<T extends object>(
  options: T,
  checks: Checks<T>,
  ...names: readonly (keyof T & string)[]
): void {
  for (const name of names) if (options[name] === undefined) checkRow(name, undefined, checks[name]);
}

/**
 * Checks an option that is an object with options in turn, or one of a list.
 *
 * @param nameOf what errors call one of its options. Default: `path.name`
 */
export function checkPart<T extends object>(
  path: string,
  value: unknown,
  checks: Checks<T>,
  nameOf: (name: string) => string = (name) => `${path}.${name}`,
): void {
  if (kindOf(value) !== "an object") refuse(path, value, "an object");
  checkNames(path, value as T, checks);
  for (const name in checks) {
    const one = (value as T)[name];
    if (one !== undefined) checkRow(nameOf(name), one, checks[name]);
  }
}

function checkRow(name: string, value: unknown, row: Row): void {
  if (typeof row === "function") {
    row(name, value);
    return;
  }
  const [check, ...bounds] = row;
  (check as (name: string, value: unknown, ...bounds: readonly unknown[]) => void)(name, value, ...bounds);
}

function unknownName(of: string, name: string, checks: object, hint: OptionHint | undefined): TypeError {
  const known = Object.keys(checks);
  // What is not a word is not a name that anyone gave an option: it may be anything.
  const shown = /^[\w$]{1,40}$/.test(name) ? name : "of that name";
  return new TypeError(`${of} has no option ${shown}: ${hint?.(name) ?? meant(name, known)}`);
}
