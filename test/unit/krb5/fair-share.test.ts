// Who may take more of what many share: each bound at its edge and one beyond.

import { expect, it } from "vitest";
import { mayTake, type Want } from "../../../src/krb5/fair-share.ts";

const want: Want = { limit: 100, used: 60, own: 1, more: 1, parts: 8 };

it.each<[string, Partial<Want>, boolean]>([
  ["all that is left, by one that has nothing", { own: 0, more: 40 }, true],
  ["more than is left", { own: 0, more: 41 }, false],
  ["to half of all, whatever it has", { used: 49, own: 49 }, true],
  ["to just above half, with more than its part", { used: 50, own: 49 }, false],
  ["exactly its part of what is left", { own: 4 }, true],
  ["more than its part of what is left", { own: 5 }, false],
  ["its part at once", { own: 1, more: 4 }, true],
  ["more than its part at once", { own: 1, more: 5 }, false],
])("above half full, %s: %j", (_, change, may) => {
  expect(mayTake({ ...want, ...change })).toBe(may);
});
