// docs/errors.md has a section for each code of the errors, and for nothing else; each says what to do. The words of the command
// line are in a table of docs/troubleshooting.md.

import { describe, expect, it } from "vitest";
import { sectionOf, textOf } from "../support/pages.ts";
import { allCodes } from "../unit/failures/one-of-each.ts";

const page = textOf("docs/errors.md");
const sections = [...page.matchAll(/^### (\w+)\n\n([\s\S]*?)(?=^#{2,3} |(?![\s\S]))/gm)].map(
  ([, code = "", text = ""]) => [code, text] as const,
);

describe("docs/errors.md", () => {
  it("has a section for each code, and for nothing else", () => {
    expect(sections.map(([code]) => code).sort()).toEqual([...allCodes].sort());
  });

  it.each(sections)("%s: says what happened and what to do", (_, text) => {
    expect(text).toMatch(/^[A-Z`][^\n]{15,}\n\n\*\*Do:\*\* [A-Z`"][^\n]{10,}\n/);
  });

  it("has the words of the command line, each leading to a section", () => {
    const source = textOf("src/cli/failure.ts");
    const tables = source.slice(source.indexOf("const byCode"), source.indexOf("function wordsOf"));
    const words = [...tables.matchAll(/"([A-Z][^"]{10,})"|`([A-Z][^`$]{10,})/g)]
      .map(([, plain, start = ""]) => plain ?? start.replace(/[ '"]+$/, ""))
      .filter((text) => !/^KRB|^KDC_|^[A-Z_]+$/.test(text));
    expect(words.length).toBeGreaterThan(15);
    const table = sectionOf("docs/troubleshooting.md", "### The command line's words");
    const rows = [...table.matchAll(/^\| `([^`]+)` \| (.*) \|$/gm)];
    for (const text of words) {
      const row = rows.find(([, said = ""]) => text.includes(said));
      expect([text, row?.[2]]).toEqual([text, expect.stringMatching(/\]\(errors\.md#\w+\)/)]);
    }
  });
});
