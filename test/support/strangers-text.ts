// Text that does harm where it is shown as it came, and a look for what is left of it.

import { inspect } from "node:util";
import { expect } from "vitest";

/**
 * ESC, BEL, CR, BS, DEL; CSI and OSC of C1; marks of direction; separators. An LF is last: what follows would be a line
 * of a log.
 */
export const EVIL =
  "x\u001b]0;t\u0007\u001b[2K\r\b\u007f\u009b31m\u009d\u202a\u202e\u2066\u2069\u061c\u200f\u2028\nFORGED";
/** What nothing that is shown may have. Lines are what a command line writes. */
const OBEYED =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|(?<![\ud800-\udbff])[\udc80-\udc9f]/;
const LONGEST = 12_000;

/** Every text in a value, fields and causes of errors included. */
function textsOf(value: unknown, depth = 0): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null || depth > 6 || value instanceof Uint8Array) return [];
  const own = value instanceof Error ? [value.message, ...textsOf(value.cause, depth + 1)] : [];
  return [...own, ...Object.values(value).flatMap((one) => textsOf(one, depth + 1))];
}

/** Texts of errors and events: one line each, bounded, and nothing in them that is obeyed. */
export function expectPlain(value: unknown): void {
  const texts = textsOf(value);
  expect(texts.length).toBeGreaterThan(0);
  for (const text of texts) {
    expect(text).not.toMatch(OBEYED);
    expect(text.length).toBeLessThan(LONGEST);
    expect(text).not.toContain("\n");
  }
  if (value instanceof Error) {
    expect(inspect(value)).not.toMatch(OBEYED);
    expect(value.stack).not.toMatch(OBEYED);
    expect(JSON.stringify(value)).not.toMatch(OBEYED);
  }
}

/** What a command wrote: lines, none of which a stranger began. */
export function expectPlainOutput(text: string): void {
  // A tab is a column of klist.
  expect(text.replaceAll("\t", " ")).not.toMatch(OBEYED);
  expect(text).not.toMatch(/^FORGED/m);
}
