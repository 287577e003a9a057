// Comments of src and the pages say things in words that are read once. Each pattern here was found in them, and has a
// plainer way of saying the same.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { markdownPages } from "../../../tools/site/markdown.mjs";

const ROOT = path.resolve(import.meta.dirname, "../../..");

const PATTERNS: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\bwhoever\b/i, '"who"'],
  [/\bthere\s+(?:is|are|was|were)\s+(?:no|none|nobody)\b/i, '"without", "is missing", "lacks"'],
  [/\b(?:is|are|was|were)\s+(?:no|none|nobody)\b(?! (?:longer|more|of)\b)/i, '"is not a"'],
  [/\bno such\b/i, '"lacks", "an unknown"'],
  [/\b(?:is|are|was|were)\s+told\b(?! apart)/i, '"hears", "is sent", the verb of who tells'],
  [/\blives on\b/i, '"stays"'],
  [/\bof\s+(?:its|their)\s+own\b/i, '"separate", "new", "another"'],
  [/, as [^.,;:()]{1,40}\s+(?:do|does|did)\b/, '"like"'],
];

/** What a text says that has a plainer way, with the line where it begins. */
function findings(file: string, text: string): string[] {
  return PATTERNS.flatMap(([pattern, instead]) =>
    [...text.matchAll(new RegExp(pattern, `${pattern.flags}g`))].map(
      ({ 0: found, index }) => `${file}:${text.slice(0, index).split("\n").length}: ${found}: say ${instead}`,
    ),
  );
}

/** The comments of a program, each line in its place; sentences go on over lines. */
function commentsOf(source: string): string {
  const kept = source.split("\n").map((line) => /^\s*(?:\/\*\*?|\*\/?|\/\/)(.*)$/.exec(line)?.[1] ?? "");
  return kept.join("\n").replace(/ ?\n ?/g, "\n");
}

/** The words of a page, without its programs and what stands in code. */
function wordsOf(page: string): string {
  return page.replace(/^```[\s\S]*?^```/gm, (block) => block.replace(/[^\n]/g, "")).replace(/`[^`\n]*`/g, "`");
}

describe("plain words", () => {
  it("in the comments of src", () => {
    const files = readdirSync(path.join(ROOT, "src"), { recursive: true, encoding: "utf8" }).filter((file) =>
      file.endsWith(".ts"),
    );
    const found = files.flatMap((file) =>
      findings(`src/${file}`, commentsOf(readFileSync(path.join(ROOT, "src", file), "utf8"))),
    );
    expect(found).toEqual([]);
  });

  it("in the pages", () => {
    const found = markdownPages()
      .filter(({ file }) => !["SECURITY.md", "CHANGELOG.md", "docs/words.md"].includes(file))
      .flatMap(({ file }) => findings(file, wordsOf(readFileSync(path.join(ROOT, file), "utf8"))));
    expect(found).toEqual([]);
  });

  it.each([
    ["/** Whoever calls it. */", "Whoever"],
    ["// undefined if there\n// is none", "there\nis none"],
    ["/** It is no limit, and is no longer used. */", "is no"],
    ["/** There are no such records. */", "There are no"],
    ["// The client is told.", "is told"],
    ["// In a session of its own.", "of its own"],
    ["// Cut where it is full, as remctld does.", ", as remctld does"],
  ])("sees %j", (comment, expected) => {
    expect(findings("a.ts", commentsOf(comment))[0]).toContain(`: ${expected}: say `);
  });
});
