// The plots of docs/performance.md, from the record of the bench: ratios of time with their spread, and messages by size.

import { round, svgOf, text } from "./svg.mjs";

/** @typedef {{ title: string, peer: string, ratio: string, goal: string, isMet?: boolean }} Row */
/** @typedef {{ title: string, peer: string, median: number, low: number, high: number, goal: number | undefined, isMet: boolean | undefined }} Ratio */

const NUMBER = String.raw`(\d+(?:\.\d+)?)x`;
const RATIO = new RegExp(`^${NUMBER}(?: \\(${NUMBER} to ${NUMBER}\\))?$`);
const SIZES = /^(?<kind>wrap|unwrap) (?<size>\S+ K?B), enctype (?<enctype>\d+)$/;

/** Rows that have a ratio of times. @param {readonly Row[]} results @returns {Ratio[]} */
export function ratiosOf(results) {
  return results.flatMap(({ title, peer, ratio, goal, isMet }) => {
    const found = RATIO.exec(ratio);
    if (found === null) return [];
    const [median = 0, low = median, high = median] = found
      .slice(1)
      .map((one) => (one === undefined ? undefined : Number(one)));
    const wanted = /^(\d+(?:\.\d+)?)x/.exec(goal)?.[1];
    return [{ title, peer, median, low, high, goal: wanted === undefined ? undefined : Number(wanted), isMet }];
  });
}

/** @param {{ date: string, machine: { cpu: string, cores: number }, runtime: { version: string }, results: Row[] }} record */
export function plotsOf({ date, machine, runtime, results }) {
  const where = `${date}, ${machine.cpu}, ${machine.cores} cores, Node ${runtime.version}`;
  const ratios = ratiosOf(results);
  const bySize = ratios.filter(({ title }) => SIZES.test(title));
  const others = ratios.filter(({ title }) => !SIZES.test(title));
  return { "bench-ratios.svg": ratioPlot(others, where), "bench-sizes.svg": sizePlot(bySize, where) };
}

const LEFT = 330;
const RIGHT = 70;
const ROW = 24;
const TOP = 62;

/** A row a workload: the median as a dot, the 10th to the 90th percentile as a line, the goal as a mark. @param {readonly Ratio[]} rows @param {string} where */
function ratioPlot(rows, where) {
  const width = 900;
  const [from, to] = rangeOf(rows);
  const x = (/** @type {number} */ ratio) =>
    LEFT + (Math.log2(Math.max(ratio, from) / from) / Math.log2(to / from)) * (width - LEFT - RIGHT);
  const height = TOP + rows.length * ROW + 30;
  const body = [
    text(14, 22, "How many times faster than the peer", "head"),
    text(
      14,
      39,
      `${where}. Dot: median; line: 10th to 90th percentile; mark: the goal; open dot: missed.`,
      "small soft",
    ),
    ...powers(from, to).flatMap((one) => [
      `<path class="${one === 1 ? "line" : "grid"}" d="M${round(x(one))} ${TOP - 8}V${height - 24}"/>`,
      text(x(one), height - 8, `${one}x`, "small soft middle"),
    ]),
    ...rows.flatMap(({ title, peer, median, low, high, goal, isMet }, index) => {
      const y = TOP + index * ROW + 8;
      return [
        `<g><title>${titleOf(title, peer, median)}</title>`,
        text(LEFT - 10, y + 4, shortened(title), "small end"),
        `<path class="go" d="M${round(x(low))} ${y}H${round(x(high))}"/>`,
        ...(goal === undefined ? [] : [`<path class="goal" d="M${round(x(goal))} ${y - 6}v12"/>`]),
        `<circle class="${isMet === false ? "miss" : "dot"}" cx="${round(x(median))}" cy="${y}" r="4.5"/>`,
        text(width - RIGHT + 12, y + 4, `${median}x`, "small"),
        "</g>",
      ];
    }),
  ];
  return svgOf({
    width,
    height,
    title: "Time of the peer over ours, by workload",
    description: `${where}. Above 1x this package is faster. ${rows.map(sentence).join(" ")}`,
    body,
  });
}

/** @param {string} title @param {string} peer @param {number} median */
function titleOf(title, peer, median) {
  return `${title}: ${median}x of ${peer}`.replace(/&/g, "&amp;").replace(/</g, "&lt;");
}

