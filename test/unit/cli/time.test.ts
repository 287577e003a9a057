import { describe, expect, it } from "vitest";
import { parseLifetime, parseStartTime } from "../../../src/cli/time.ts";

const now = new Date(2026, 10, 23, 12, 0, 0).getTime();

describe("times on a command line", () => {
  it.each([
    ["10h", 36_000],
    ["1d12h", 129_600],
    ["8:00:00", 28_800],
    ["600", 600],
    ["0", undefined],
    ["0:00", undefined],
    ["-1h", undefined],
    ["foo", undefined],
    ["", undefined],
  ])("reads the lifetime %j", (text, seconds) => expect(parseLifetime(text)).toBe(seconds));

  it.each([
    ["20261124143000", new Date(2026, 10, 24, 14, 30, 0)],
    ["2026.11.24.14.30.05", new Date(2026, 10, 24, 14, 30, 5)],
    ["261124143000", new Date(2026, 10, 24, 14, 30, 0)],
    ["2611241430", new Date(2026, 10, 24, 14, 30, 0)],
    // What reads as a span is one.
    ["143005", new Date(now + 143_005_000)],
    ["0130", new Date(now + 130_000)],
    ["013000", new Date(now + 13_000_000)],
    ["5400", new Date(now + 5_400_000)],
    ["01:30", new Date(now + 5_400_000)],
    ["14:30:00", new Date(now + 52_200_000)],
    ["-20m", new Date(now - 1_200_000)],
    ["0", undefined],
    ["11/24/26:14:30:00", new Date(2026, 10, 24, 14, 30, 0)],
    ["24-Nov-2026:14:30", new Date(2026, 10, 24, 14, 30, 0)],
    ["991231235959", new Date(1999, 11, 31, 23, 59, 59)],
    ["1h", new Date(now + 3_600_000)],
    ["90", new Date(now + 90_000)],
    ["20261324143000", undefined],
    ["24-Foo-2026:14:30", undefined],
    ["soon", undefined],
  ])("reads the start time %j", (text, date) => expect(parseStartTime(text, now)).toEqual(date));
});
