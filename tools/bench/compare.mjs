// Two runs of the bench beside each other: what became dearer, and what cheaper, by more than the rounds of either differ.

import { formatRate } from "./bench.mjs";

/** The least change that counts: the same build differs from itself by 1 to 3% on a quiet machine. */
const LEAST = 0.05;
/** The least change of processor time that counts on a busy machine, where wall time tells of the others' work. */
const LEAST_BUSY = 0.2;

/**
 * @typedef {object} Change
 * @property {string} title
 * @property {number} before nanoseconds of an operation
 * @property {number} after
 * @property {number} change of the time, as a part of the earlier one: 0.1 is a tenth more
 * @property {number} [cpuChange] likewise, of the processor's time
 * @property {number} judged the one of the two that is believed: the processor's where either machine was busy
 * @property {boolean} isClear whether it is more than the rounds of either run differ
 */

/**
 * Each row that both runs have and that has a time.
 * @param {{ results: any[], isTrusted?: boolean }} before @param {{ results: any[], isTrusted?: boolean }} after @returns {Change[]}
 */
export function changesOf(before, after) {
  const earlier = new Map(before.results.map((result) => [result.title, result]));
  const isBusy = before.isTrusted === false || after.isTrusted === false;
  const changes = [];
  for (const { title, figures } of after.results) {
    const old = earlier.get(title)?.figures;
    if (!(old?.ns?.median > 0 && figures?.ns?.median > 0)) continue;
    const change = figures.ns.median / old.ns.median - 1;
    const cpuChange = old.cpuNs > 0 && figures.cpuNs > 0 ? figures.cpuNs / old.cpuNs - 1 : undefined;
    const isByCpu = isBusy && cpuChange !== undefined;
    const judged = isByCpu ? cpuChange : change;
    const noise = isByCpu ? LEAST_BUSY : Math.max(LEAST, halfSpread(old.ns), halfSpread(figures.ns));
    changes.push({
      title,
      before: old.ns.median,
      after: figures.ns.median,
      change,
      ...(cpuChange === undefined ? {} : { cpuChange }),
      judged,
      isClear: Math.abs(judged) > noise,
    });
  }
  return changes;
}

/** @param {{ median: number, p10: number, p90: number }} summary */
function halfSpread({ median, p10, p90 }) {
  return (p90 - p10) / 2 / median;
}

/** Why the two runs cannot be compared as they stand. @param {any} before @param {any} after @returns {string[]} */
export function differencesOf(before, after) {
  const pairs = [
    [
      "machine",
      `${before.machine.cpu}, ${before.machine.cores} cores`,
      `${after.machine.cpu}, ${after.machine.cores} cores`,
    ],
    ["runtime", `${before.runtime.name} ${before.runtime.version}`, `${after.runtime.name} ${after.runtime.version}`],
    ["rounds", before.isQuick ? "quick" : "full", after.isQuick ? "quick" : "full"],
    ["machine was", before.isTrusted ? "quiet" : "busy", after.isTrusted ? "quiet" : "busy"],
  ];
  return pairs.filter(([, old, now]) => old !== now).map(([what, old, now]) => `${what}: ${old} then, ${now} now`);
}

/** Lines for people. @param {any} before @param {any} after @returns {string[]} */
export function comparison(before, after) {
  const percent = (/** @type {number} */ part) => `${part >= 0 ? "+" : ""}${(100 * part).toFixed(0)}%`;
  const changes = changesOf(before, after);
  const clear = changes.filter(({ isClear }) => isClear).sort((a, b) => b.judged - a.judged);
  return [
    ...differencesOf(before, after),
    ...clear.map(({ title, before: old, after: now, change, cpuChange, judged }) => {
      const cpu = cpuChange === undefined ? "" : `, CPU time ${percent(cpuChange)}`;
      return `${judged > 0 ? "DEARER " : "cheaper"} ${title}: ${formatRate(old)} then, ${formatRate(now)} now: ${percent(change)}${cpu}`;
    }),
    `${changes.length} rows compared, ${clear.length} clearly different`,
  ];
}
