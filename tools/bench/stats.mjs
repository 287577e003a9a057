// Medians and spreads.

import fs from "node:fs";

/** @param {readonly number[]} values @param {number} part 0 to 1 */
export function quantile(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * part;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

/** @param {readonly number[]} values */
export function summarize(values) {
  return {
    median: quantile(values, 0.5),
    p10: quantile(values, 0.1),
    p90: quantile(values, 0.9),
    rounds: values.length,
  };
}

/** The distance from p10 to p90 as a part of the median. @param {{ median: number, p10: number, p90: number }} summary */
export function spreadOf({ median, p10, p90 }) {
  return (p90 - p10) / median;
}

/** Milliseconds of user and system time: Linux counts them in hundredths of a second. @param {number} pid */
export function cpuOf(pid) {
  const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return 10 * (Number(fields[11]) + Number(fields[12]));
}
