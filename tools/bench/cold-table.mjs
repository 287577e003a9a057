// The table of docs/cold-starts.md that says where every millisecond of a cold command goes.

import path from "node:path";
import { ROOT } from "../bootstrap.mjs";

/** Around the table. @type {import("./table.mjs").Marks} */
export const COLD = { from: "<!-- cold: written by node tools/bench/cold.mjs --write -->", to: "<!-- /cold -->" };

/** What the table is made from. */
export const COLD_RECORD = path.join(ROOT, "docs", "figures", "cold.json");

/** The steps in their order: from the mark before to this one. */
export const STEPS = [
  { mark: "first", title: "the host starts" },
  { mark: "imported", title: "import" },
  { mark: "asked", title: "client, keys, ciphers" },
  { mark: "loggedIn", title: "login" },
  { mark: "ticketed", title: "service ticket" },
  { mark: "proven", title: "context" },
  { mark: "answered", title: "command" },
];

/**
 * The time of each step, the mean of the rounds whose whole is in the middle third: so the steps make up the whole.
 * @param {Record<string, number>[]} rounds marks, with `started`
 * @returns {{ steps: Record<string, number>, total: number }} milliseconds, by mark; what a host does not tell is left out
 */
export function stepsOf(rounds) {
  const timed = rounds.map((marks) => {
    const started = Number(marks.started);
    let before = started;
    const steps = STEPS.map(({ mark }) => {
      const at = marks[mark];
      if (at === undefined) return undefined;
      const time = at - before;
      before = at;
      return time;
    });
    return { steps, total: before - started };
  });
  timed.sort((one, other) => one.total - other.total);
  const third = Math.floor(timed.length / 3);
  const middle = timed.slice(third, timed.length - third);
  const mean = (/** @type {(number | undefined)[]} */ times) =>
    times.includes(undefined)
      ? undefined
      : times.reduce((/** @type {number} */ sum, time) => sum + Number(time), 0) / times.length;
  /** @type {Record<string, number>} */
  const steps = {};
  for (const [index, { mark }] of STEPS.entries()) {
    const time = mean(middle.map((one) => one.steps[index]));
    if (time !== undefined) steps[mark] = time;
  }
  return { steps, total: Number(mean(middle.map(({ total }) => total))) };
}

/** @param {any} record */
export function formatCold({ date, machine, rounds, busy, rows }) {
  const shown = (/** @type {unknown} */ ms) => (typeof ms === "number" ? ms.toFixed(ms < 10 ? 1 : 0) : "");
  const lines = [
    "",
    `${date}, ${machine.cpu}, ${machine.cores} cores, ${machine.system}. Milliseconds, of ${rounds} processes in turn the mean of the middle third.`,
    ...(busy > 0.15
      ? [
          `Other programs used ${(100 * busy).toFixed(0)}% of the processors: the times are not to be trusted, their parts are.`,
        ]
      : []),
    "",
    `| | ${STEPS.map(({ title }) => title).join(" | ")} | to the first result |`,
    `|---|${"---|".repeat(STEPS.length + 1)}`,
    ...rows.map(
      (/** @type {any} */ { title, steps, total }) =>
        `| ${title} | ${STEPS.map(({ mark }) => shown(steps[mark])).join(" | ")} | ${shown(total)} |`,
    ),
    "",
  ];
  return lines.join("\n");
}
