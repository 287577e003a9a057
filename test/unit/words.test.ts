// docs/words.md: what `--help` and messages said before, and what they say now. The right column is what the code says.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { sectionOf } from "../support/pages.ts";

const SRC = path.resolve(import.meta.dirname, "..", "..", "src");

/** One line, with texts that are put together of several as one. */
const folded = (text: string): string =>
  text
    .replace(/["`]\s*\+\s*["`]/g, "")
    .replace(/\\"/g, '"')
    .replace(/\s+/g, " ");

const code = folded(
  readdirSync(SRC, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(path.join(SRC, file), "utf8"))
    .join("\n"),
);

/** A cell of several lines has ` / ` between them. */
const linesOf = (cell: string): readonly string[] =>
  cell
    .replaceAll("\\|", "|")
    .split(" / ")
    .map((line) => folded(line).trim());

const rowsOf = (heading: string): readonly (readonly [before: string, now: string])[] =>
  sectionOf("docs/words.md", heading)
    .split("\n")
    .filter((line) => /^\| (?!before \|)/.test(line))
    .map((line) => line.slice(2, -2).split(" | ") as [string, string]);

const tables = { "## Help texts": 40, "## The 60 most frequent messages": 60 } as const;

describe.each(Object.entries(tables))("docs/words.md, %s", (heading, least) => {
  const rows = rowsOf(heading);

  it("has its rows, each once", () => {
    expect(rows.length).toBeGreaterThanOrEqual(least);
    expect(new Set(rows.map(([before]) => before)).size).toBe(rows.length);
    expect(rows.filter((row) => row.length !== 2 || row.includes(""))).toEqual([]);
  });

  it("says now what the code says", () => {
    expect(rows.flatMap(([, now]) => linesOf(now)).filter((line) => !code.includes(line))).toEqual([]);
  });

  it("says before what the code says no more", () => {
    // A few words may stand in another sentence.
    const kept = ([before]: readonly [string, string]): boolean =>
      before.length > 15 && linesOf(before).every((line) => code.includes(line));
    expect(rows.filter(kept)).toEqual([]);
  });
});
