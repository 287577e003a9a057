// The site's menu: every page is in it once, and what it names is there.

import { existsSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { markdownPages } from "../../tools/site/markdown.mjs";
import { anchorOf, MENU, sidebarOf } from "../../tools/site/menu.mjs";

const ROOT = path.resolve(import.meta.dirname, "..", "..");

describe("the menu", () => {
  it("names files that are there, each once", () => {
    const files = MENU.flatMap(({ files }) => files);
    expect(files.filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
    expect(new Set(files).size).toBe(files.length);
  });

  it("has every page", () => {
    const pages = markdownPages();
    const links = sidebarOf(pages).flatMap(({ items }) => items.map(({ link }) => link));
    expect(links.sort()).toEqual(pages.map(({ route }) => route).sort());
  });

  it("puts a page that no head names under More", () => {
    const extra = { file: "docs/new.md", route: "/new", title: "New `page`" };
    expect(sidebarOf([...markdownPages(), extra]).at(-1)).toEqual({
      text: "More",
      items: expect.arrayContaining([{ text: "New page", link: "/new" }]),
    });
  });

  it.each([
    ["WRONG_PASSWORD", "wrong_password"],
    ["From npm `kerberos`", "from-npm-kerberos"],
    ["Deno's permissions", "denos-permissions"],
  ])("the anchor of %s is that of GitHub", (heading, anchor) => expect(anchorOf(heading)).toBe(anchor));
});