/** @param {Ratio} row */
function sentence({ title, median, goal, isMet }) {
  const verdict = goal === undefined || isMet === undefined ? "" : `, goal ${goal}x ${isMet ? "met" : "missed"}`;
  return `${title}: ${median}x${verdict}.`;
}

/** @param {string} title */
function shortened(title) {
  return title.length > 52 ? `${title.slice(0, 51)}…` : title;
}

/** Powers of two around all values. @param {readonly Ratio[]} rows @returns {[number, number]} */
function rangeOf(rows) {
  const values = rows.flatMap(({ low, high, goal }) => (goal === undefined ? [low, high] : [low, high, goal]));
  const log = (/** @type {number[]} */ ...all) => all.map(Math.log2);
  return [2 ** Math.floor(Math.min(...log(...values))), 2 ** Math.ceil(Math.max(...log(...values)))];
}

/** @param {number} from @param {number} to */
function powers(from, to) {
  const count = Math.round(Math.log2(to / from));
  return Array.from({ length: count + 1 }, (_, index) => from * 2 ** index);
}

const SHAPES = ["a-line", "b-line", "c-line", "d-line"];

/** Two panels, wrap and unwrap: a line an enctype over the size of the message. @param {readonly Ratio[]} rows @param {string} where */
function sizePlot(rows, where) {
  const width = 900;
  const height = 400;
  const [from, to] = rangeOf(rows);
  const y = (/** @type {number} */ ratio) => 340 - (Math.log2(ratio / from) / Math.log2(to / from)) * 250;
  const panels = ["wrap", "unwrap"].flatMap((kind, index) => {
    const left = 60 + index * 430;
    const found = rows.flatMap((row) => {
      const { groups } = SIZES.exec(row.title) ?? {};
      return groups?.kind === kind ? [{ ...row, size: groups.size ?? "", enctype: groups.enctype ?? "" }] : [];
    });
    const sizes = [...new Set(found.map(({ size }) => size))];
    const x = (/** @type {string} */ size) => left + 20 + sizes.indexOf(size) * 92;
    const enctypes = [...new Set(found.map(({ enctype }) => enctype))];
    const ends = apart(
      enctypes.map((enctype) => y(found.filter((row) => row.enctype === enctype).at(-1)?.median ?? 1)),
      14,
    );
    return [
      text(left, 76, kind, "head"),
      ...powers(from, to).flatMap((one) => [
        `<path class="${one === 1 ? "line" : "grid"}" d="M${left} ${round(y(one))}h310"/>`,
        text(left - 6, y(one) + 4, `${one}x`, "small soft end"),
      ]),
      ...sizes.map((size) => text(x(size), 362, size, "small soft middle")),
      ...enctypes.flatMap((enctype, at) => {
        const points = found.filter((row) => row.enctype === enctype);
        const line = points.map(({ size, median }) => `${round(x(size))} ${round(y(median))}`).join("L");
        const dash = at === 0 ? "" : ` stroke-dasharray="${["", "7 3", "2 3", "9 3 2 3"][at] ?? ""}"`;
        return [
          `<path class="series ${SHAPES[at] ?? ""}"${dash} d="M${line}"/>`,
          text(x(sizes.at(-1) ?? "") + 8, (ends[at] ?? 0) + 4, `enctype ${enctype}`, "small"),
        ];
      }),
    ];
  });
  return svgOf({
    width,
    height,
    title: "wrap and unwrap beside libgssapi, by size and enctype",
    description: `${where}. Above 1x this package is faster. ${rows.map(sentence).join(" ")}`,
    body: [
      text(14, 22, "How many times faster than libgssapi, by size of the message", "head"),
      text(14, 39, `${where}. Medians; above 1x this package is faster.`, "small soft"),
      ...panels,
    ],
  });
}

/** Places of labels, moved so that none covers another. @param {readonly number[]} places @param {number} gap */
function apart(places, gap) {
  const order = places.map((place, index) => ({ place, index })).sort((a, b) => a.place - b.place);
  /** @type {number[]} */
  const moved = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const { place, index } of order) {
    last = Math.max(place, last + gap);
    moved[index] = last;
  }
  return moved;
}
