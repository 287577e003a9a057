// The README's table of runtimes: every cell leads to a test, and the test is there.

import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

const root = path.join(import.meta.dirname, "../..");
const readme = fs.readFileSync(path.join(root, "README.md"), "utf8");
const section = readme.slice(readme.indexOf("### What each runtime can do"), readme.indexOf("**Deno's permissions.**"));
const rows = section
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| |"))
  .map((line) => line.split(" | ").map((cell) => cell.replace(/^\| ?| ?\|$/g, "").trim()));
const tests = new Map(
  [...section.matchAll(/^\[(t-[\w-]+)\]: (\S+) "(.+)"$/gm)].map(([, name, file, title]) => [
    name as string,
    { file: file as string, title: title as string },
  ]),
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
      expect([cell, tests.has(reference)]).toEqual([cell, true]);
    }
  });

  it.each([...tests])("%s is there, and is used", (name, { file, title }) => {
    expect(section.split(`][${name}]`).length).toBeGreaterThan(1);
    const text = fs.readFileSync(path.join(root, file), "utf8");
    // As a whole string literal, or after what a case is called by.
    const literals = [`"${title}"`, `\`${title}\``, `: ${title}\``];
    expect(literals.some((literal) => text.includes(literal))).toBe(true);
  });
});
