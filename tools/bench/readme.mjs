// The table in README.md, between two marks.

import fs from "node:fs";
import path from "node:path";
import { ROOT } from "../bootstrap.mjs";

const FROM = "<!-- bench: written by npm run bench -- --write-readme -->";
const TO = "<!-- /bench -->";

/** @param {any} report */
export function writeReadme(report) {
  const file = path.join(ROOT, "README.md");
  const text = fs.readFileSync(file, "utf8");
  const start = text.indexOf(FROM);
  const end = text.indexOf(TO);
  if (start < 0 || end < start) throw new Error(`README.md lacks the marks ${FROM} and ${TO}`);
  fs.writeFileSync(file, `${text.slice(0, start)}${FROM}\n${formatTable(report)}${text.slice(end)}`);
  console.log("  README.md: table written");
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
    ...report.results.map((/** @type {any} */ r) => {
      const verdict = r.isMet === undefined ? "" : r.isMet ? "met" : "**missed**";
      const notes = [verdict, ...(r.isNoisy ? ["wide spread"] : []), ...r.notes].filter((note) => note !== "");
      return `| ${r.title} | ${r.ours} | ${[r.peer, r.theirs].filter(Boolean).join(": ")} | ${r.ratio} | ${r.goal} | ${notes.join("; ").replaceAll("|", "\\|").replaceAll("\n", " ")} |`;
    }),
    "",
  ];
  return `${lines.join("\n")}`;
}
