// CHANGELOG.md goes by version: what is not released first, then versions with their dates, the newest first.

import { expect, it } from "vitest";
import { textOf } from "../support/pages.ts";

const headings = [...textOf("CHANGELOG.md").matchAll(/^## (.+)$/gm)].map(([, heading = ""]) => heading);
const versions = headings.slice(1).map((heading) => /^(\d+)\.(\d+)\.(\d+) - (\d{4}-\d{2}-\d{2})$/.exec(heading));

it("has what is not released, then each version with its date, the newest first", () => {
  expect(headings[0]).toBe("Unreleased");
  expect(versions.length).toBeGreaterThan(0);
  const order = versions.map((found) => {
    expect(found).not.toBeNull();
    const [, major, minor, patch, date = ""] = found as RegExpExecArray;
    expect(new Date(date).toISOString().slice(0, 10)).toBe(date);
    return [major, minor, patch].map((part) => part?.padStart(5, "0")).join(".");
  });
  expect(order).toEqual([...order].sort().reverse());
});

it("has each line under one of three headings of its version", () => {
  let heading = "";
  const lost: string[] = [];
  for (const line of textOf("CHANGELOG.md").split("\n")) {
    if (line.startsWith("## ")) heading = "";
    if (line.startsWith("### ")) heading = line.slice("### ".length);
    if (line.startsWith("- ") && !["Added", "Changed", "Fixed"].includes(heading)) lost.push(line);
  }
  expect(lost).toEqual([]);
});

it("has the version of package.json as its newest", () => {
  expect(headings[1]?.split(" ")[0]).toBe(JSON.parse(textOf("package.json")).version);
});
