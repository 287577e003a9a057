// The Markdown of the repository as pages of a site: no link leads nowhere; with CI=true the whole site is built.

import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { markdownPages, prepare } from "../../tools/site/markdown.mjs";
import { describeUnless, peers, useBed, wholeTable } from "../support/live.ts";

const ROOT = path.resolve(import.meta.dirname, "..", "..");
const folder = mkdtempSync(path.join(tmpdir(), "krb5-remctl-docs-"));
afterAll(() => rmSync(folder, { recursive: true }));
const missing = existsSync(path.join(ROOT, "tools", "site", "node_modules", "vitepress"))
  ? ""
  : "tools/site has no node_modules: npm test installs them";

const DEAD = `# Dead

[here](nowhere.md), [there](../README.md), [a heading](#dead), [another](../README.md#install)
![none](none.svg) [below](#below) [far](../README.md#no-heading)

[x]: gone.md
`;

describe("pages in Markdown", () => {
  it("lead nowhere but to each other and to files that are there", () => {
    expect(prepare(markdownPages(), folder)).toEqual([]);
    expect(readdirSync(folder)).toContain("index.md");
  });

  it("sees two pages that some systems take for one", () => {
    const pages = [
      { file: "SECURITY.md", route: "/One", title: "One" },
      { file: "CHANGELOG.md", route: "/one", title: "One" },
    ];
    expect(prepare(pages, folder).filter((problem) => problem.includes("case"))).toEqual([
      "CHANGELOG.md: differs from SECURITY.md in upper and lower case alone: rename it",
    ]);
  });

  it("sees a link that leads nowhere", () => {
    const page = path.join(ROOT, ".cache", "dead-link.md");
    writeFileSync(page, DEAD);
    try {
      const pages = [{ file: ".cache/dead-link.md", route: "/dead", title: "Dead" }];
      expect(prepare(pages, folder).sort()).toEqual([
        ".cache/dead-link.md: #below leads to a page without that heading",
        ".cache/dead-link.md: ../README.md#no-heading leads to a page without that heading",
        ".cache/dead-link.md: gone.md leads nowhere",
        ".cache/dead-link.md: nowhere.md leads nowhere",
        ".cache/dead-link.md: the picture none.svg is not there",
      ]);
    } finally {
      rmSync(page);
    }
  });
});

/** Links of the pages of Markdown to pages that are not there. */
function deadLinks(out: string): string[] {
  return readdirSync(out, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".html") && !file.startsWith("api") && file !== "404.html")
    .flatMap((file) =>
      [...readFileSync(path.join(out, file), "utf8").matchAll(/<a [^>]*href="([^"#:]+\.html)(?:#[^"]*)?"/g)]
        .map(([, target = ""]) => (target.startsWith("/") ? target : `/${path.join(path.dirname(file), target)}`))
        .filter((target) => !existsSync(path.join(out, target)))
        .map((target) => `${file}: ${target}`),
    );
}

describeUnless(missing, "the site", () => {
  describe.runIf(wholeTable)("is built", () => {
    const out = path.join(folder, "site");
    beforeAll(() => promisify(execFile)(process.execPath, ["tools/site/index.mjs", out], { cwd: ROOT }), 900_000);

    it("with both programs, the options and the API", () => {
      expect(readdirSync(out)).toEqual(
        expect.arrayContaining(["index.html", "playground.html", "decoder.html", "options.html", "api"]),
      );
      expect(readFileSync(path.join(out, "options.html"), "utf8")).toContain("RemctlClientOptions");
      expect(existsSync(path.join(out, "api", "functions", "index.createClient.html"))).toBe(true);
      // An error's anchor is its code, as on GitHub.
      expect(readFileSync(path.join(out, "errors.html"), "utf8")).toContain('id="wrong_password"');
      expect(deadLinks(out)).toEqual([]);
    });

    it("so that a page opened from a disk finds its styles and the other pages", () => {
      const page = readFileSync(path.join(out, "migrating", "c-remctl.html"), "utf8");
      expect(page.match(/\s(?:href|src)="\/(?!\/)[^"]*/g)).toBeNull();
      const [, style = ""] = /<link [^>]*stylesheet[^>]*href="([^"]+)"/.exec(page) ?? [];
      expect(existsSync(path.join(out, "migrating", style))).toBe(true);
      expect(readFileSync(path.join(out, "index.html"), "utf8")).toContain("krb5-remctl");
    });

    describeUnless(peers.chromium.reason ?? "", "and looked at", () => {
      const browser = useBed(async () => (await import("../../tools/site/browser.mjs")).startBrowser());

      it("no page is wider than its window, and a heading that is led to is seen", async () => {
        const page = await browser().browser.newPage();
        const wide: string[] = [];
        const pages = readdirSync(out, { recursive: true, encoding: "utf8" }).filter(
          (file) => file.endsWith(".html") && !file.startsWith("api"),
        );
        expect(pages.length).toBeGreaterThan(40);
        for (const width of [360, 1200]) {
          await page.setViewport({ width, height: 900 });
          for (const file of pages) {
            await page.goto(pathToFileURL(path.join(out, file)).href);
            const over = await page.evaluate(
              () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
            );
            if (over > 0) wide.push(`${file} at ${width}: ${over} pixels`);
          }
          await page.goto(`${pathToFileURL(path.join(out, "errors.html")).href}#otp_refused`);
          const covering = await page.$eval("#otp_refused", (heading) => {
            const { left, top } = heading.getBoundingClientRect();
            const upper = document.elementFromPoint(left + 1, top + 1);
            return heading.contains(upper) ? undefined : (upper?.className ?? "nothing");
          });
          expect([width, covering]).toEqual([width, undefined]);
        }
        expect(wide).toEqual([]);
        await page.close();
      }, 180_000);
    });
  });
});
