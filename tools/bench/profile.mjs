// Where the time goes: `--profile` runs our side under Node's sampling profiler and prints the functions that cost most.

import fs from "node:fs";
import path from "node:path";

/** What our side needs in its environment. @param {string} folder */
export function profileEnv(folder) {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  return { KRB5_REMCTL_BENCH_PROFILE: path.join(folder, "profile.json") };
}

/**
 * The costliest functions by their own time, idle time apart.
 * @param {string} folder @param {number} count
 * @returns {{ name: string, part: number }[]}
 */
export function topCosts(folder, count) {
  /** @type {Map<string, number>} */
  const own = new Map();
  let total = 0;
  for (const file of fs.readdirSync(folder)) {
    const { nodes, samples, timeDeltas } = JSON.parse(fs.readFileSync(path.join(folder, file), "utf8"));
    const names = new Map(nodes.map((/** @type {any} */ node) => [node.id, nameOf(node.callFrame)]));
    samples.forEach((/** @type {number} */ id, /** @type {number} */ index) => {
      const name = names.get(id);
      if (name === "(idle)" || name === "(root)" || name.startsWith("post node:inspector")) return;
      own.set(name, (own.get(name) ?? 0) + timeDeltas[index]);
      total += timeDeltas[index];
    });
  }
  const sorted = [...own].sort((a, b) => b[1] - a[1]).slice(0, count);
  return sorted.map(([name, time]) => ({ name, part: time / total }));
}

/** @param {{ functionName: string, url: string, lineNumber: number }} frame */
function nameOf({ functionName, url, lineNumber }) {
  if (url === "") return functionName || "(native)";
  const file = url.split("/").slice(-2).join("/");
  return `${functionName || "(anonymous)"} ${file}:${lineNumber + 1}`;
}
