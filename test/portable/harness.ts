// No test framework: this runs where there is none. A case is a name and a function that throws when it fails.

import { encodeHex } from "../../src/bytes/index.ts";

export interface Case {
  readonly name: string;
  readonly run: () => unknown;
}

/** What a run of the suite tells; plain JSON. */
export interface Report {
  /** Of the adapter that the library chose. */
  readonly adapter: string;
  /** The crypto provider that it chose. */
  readonly provider: string;
  /** The names of the cases that passed, in order. */
  readonly passed: readonly string[];
  readonly failures: readonly { readonly name: string; readonly error: string }[];
  readonly milliseconds: number;
}

/** One text for equal values: octets in hexadecimal, dates as they are, members in the order of their names. */
function inWords(value: unknown): string {
  if (value instanceof Uint8Array) return `octets:${encodeHex(value)}`;
  if (value instanceof Date) return `date:${value.toISOString()}`;
  if (typeof value === "bigint") return `${value}n`;
  if (Array.isArray(value)) return `[${value.map(inWords).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "undefined";
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${name}:${inWords(member)}`).join()}}`;
}

export function equal(actual: unknown, expected: unknown): void {
  const [found, wanted] = [inWords(actual), inWords(expected)];
  if (found !== wanted) throw new Error(`${found.slice(0, 300)} is not ${wanted.slice(0, 300)}`);
}

/** As {@link equal}, for many octets. */
export function same(actual: Uint8Array, expected: Uint8Array): void {
  const at = actual.length === expected.length ? actual.findIndex((octet, index) => octet !== expected[index]) : -2;
  if (at !== -1) throw new Error(`${actual.length} octets are not the ${expected.length} expected, from ${at} on`);
}

/** That something throws or rejects with an error that has these members. */
export async function refuses(run: () => unknown, members: Readonly<Record<string, unknown>>): Promise<Error> {
  let result: unknown;
  try {
    result = await run();
  } catch (error) {
    if (!(error instanceof Error)) throw new Error("what was thrown is no Error");
    const found = Object.fromEntries(Object.keys(members).map((name) => [name, error[name as keyof Error]]));
    if (inWords(found) !== inWords(members)) {
      throw new Error(`${inWords(found)} is not ${inWords(members)}: ${error.message}`, { cause: error });
    }
    return error;
  }
  throw new Error(`nothing was thrown; it gave ${inWords(result).slice(0, 100)}`);
}
