// The table in docs/performance.md, between two marks, and the record that it and the plots are made from.

import fs from "node:fs";
import path from "node:path";
import { ROOT } from "../bootstrap.mjs";
import { plotsOf } from "../pictures/plots.mjs";
import { BEFORE, writeBefore } from "./before.mjs";
import { formatMissed, reasonFaults } from "./missed-table.mjs";

/** @typedef {{ from: string, to: string }} Marks */

/** Around the table. @type {Marks} */
const TABLE = { from: "<!-- bench: written by npm run bench -- --write-table -->", to: "<!-- /bench -->" };
/** Around the list of rows that miss. @type {Marks} */
export const MISSES = { from: "<!-- misses: written by npm run bench -- --write-reasons -->", to: "<!-- /misses -->" };
const PAGE = path.join(ROOT, "docs", "performance.md");

/** What the table and the plots are made from. */
export const RECORD = path.join(ROOT, "docs", "figures", "bench.json");

/**
 * Writes the record, the table and the plots; of a run of some workloads, their rows in the place of those that are there.
 * @param {any} report @param {{ isPart: boolean }} options
 */
export function writeTable(report, { isPart }) {
  const { before, after } = aroundTable(fs.readFileSync(PAGE, "utf8"));
  const record = isPart ? withRows(JSON.parse(fs.readFileSync(RECORD, "utf8")), report) : recordOf(report);
  fs.writeFileSync(RECORD, `${JSON.stringify(record, undefined, 2)}\n`);
  fs.writeFileSync(PAGE, `${before}${formatTable(record)}${after}`);
  for (const [name, text] of Object.entries(plotsOf(record))) {
    fs.writeFileSync(path.join(path.dirname(RECORD), name), text);
  }
  console.log("  docs/performance.md: table and plots written");
  writeReasons();
}

/** Writes the table that holds an early build against this one. @param {any} report @param {{ commit: string, baseline: string }} build */
export function writeBeforeTable(report, build) {
  const { before, after } = aroundTable(fs.readFileSync(PAGE, "utf8"), BEFORE);
  fs.writeFileSync(PAGE, `${before}${writeBefore(report, build)}${after}`);
  console.log("  docs/performance.md: the table of before and now written");
}

/** Writes the list of rows that miss anew, of the record and the reasons, and says which do not fit together. */
export function writeReasons() {
  const record = JSON.parse(fs.readFileSync(RECORD, "utf8"));
  const { before, after } = aroundTable(fs.readFileSync(PAGE, "utf8"), MISSES);
  fs.writeFileSync(PAGE, `${before}${formatMissed(record)}${after}`);
  for (const fault of reasonFaults(record)) console.log(`  tools/bench/missed.mjs: ${fault}`);
}

/**
 * Why a run cannot go into the table; undefined: it can.
 * @param {{ runtime?: string | undefined, baseline?: string | undefined, commit?: string | undefined, isQuick: boolean, isPart: boolean }} run
 */
export function tableObstacle({ runtime, baseline, commit, isQuick, isPart }) {
  if (runtime !== "node") return "--write-table writes the table of Node: leave out --runtime";
  if (baseline !== undefined) {
    return commit === undefined ? "--write-table with --baseline names that build: add --commit NAME" : undefined;
  }
  if (commit !== undefined) return "--commit names the build of --baseline: add --baseline DIR";
  if (isPart && JSON.parse(fs.readFileSync(RECORD, "utf8")).isQuick !== isQuick) {
    return "rows of quick and of full rounds do not go into one table: name no workloads, or measure them as the table was";
  }
  return undefined;
}

/** The page before, within and after the marks. @param {string} text @param {Marks} [marks] */
export function aroundTable(text, marks = TABLE) {
  const start = text.indexOf(marks.from);
  const end = text.indexOf(marks.to);
  if (start < 0 || end < start) throw new Error(`the page lacks the marks ${marks.from} and ${marks.to}`);
  const from = start + marks.from.length + 1;
  return { before: text.slice(0, from), table: text.slice(from, end), after: text.slice(end) };
}

/** A report without the times of its rounds. @param {any} report */
function recordOf({ results, ...rest }) {
  return { ...rest, results: results.map((/** @type {any} */ { figures: _, ...row }) => row) };
}

/** @param {any} record @param {any} report */
export function withRows(record, report) {
  if (record.isQuick !== report.isQuick) throw new Error("rows of quick and of full rounds are in one table");
  const { results: rows, ...run } = recordOf(report);
  const fresh = new Map(rows.map((/** @type {any} */ row) => [row.title, row]));
  // What is older than the table's date says so.
  const old = record.date === run.date ? {} : { measured: record.date };
  const results = record.results.map((/** @type {any} */ row) => fresh.get(row.title) ?? { ...old, ...row });
  const isNew = (/** @type {any} */ { title }) => !record.results.some((/** @type {any} */ row) => row.title === title);
  return { ...record, ...run, results: [...results, ...[...fresh.values()].filter(isNew)] };
}

/** @param {any} r */
function formatRow(r) {
  const verdict = r.isMet === undefined ? "" : r.isMet ? "met" : "**missed**";
  const notes = [verdict, ...(r.isNoisy ? ["wide spread"] : []), ...limitOf(r), ...r.notes].filter(
    (note) => note !== "",
  );
  if (r.measured !== undefined) notes.push(`measured ${r.measured}`);
  return `| ${r.title} | ${r.ours} | ${[r.peer, r.theirs].filter(Boolean).join(": ")} | ${r.ratio} | ${r.goal} | ${notes.join("; ").replaceAll("|", "\\|").replaceAll("\n", " ")} |`;
}

/** Of what missed: what it would take. @param {any} r */
function limitOf({ isMet, limit }) {
  return isMet === false && limit !== undefined ? [`limit: ${limit.why}`] : [];
}

/** @param {any} report */
export function formatTable(report) {
  const { machine, runtime, peers, date, provider } = report;
  const lines = [
    "",
    `${date}, ${machine.cpu}, ${machine.cores} cores, ${machine.system}; ${runtime.name} ${runtime.version}, provider ${provider}; peers: ${peers}.`,
    "A ratio is the peer's time over ours, the median of rounds taken in turn, with its 10th and 90th percentile.",
    ...(report.isTrusted ? [] : ["The machine was busy with other programs: these figures are not to be trusted."]),
    ...(report.isQuick ? ["Measured with `--quick`."] : []),
    "",
    "| workload | ours | peer | ratio | goal | |",
    "|---|---|---|---|---|---|",
    ...report.results.map(formatRow),
    "",
  ];
  return `${lines.join("\n")}`;
}
