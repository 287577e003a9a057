// The table of docs/cold-starts.md that says what a Worker's bundle is made of: filled in from the bundles, or compared.

import { attribute } from "./attribution.mjs";

const HEAD = /^\| room \| .*\n\|[-|]+\n/m;
const GOALS = /They are not reached: \d+ and \d+ KB\./;
/** A comma in a message is no news. */
const TOLERANCE_KB = 0.25;

/** @typedef {{ text: string, map: string, gzip: number }} Bundle */

/**
 * The page with the figures of now, and what was wrong in it: a figure, a room in no row, a row without a room.
 *
 * @param {string} page in Markdown
 * @param {Bundle[]} bundles one for each column of figures
 * @returns {{ page: string, problems: string[] }}
 */
export function bundleTable(page, bundles) {
  const head = HEAD.exec(page);
  if (head === null) return { page, problems: ["the table of rooms is missing"] };
  const start = head.index + head[0].length;
  const length = page.slice(start).search(/^(?!\|)/m);
  const rows = page
    .slice(start, start + length)
    .trimEnd()
    .split("\n");
  /** @type {string[]} */
  const problems = [];
  const named = rows.map((row) => [...(row.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, room]) => room ?? ""));
  const columns = bundles.map(({ text, map }) => {
    /** @type {Set<string>} */
    const strangers = new Set();
    const parts = attribute(text, map, (module) => {
      const room = roomOf(module);
      const at = named.findIndex((rooms) => rooms.includes(room));
      // What a bundler adds, and the program itself.
      if (at < 0 && !/^[?<]/.test(room)) strangers.add(room);
      return String(at);
    });
    for (const room of strangers) problems.push(`the table of rooms has no row for ${room}`);
    return new Map(parts.map(({ part, gzip }) => [part, gzip / 1000]));
  });
  const filled = rows.map((row, at) => {
    const cells = row.split(" | ");
    for (const [column, sizes] of columns.entries()) {
      const now = sizes.get(String(at)) ?? 0;
      const said = Number.parseFloat(cells[column + 1] ?? "");
      if (!(Math.abs(said - now) <= TOLERANCE_KB)) {
        problems.push(
          `the table of rooms says ${cells[column + 1]} of ${cells[0]?.slice(2)}: it is ${now.toFixed(1)} KB`,
        );
      }
      cells[column + 1] = now < 0.05 ? "0" : `${now.toFixed(1)} KB`;
    }
    return cells.join(" | ");
  });
  const totals = bundles.map(({ gzip }) => Math.ceil(gzip / 1000)).join(" and ");
  const goals = `They are not reached: ${totals} KB.`;
  if (!page.includes(goals)) problems.push(`the page does not say: ${goals}`);
  const whole = `${page.slice(0, start)}${filled.join("\n")}\n${page.slice(start + length)}`;
  return { page: whole.replace(GOALS, goals), problems };
}

/** `krb5` of `src/krb5/principal.ts`, `@noble/hashes`, `trace`. @param {string} module */
function roomOf(module) {
  const [first = "", second = ""] = module.split("/");
  if (first === "node_modules") return module.split("/").slice(1, 3).join("/");
  return first === "src" ? second.replace(/\.ts$/, "") : module.split("/").slice(0, 2).join("/");
}
