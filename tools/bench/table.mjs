// The table in docs/performance.md, between two marks.

import fs from "node:fs";
import path from "node:path";
import { ROOT } from "../bootstrap.mjs";

const FROM = "<!-- bench: written by npm run bench -- --write-table -->";
const TO = "<!-- /bench -->";

/**
 * Writes the table; of a run of some workloads, their rows in the place of those that are there.
 * @param {any} report @param {{ isPart: boolean }} options
 */
export function writeTable(report, { isPart }) {
  const file = path.join(ROOT, "docs", "performance.md");
  const text = fs.readFileSync(file, "utf8");
  const start = text.indexOf(FROM);
  const end = text.indexOf(TO);
  if (start < 0 || end < start) throw new Error(`docs/performance.md lacks the marks ${FROM} and ${TO}`);
  const old = text.slice(start + FROM.length + 1, end);
  const table = isPart ? withRows(old, report) : formatTable(report);
  fs.writeFileSync(file, `${text.slice(0, start)}${FROM}\n${table}${text.slice(end)}`);
  console.log("  docs/performance.md: table written");
}

/** @param {string} table @param {any} report */
function withRows(table, report) {
  if (table.includes("`--quick`") !== report.isQuick)
    throw new Error("rows of quick and of full rounds are in one table");
  const titleOf = (/** @type {string} */ line) => line.split(" | ")[0];
  const fresh = new Map(report.results.map((/** @type {any} */ one) => [titleOf(formatRow(one)), formatRow(one)]));
  return table
    .split("\n")
    .map((line) => fresh.get(titleOf(line)) ?? line)
    .join("\n");
}

/** @param {any} r */
function formatRow(r) {
  const verdict = r.isMet === undefined ? "" : r.isMet ? "met" : "**missed**";
  const notes = [verdict, ...(r.isNoisy ? ["wide spread"] : []), ...limitOf(r), ...r.notes].filter(
    (note) => note !== "",
  );
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
