import { describe, expect, it } from "vitest";
import { createReplayCache, type ReplayEntry } from "../../../src/krb5/index.ts";

const NOW = Date.UTC(2026, 5, 1, 12, 0, 0);
const entry: ReplayEntry = {
  tag: "aa".repeat(16),
  client: "alice@R",
  share: "alice@R",
  ctime: new Date(NOW),
  cusec: 7,
  keepUntil: new Date(NOW + 300_000),
};

/** The tag with this number. */
const tagOf = (index: number): string => index.toString(16).padStart(32, "0");

describe("the replay cache", () => {
  it("AP14: knows an authenticator by its MAC alone, whatever else is said of it", () => {
    const cache = createReplayCache();
    expect(cache.remember(entry, NOW)).toBe(true);
    for (const other of [
      {},
      { client: "bob@R" },
      { share: "bob@R" },
      { cusec: 8 },
      { ctime: new Date(NOW + 1000) },
      { keepUntil: new Date(NOW + 1_000_000) },
    ]) {
      expect(cache.remember({ ...entry, ...other }, NOW + 1)).toBe(false);
    }
    expect(cache.remember({ ...entry, tag: tagOf(1) }, NOW)).toBe(true);
  });

  it("remembers as long as the authenticator could be accepted, one from the future too, and no longer", () => {
    const cache = createReplayCache({ skewSeconds: 300, maxEntries: 1 });
    const full = () => {
      const made = createReplayCache({ skewSeconds: 300, maxEntries: 1 });
      made.remember(early, NOW);
      return made;
    };
    const early = { ...entry, ctime: new Date(NOW + 300_000), keepUntil: new Date(NOW + 600_000) };
    expect(cache.remember(early, NOW)).toBe(true);
    expect(cache.remember(early, NOW + 600_000)).toBe(false);
    // To the last moment, with a second for rounding, its place is not free.
    expect(full().remember({ ...entry, tag: tagOf(1) }, NOW + 601_000)).toBe("full");
    expect(full().remember({ ...entry, tag: tagOf(1) }, NOW + 601_001)).toBe(true);
    // The one place is free again.
    expect(cache.remember({ ...entry, tag: tagOf(1) }, NOW + 601_001)).toBe(true);
  });

  it("AP14: keeps every entry as long as the acceptor that allows most, from when it knows of it", () => {
    const cache = createReplayCache({ skewSeconds: 10 });
    expect(cache.remember({ ...entry, keepUntil: new Date(NOW + 10_000) }, NOW)).toBe(true);
    expect(cache.remember({ ...entry, tag: tagOf(1), keepUntil: new Date(NOW + 3_600_000) }, NOW)).toBe(true);
    expect(cache.remember(entry, NOW + 3_600_000)).toBe(false);
    expect(cache.remember({ ...entry, tag: tagOf(1) }, NOW + 3_600_000)).toBe(false);
    expect(cache.remember(entry, NOW + 3_602_000)).toBe(true);
  });

  it("AP16: full it refuses, and says so; what it has it keeps", () => {
    const cache = createReplayCache({ maxEntries: 2 });
    for (const index of [1, 2]) {
      expect(cache.remember({ ...entry, tag: tagOf(index), share: `client ${index}` }, NOW)).toBe(true);
    }
    expect(cache.remember({ ...entry, tag: tagOf(3), share: "client 3" }, NOW)).toBe("full");
    for (const index of [1, 2]) expect(cache.remember({ ...entry, tag: tagOf(index) }, NOW)).toBe(false);
    expect(createReplayCache({ maxEntries: 0 }).remember(entry, NOW)).toBe("full");
  });

  it("AP16: one client has half of it at most, and all others still find places", () => {
    const cache = createReplayCache({ maxEntries: 1000 });
    let tags = 0;
    const fill = (share: string): number => {
      for (let taken = 0; ; taken++) {
        if (cache.remember({ ...entry, tag: tagOf(++tags), share }, NOW) !== true) return taken;
      }
    };
    expect(fill("mallory@R")).toBe(500);
    // An eighth of what is left, as it is then.
    expect(fill("@EVIL.TEST")).toBe(55);
    for (let client = 0; client < 50; client++) {
      expect(cache.remember({ ...entry, tag: tagOf(++tags), share: `client ${client}` }, NOW)).toBe(true);
    }
    expect(fill("mallory@R")).toBe(0);
    // Below half full no share binds again.
    expect(
      cache.remember({ ...entry, tag: "later", share: "mallory@R", ctime: new Date(NOW + 400_000) }, NOW + 400_000),
    ).toBe(true);
  });

  it("AP16: of a client whose entries lapse in part, those that are left still count", () => {
    const cache = createReplayCache({ maxEntries: 1000, skewSeconds: 300 });
    let tags = 0;
    const fill = (share: string, most: number, atMs: number): number => {
      const times = { ctime: new Date(NOW + atMs), keepUntil: new Date(NOW + atMs + 300_000) };
      for (let taken = 0; taken < most; taken++) {
        if (cache.remember({ ...entry, ...times, tag: tagOf(++tags), share }, NOW + atMs) !== true) return taken;
      }
      return most;
    };
    expect(fill("mallory@R", 250, 0)).toBe(250);
    expect(fill("mallory@R", 250, 100_000)).toBe(250);
    // The first of mallory's have lapsed; others take what is free up to half.
    for (let client = 0; client < 250; client++) expect(fill(`client ${client}`, 1, 302_000)).toBe(1);
    expect(fill("mallory@R", 1, 302_000)).toBe(0);
  });

  it("looks for what has lapsed once a second at most, whatever way the clock goes", () => {
    const cache = createReplayCache({ skewSeconds: 300, maxEntries: 1 });
    expect(cache.remember(entry, NOW)).toBe(true);
    const next = (ms: number) => cache.remember({ ...entry, tag: tagOf(1) }, NOW + ms);
    // From this look the next is a second away, though the entry lapses between them.
    expect(next(300_500)).toBe("full");
    expect(next(301_400)).toBe("full");
    expect(next(301_500)).toBe(true);
    const back = createReplayCache({ skewSeconds: 300, maxEntries: 1 });
    expect(back.remember(entry, NOW + 301_500)).toBe(true);
    expect(back.remember({ ...entry, tag: tagOf(1) }, NOW + 300_400)).toBe("full");
    expect(back.remember({ ...entry, tag: tagOf(1) }, NOW + 301_300)).toBe("full");
    expect(back.remember({ ...entry, tag: tagOf(1) }, NOW + 301_400)).toBe(true);
  });

  it("AP17: refuses what may have been accepted before it was lost, to one skew after, from whatever clock", () => {
    const cache = createReplayCache({ skewSeconds: 300, lostBefore: new Date(NOW) });
    const at = (ms: number, tag: number) =>
      cache.remember({ ...entry, tag: tagOf(tag), ctime: new Date(NOW + ms), keepUntil: new Date(NOW + ms) }, NOW + ms);
    expect(at(1000, 1)).toBe("lost");
    // A client whose clock was ahead by the skew made it before the loss.
    expect(at(300_000, 2)).toBe("lost");
    expect(at(301_000, 3)).toBe(true);
    expect(at(301_000, 3)).toBe(false);
  });

  it("bounds that are no numbers are the caller's mistake: they would be none", () => {
    for (const name of ["skewSeconds", "maxEntries"]) {
      expect(() => createReplayCache({ [name]: Number.NaN })).toThrow(`${name} is NaN: it must be 0 or more`);
      expect(() => createReplayCache({ [name]: -1 })).toThrow(RangeError);
      expect(() => createReplayCache({ [name]: "x" as never })).toThrow(
        `${name} is a string: it must be a number, 0 or more`,
      );
    }
    expect(() => createReplayCache({ lostBefore: 5 as never })).toThrow("lostBefore is a number");
  });

  it("a full cache costs an attempt no walk over what it has", () => {
    const cache = createReplayCache({ maxEntries: 50_000 });
    for (let index = 0; index < 50_000; index++)
      cache.remember({ ...entry, tag: tagOf(index), share: tagOf(index) }, NOW);
    const answers = new Set<unknown>();
    const startedMs = performance.now();
    for (let index = 0; index < 1000; index++) {
      answers.add(cache.remember({ ...entry, tag: `new ${index}`, share: "mallory@R" }, NOW + index * 10));
    }
    // A walk for each took seconds.
    expect(performance.now() - startedMs).toBeLessThan(500);
    expect([...answers]).toEqual(["full"]);
  });
});
