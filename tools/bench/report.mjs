// What the bench prints.

/** @type {Readonly<Record<import("./limits.mjs").Limit["by"], string>>} */
const LIMITED_BY = { peer: "the peer", host: "the host", physics: "physics", ours: "this package" };

/** @param {import("./bench.mjs").Result} result */
export function printResult(result) {
  const verdict = result.isMet === undefined ? "-" : result.isMet ? "met" : "MISSED";
  const goal = result.goal === "" ? "" : `goal ${result.goal}: ${verdict}`;
  const parts = [result.ours, result.theirs === "" ? "" : `${result.peer} ${result.theirs}`, result.ratio, goal];
  console.log(`${result.title.padEnd(52)} ${parts.filter((part) => part !== "").join("  |  ")}`);
  const cpu = /** @type {any} */ (result.figures)?.cpuRatio;
  if (typeof cpu === "number") console.log(`${" ".repeat(53)}by CPU time ${cpu.toFixed(2)}x`);
  if (result.isNoisy)
    console.log(`${" ".repeat(53)}spread ${(100 * (result.spread ?? 0)).toFixed(0)}%: not to be trusted`);
  if (result.limit !== undefined)
    console.log(`${" ".repeat(53)}limited by ${LIMITED_BY[result.limit.by]}: ${result.limit.why}`);
  for (const note of result.notes) console.log(`${" ".repeat(53)}${note}`);
}

/** @param {any} report @param {number} ms */
export function printSummary(report, ms) {
  const met = report.results.filter((/** @type {any} */ { isMet }) => isMet === true).length;
  const missed = report.results.filter((/** @type {any} */ { isMet }) => isMet === false);
  const rest = report.results.length - met - missed.length;
  console.log(`\n${met} goals met, ${missed.length} missed, ${rest} not judged, in ${(ms / 1000).toFixed(0)} s`);
  for (const { title, goal, ratio, ours, notes } of missed)
    console.log(`  missed: ${title}: ${ratio || ours || notes[0]}, goal ${goal}`);
  if (!report.isTrusted) {
    const part = (/** @type {number} */ busy) => `${(100 * busy).toFixed(0)}%`;
    console.log(
      `  NOT TO BE TRUSTED: other programs used ${part(report.busy.before)} of the processors before the run, ${part(report.busy.after)} after it`,
    );
  }
}
