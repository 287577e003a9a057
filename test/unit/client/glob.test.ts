// Patterns of fnmatch(3), as `.k5identity` has them: what glibc's fnmatch says of each pair.

import { expect, it } from "vitest";
import { fitsPattern } from "../../../src/client/credentials/glob.ts";

it.each([
  ["", "", true],
  ["", "a", false],
  ["*", "", true],
  ["*.example.org", "www.example.org", true],
  ["*.example.org", "example.org", false],
  ["a*b*c", "aXbYbZc", true],
  ["a*b*c", "aXbYbZ", false],
  ["a?c", "abc", true],
  ["a?c", "ac", false],
  ["h[a-o]st", "host", true],
  ["h[a-z]st", "host", true],
  ["h[a-n]st", "host", false],
  ["h[!a-o]st", "host", false],
  ["h[^p-z]st", "host", true],
  ["h[]o]st", "h]st", true],
  ["h[o", "h[o", true],
  ["[a-]", "-", true],
  ["\\*", "*", true],
  ["\\*", "a", false],
  ["Host", "host", false],
])("%j of %j: %s", (pattern, text, expected) => {
  expect(fitsPattern(pattern, text)).toBe(expected);
});

it("takes no longer than the product of the two lengths", () => {
  const startedMs = performance.now();
  expect(fitsPattern("*a".repeat(2_000), `${"a".repeat(4_000)}b`)).toBe(false);
  expect(performance.now() - startedMs).toBeLessThan(2_000);
});
