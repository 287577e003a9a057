// The list of rows that miss in docs/performance.md: of the record's figures and the reasons beside them.

import { MISSED } from "./missed.mjs";

/** @type {Readonly<Record<import("./missed.mjs").Reason["by"], string>>} */
const WORDS = { peer: "The peer", host: "The host", machine: "The machine", physics: "Physics", ours: "This package" };

/** How a goal's text is judged: what of the row it speaks of, in the units of both. */
const KINDS = [
  { goal: /^([\d.]+)x$/, of: "ratio", got: /^([\d.]+)x/, isLeast: true },
  { goal: /^at most ([\d.]+) ms$/, of: "ours", got: /^([\d.]+) ms/ },
  { goal: /^\+([\d.]+) ms$/, of: "ours", got: /^\+([\d.]+) ms/ },
  { goal: /^at most ([\d.]+) MB$/, of: "ours", got: /^([\d.]+) MB/ },
  { goal: /^at most ([\d.]+) KB$/, of: "ours", got: /^([\d.]+) KB/ },
  { goal: /^([\d.]+) KB gzip$/, of: "ours", got: /^([\d.]+) KB/ },
  { goal: /^under ([\d.]+) µs$/, of: "ours", got: /^([\d.]+) µs/ },
  { goal: /^growth < ([\d.]+) MB$/, of: "notes", got: /memory grew by ([\d.]+) MB/ },
  { goal: /^([\d.]+) of the memory$/, of: "notes", got: /a part of ([\d.]+)/ },
  { goal: /^CPU at most ([\d.]+) times$/, of: "notes", got: /CPU ([\d.]+) times the peer's/ },
];

/**
 * By how much a row misses, goal by goal: `0.25x of 0.3x` and the like.
 * @param {any} row @returns {string[]}
 */
export function shortfalls(row) {
  return row.goal.split(", ").flatMap((/** @type {string} */ goal) => {
    for (const kind of KINDS) {
      const want = kind.goal.exec(goal)?.[1];
      const got = kind.got.exec(kind.of === "notes" ? row.notes.join("; ") : row[kind.of])?.[1];
      if (want === undefined || got === undefined) continue;
      const part = Number(got) / Number(want);
      if (kind.isLeast ? part >= 1 : part <= 1) return [];
      const far = kind.isLeast ? `${Math.max(1, Math.round(100 * (1 - part)))}% short` : `${part.toFixed(1)} times`;
      return [`${got}${kind.isLeast ? "x" : ""} for ${goal}: ${far}`];
    }
    return [];
  });
}

/**
 * What does not fit together: rows that miss without one reason, and reasons whose row does not miss.
 * @param {any} record @param {readonly import("./missed.mjs").Reason[]} [reasons] @returns {string[]}
 */
export function reasonFaults(record, reasons = MISSED) {
  const missed = new Set(record.results.filter((/** @type {any} */ r) => r.isMet === false).map(titleOf));
  const known = new Set(record.results.map(titleOf));
  const given = reasons.flatMap(({ rows }) => rows);
  const times = (/** @type {string} */ title) => given.filter((one) => one === title).length;
  return [
    ...[...missed].filter((title) => times(title) === 0).map((title) => `"${title}" misses without a reason: add one`),
    ...[...new Set(given)].filter((title) => times(title) > 1).map((title) => `"${title}" has two reasons: keep one`),
    ...[...new Set(given)]
      .filter((title) => !missed.has(title))
      .map((title) =>
        known.has(title)
          ? `"${title}" does not miss: its reason is stale, take it out`
          : `"${title}" is no row of the table: correct its name`,
      ),
  ];
}

/** @param {any} row @returns {string} */
function titleOf({ title }) {
  return title;
}

/** The list for the page. @param {any} record */
export function formatMissed(record) {
  const rows = new Map(record.results.map((/** @type {any} */ row) => [row.title, row]));
  const count = record.results.filter((/** @type {any} */ row) => row.isMet === false).length;
  const lines = MISSED.map(({ by, why, tried, rows: titles }) => {
    const list = titles.flatMap((title) => {
      const row = rows.get(title);
      return row?.isMet === false ? [`  - ${title}: ${shortfalls(row).join("; ")}`] : [];
    });
    return list.length === 0 ? "" : [`- ${WORDS[by]}. ${why}`, `  Tried: ${tried}.`, ...list].join("\n");
  });
  return `\n${count} rows miss their goals in the table above:\n\n${lines.filter(Boolean).join("\n")}\n`;
}
