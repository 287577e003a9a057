import { expect, it } from "vitest";
import { versionFit } from "../../../src/krb5/index.ts";

it.each([
  ["the same", 3, 3, 0],
  ["none is asked for", undefined, 7, 0],
  ["0 is asked for, which is none", 0, 7, 0],
  ["the low eight bits of it", 301, 45, 1],
  ["a key of version 0", 3, 0, 2],
  ["a key of no version", 3, undefined, 2],
  ["another", 3, 4, undefined],
  ["the low eight bits of the key's", 45, 301, undefined],
  ["low eight bits that are others", 301, 44, undefined],
])("a key's version fits: %s", (_, wanted, has, fit) => {
  expect(versionFit(wanted, has)).toBe(fit);
});
