// The pictures of the pages are drawn from what they show, and are not stale: `node tools/pictures/index.mjs` draws them anew.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { loginSteps } from "../../site/pictures/login-steps.ts";
import { BEFORE, BEFORE_RECORD, formatBefore } from "../../tools/bench/before.mjs";
import { COLD, COLD_RECORD, formatCold, stepsOf } from "../../tools/bench/cold-table.mjs";
import { formatMissed } from "../../tools/bench/missed-table.mjs";
import { aroundTable, formatTable, MISSES, RECORD, withRows } from "../../tools/bench/table.mjs";
import { roomGraph } from "../../tools/layers/graph.mjs";
import { loginPicture } from "../../tools/pictures/login.mjs";
import { plotsOf, ratiosOf } from "../../tools/pictures/plots.mjs";
import { roomsPicture } from "../../tools/pictures/rooms.mjs";
import { textOf } from "../support/pages.ts";
import { sourceFolder } from "../unit/tools/source-folder.ts";

const ROOT = path.resolve(import.meta.dirname, "..", "..");
const STALE = "it is stale: node tools/pictures/index.mjs draws it anew";
const record = JSON.parse(readFileSync(RECORD, "utf8"));
const figure = (name: string): string => textOf(`docs/figures/${name}`);
const all = readdirSync(path.join(ROOT, "docs", "figures")).filter((name) => name.endsWith(".svg"));

describe("pictures", () => {
  it("rooms.svg is what src imports", () => {
    expect(figure("rooms.svg"), STALE).toBe(roomsPicture(roomGraph(path.join(ROOT, "src"))));
  });

  it("rooms: a new import is a new arrow, and one that others lead to is not drawn", () => {
    const index = "/** A room. */\nexport {};\n";
    const rooms = { "krb5/index.ts": index, "asn1/index.ts": index, "client/index.ts": index };
    const drawn = (files: Record<string, string>): string => {
      using folder = sourceFolder({ ...rooms, ...files });
      return roomsPicture(roomGraph(folder.src));
    };
    const before = drawn({});
    const after = drawn({ "krb5/codec.ts": 'import "../asn1/index.ts";\n' });
    expect([before.includes("krb5 imports asn1"), after.includes("krb5 imports asn1")]).toEqual([false, true]);
    const longer = drawn({
      "krb5/codec.ts": 'import "../asn1/index.ts";\n',
      "client/as.ts": 'import "../asn1/index.ts";\nimport "../krb5/index.ts";\n',
    });
    expect(longer).toContain("client imports krb5.");
  });

  it("login.svg has the messages of a login", async () => {
    expect(figure("login.svg"), STALE).toBe(loginPicture(await loginSteps()));
  });

  it("the table and the plots of the performance page are those of the bench's record", () => {
    expect(aroundTable(textOf("docs/performance.md")).table, STALE).toBe(formatTable(record));
    for (const [name, text] of Object.entries(plotsOf(record))) expect(figure(name), STALE).toBe(text);
    expect(ratiosOf(record.results).length).toBeGreaterThan(40);
  });

  it("the table of before and now is that of its record", () => {
    const stale = "it is stale: npm run bench -- --baseline DIR --commit NAME --write-table writes it anew";
    const rows = JSON.parse(readFileSync(BEFORE_RECORD, "utf8"));
    expect(aroundTable(textOf("docs/performance.md"), BEFORE).table, stale).toBe(formatBefore(rows));
  });

  it("the table of a cold command's milliseconds is that of its record, and its steps make up the whole", () => {
    const stale = "it is stale: node tools/bench/cold.mjs --write writes it anew";
    const cold = JSON.parse(readFileSync(COLD_RECORD, "utf8"));
    expect(aroundTable(textOf("docs/cold-starts.md"), COLD).table, stale).toBe(formatCold(cold));
    for (const { title, steps, total } of cold.rows) {
      const sum = Object.values<number>(steps).reduce((all, step) => all + step, 0);
      expect(sum, title).toBeCloseTo(total, 3);
    }
    expect(cold.rows).toHaveLength(9);
  });

  it("a step is the time from the mark before, the mean of the middle third of processes; one that a host does not tell is left out", () => {
    const rounds = [90, 0, 10].map((more) => ({
      started: 100,
      imported: 110,
      loggedIn: 130 + more,
      answered: 240 + more,
    }));
    expect(stepsOf(rounds).steps).toEqual({ imported: 10, loggedIn: 30, answered: 110 });
    expect(stepsOf(rounds).total).toBe(150);
  });

  it("the list of rows that miss is made of the record and of their reasons", () => {
    const stale = "it is stale: npm run bench -- --write-reasons writes it anew";
    expect(aroundTable(textOf("docs/performance.md"), MISSES).table, stale).toBe(formatMissed(record));
  });

  it("a run of some rows takes the places of those that are there, and leaves its rounds out", () => {
    const [first] = record.results;
    const fresh = { ...first, ratio: "9x (8x to 10x)", figures: { wallMs: [1] } };
    const { isQuick } = record;
    const machine = { ...record.machine, system: "another" };
    const report = { isQuick, date: "2030-01-02", machine, results: [fresh, { ...fresh, title: "new" }] };
    const merged = withRows(record, report);
    // The day and the machine are those of the last run; the rows of before say their day.
    expect(formatTable(merged)).toMatch(/^\n2030-01-02, .*another/);
    expect(merged.results[1].measured).toBe(record.date);
    expect(withRows(merged, { ...report, results: [] }).results[1].measured).toBe(record.date);
    expect(
      formatTable(merged)
        .split("\n")
        .filter((line) => line.includes(`measured ${record.date}`)),
    ).toHaveLength(record.results.length - 1);
    expect(merged.results).toHaveLength(record.results.length + 1);
    expect(merged.results[0]).toEqual({ ...first, ratio: "9x (8x to 10x)" });
    expect(plotsOf(merged)["bench-ratios.svg"]).not.toBe(figure("bench-ratios.svg"));
    expect(() => withRows(record, { isQuick: !record.isQuick, results: [] })).toThrow("in one table");
  });

  it.each(all)(
    "%s: has a title and a description, colours for light and dark, and stands in a page with words",
    (name) => {
      const text = figure(name);
      expect(text).toMatch(/^<svg [^>]*role="img" aria-labelledby="title text">\n<title id="title">[^<]{10,}<\/title>/);
      expect(text).toMatch(/<desc id="text">[^<]{50,}<\/desc>/);
      expect(text).toContain("prefers-color-scheme: dark");
      // A picture of a page runs nothing and asks nobody.
      expect(text).not.toMatch(/<script|href=|url\((?!#)|@import/);
      const pages = ["docs/architecture.md", "docs/performance.md"].map(textOf).join("\n");
      expect(pages).toMatch(new RegExp(`!\\[[^\\]]{30,}\\]\\(figures/${name}\\)`));
    },
  );
});
