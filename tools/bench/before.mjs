// The table of docs/performance.md that holds an early build against this one, measured in turn in one run:
// `npm run bench -- --baseline DIR --commit NAME --write-table`.

import fs from "node:fs";
import path from "node:path";
import { ROOT } from "../bootstrap.mjs";

/** Around the table. @type {import("./table.mjs").Marks} */
export const BEFORE = {
  from: "<!-- before: written by npm run bench -- --baseline DIR --commit NAME --write-table -->",
  to: "<!-- /before -->",
};

/** What the table is made from. */
export const BEFORE_RECORD = path.join(ROOT, "docs", "figures", "bench-before.json");

/**
 * A report as it is kept: what the table shows of each row. Rows that were measured beside a peer, not beside the
 * early build, are left out.
 * @param {any} report @param {{ commit: string, baseline: string }} build
 */
export function beforeRecord({ results, ...rest }, { commit, baseline }) {
  const paired = results.filter((/** @type {any} */ { peer, theirs }) => peer === baseline && theirs !== "");
  const rows = paired.map((/** @type {any} */ row) => ({
    title: row.title,
    before: row.theirs,
    now: row.ours,
    ratio: row.ratio,
    ...(typeof row.figures?.cpuRatio === "number" ? { cpuRatio: row.figures.cpuRatio } : {}),
    isNoisy: row.isNoisy ?? false,
  }));
  return { ...rest, commit, results: rows };
}

/** @param {any} report @param {{ commit: string, baseline: string }} build */
export function writeBefore(report, build) {
  const record = beforeRecord(report, build);
  fs.writeFileSync(BEFORE_RECORD, `${JSON.stringify(record, undefined, 2)}\n`);
  return formatBefore(record);
}

/** @param {any} record */
export function formatBefore({ date, machine, runtime, commit, isQuick, isTrusted, results }) {
  const lines = [
    "",
    `${date}, ${machine.cpu}, ${machine.cores} cores, ${machine.system}; ${runtime.name} ${runtime.version}. Before is commit ${commit}.`,
    "A ratio is the time before over the time now, the median of rounds taken in turn, with its 10th and 90th percentile.",
    ...(isTrusted ? [] : ["The machine was busy with other programs: the ratios by processor time alone can be read."]),
    ...(isQuick ? ["Measured with `--quick`."] : []),
    "",
    "| workload | before | now | ratio | by processor time | |",
    "|---|---|---|---|---|---|",
    ...results.map(formatRow),
    "",
  ];
  return lines.join("\n");
}

/** @param {any} row */
function formatRow({ title, before, now, ratio, cpuRatio, isNoisy }) {
  const cpu = cpuRatio === undefined ? "" : `${cpuRatio.toFixed(2)}x`;
  return `| ${title} | ${before} | ${now} | ${ratio} | ${cpu} | ${isNoisy ? "wide spread" : ""} |`;
}
