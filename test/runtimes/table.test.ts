// The table of docs/runtimes.md: every cell leads to a test by way of the page's lower half, and the test is there.

import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

const root = path.join(import.meta.dirname, "../..");
const page = fs.readFileSync(path.join(root, "docs/runtimes.md"), "utf8");
const section = page.slice(0, page.indexOf("## The tests"));
const rows = section
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| |"))
  .map((line) => line.split(" | ").map((cell) => cell.replace(/^\| ?| ?\|$/g, "").trim()));
/** What docs/runtimes.md says of each cell's test, by heading. */
const sections = new Map(
  [...page.matchAll(/^### ([\w-]+)\n\n`([^`]+)`: "(.+)"$/gm)].map(([, name = "", file = "", title = ""]) => [
    name,
    { file, title },
  ]),
);
const references = new Map(
  [...section.matchAll(/^\[(t-[\w-]+)\]: #(\S+)$/gm)].map(([, name = "", heading = ""]) => [name, heading]),
);

describe("the table of runtimes", () => {
  it("has every row and column", () => {
    expect(section.match(/^\| \| .*$/m)?.[0]).toBe(
      "| | Node 20.19, 22, 24 | Deno 2 | Bun 1 | Workers | only `fetch` |",
    );
    expect(rows.length).toBeGreaterThanOrEqual(10);
  });

  it.each(rows.map(([name = "", ...cells]) => [name, cells] as const))("%s: each cell names a test", (name, cells) => {
    // A freeze is of a process on a machine of one's own.
    const wanted = name.startsWith("frozen") ? 1 : 5;
    const filled = cells.filter((cell) => cell !== "" && cell !== "|");
    expect(filled.length).toBe(wanted);
    for (const cell of filled) {
      const [, reference = ""] = /\]\[(t-[\w-]+)\]/.exec(cell) ?? [];
      expect([cell, sections.has(references.get(reference) ?? "")]).toEqual([cell, true]);
    }
  });

  it("leads to every heading of the page, and each is used", () => {
    expect([...references.values()].sort()).toEqual([...sections.keys()].sort());
    for (const name of references.keys()) expect(section, name).toContain(`][${name}]`);
  });

  it.each([...sections])("%s: the test is there", (_, { file, title }) => {
    const text = fs.readFileSync(path.join(root, file), "utf8");
    // As a whole string literal, or after what a case is called by.
    const literals = [`"${title}"`, `\`${title}\``, `: ${title}\``];
    expect(literals.some((literal) => text.includes(literal))).toBe(true);
  });
});
