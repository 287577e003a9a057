import { describe, expect, it } from "vitest";
import { createReplayCache, type ReplayEntry } from "../../../src/krb5/index.ts";

const NOW = Date.UTC(2026, 5, 1, 12, 0, 0);
const entry: ReplayEntry = { service: "host/a@R", client: "alice@R", ctime: new Date(NOW), cusec: 7, tag: "aa" };

describe("the replay cache", () => {
  it("remembers an authenticator, and none that differs in any field", () => {
    const cache = createReplayCache();
    expect(cache.remember(entry, NOW)).toBe(true);
    expect(cache.remember({ ...entry }, NOW + 1)).toBe(false);
    for (const other of [
      { service: "host/b@R" },
      { client: "bob@R" },
      { ctime: new Date(NOW + 1000) },
      { cusec: 8 },
      { tag: "ab" },
      { service: "host/a@R\nalice@R", client: "" },
    ]) {
      expect(cache.remember({ ...entry, ...other }, NOW)).toBe(true);
    }
  });

  it("remembers as long as the authenticator could be accepted, one from the future too, and no longer", () => {
    const cache = createReplayCache({ skewSeconds: 300, maxEntries: 1 });
    const early = { ...entry, ctime: new Date(NOW + 300_000) };
    expect(cache.remember(early, NOW)).toBe(true);
    expect(cache.remember(early, NOW + 600_000)).toBe(false);
    // The one place is free again.
    expect(cache.remember(entry, NOW + 601_001)).toBe(true);
  });

  it("refuses what it cannot remember", () => {
    const cache = createReplayCache({ maxEntries: 2 });
    expect(cache.remember({ ...entry, cusec: 1 }, NOW)).toBe(true);
    expect(cache.remember({ ...entry, cusec: 2 }, NOW)).toBe(true);
    expect(cache.remember({ ...entry, cusec: 3 }, NOW)).toBe(false);
  });

  it("bounds that are no numbers are the caller's mistake: they would be none", () => {
    for (const name of ["skewSeconds", "maxEntries"]) {
      expect(() => createReplayCache({ [name]: Number.NaN })).toThrow(`${name} is NaN: it must be 0 or more`);
      expect(() => createReplayCache({ [name]: -1 })).toThrow(RangeError);
      expect(() => createReplayCache({ [name]: "x" as never })).toThrow(
        `${name} is a string: it must be a number, 0 or more`,
      );
    }
  });
});
