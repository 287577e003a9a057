// Every relative link of the papers in the tarball leads to a file that is in it, and to a heading that it has.

import fs from "node:fs";
import path from "node:path";
import { beforeAll, expect, it } from "vitest";
import { ensurePacked, PROJECT } from "../../tools/pack/project.mjs";

const installed = (...names: string[]) => path.join(PROJECT, "node_modules", "krb5-remctl", ...names);

beforeAll(() => ensurePacked(), 120_000);

/** The Markdown files of the package. */
function papers(): string[] {
  const all = fs.readdirSync(installed(), { recursive: true, encoding: "utf8" });
  return all.filter((file) => file.endsWith(".md"));
}

/** What is written, without blocks of code. */
function prose(file: string): string {
  return fs.readFileSync(installed(file), "utf8").replace(/^```[\s\S]*?^```/gm, "");
}

/** The anchors of a paper's headings, as GitHub and npm make them. */
function anchors(file: string): string[] {
  return [...prose(file).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

it("are there: README, SECURITY, CHANGELOG and the pages of docs", () => {
  expect(papers()).toEqual(
    expect.arrayContaining(["README.md", "SECURITY.md", "CHANGELOG.md", "docs/loading.md", "docs/performance.md"]),
  );
});

it("lead somewhere", () => {
  const broken: string[] = [];
  let links = 0;
  for (const paper of papers()) {
    const targets = [...prose(paper).matchAll(/\]\(([^()\s]+)\)|^\[[^\]]+\]:\s*(\S+)|\b(?:href|src)="([^"]+)"/gm)];
    for (const [, inline, reference, attribute] of targets) {
      const target = inline ?? reference ?? attribute ?? "";
      if (/^[a-z]+:/.test(target)) continue;
      links++;
      const [file = "", anchor] = target.split("#");
      const place = file === "" ? paper : path.join(path.dirname(paper), file);
      if (!fs.existsSync(installed(place))) broken.push(`${paper}: ${target}: no such file`);
      else if (anchor !== undefined && !anchors(place).includes(anchor))
        broken.push(`${paper}: ${target}: no such heading`);
    }
  }
  expect(broken).toEqual([]);
  expect(links).toBeGreaterThan(10);
});
