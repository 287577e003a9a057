// The picture of a login's way, from the messages of one.

import { round, svgOf, text } from "./svg.mjs";

const LANES = /** @type {Record<string, number>} */ ({ client: 110, kdc: 430, server: 750 });
const NAMES = /** @type {Record<string, string>} */ ({ client: "Client", kdc: "KDC", server: "Server" });
const TOP = 56;
const LINE = 14;

/** @param {readonly import("../../src/diagram/index.ts").SequenceStep[]} steps */
export function loginPicture(steps) {
  const lane = (/** @type {string | undefined} */ party) => LANES[party ?? "client"] ?? 0;
  let height = TOP;
  const messages = steps.flatMap(({ from, to, label, detail = "" }) => {
    const [x1, x2] = [lane(from), lane(to)];
    const left = Math.min(x1, x2) + 12;
    const words = wrapped(detail, Math.abs(x1 - x2) > 400 ? 92 : 46);
    const top = height;
    height += 28 + (words.length + 1) * LINE;
    const inset = x1 < x2 ? 5 : -5;
    return [
      // Where the words stand, no lane goes through them.
      `<rect class="paper" x="${left - 6}" y="${top}" width="${Math.abs(x1 - x2) - 14}" height="${(words.length + 1) * LINE + 4}"/>`,
      text(left, top + 12, label, "head"),
      ...words.map((line, at) => text(left, top + 12 + (at + 1) * LINE, line, "small soft")),
      `<path class="go" marker-end="url(#tip)" d="M${round(x1 + inset)} ${height - 18}H${x2 - inset}"/>`,
    ];
  });
  const body = [
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="var(--go)"/></marker></defs>',
    ...Object.entries(LANES).flatMap(([party, x]) => [
      `<rect class="box" x="${x - 50}" y="12" width="100" height="28" rx="5"/>`,
      text(x, 31, NAMES[party] ?? "", "middle head"),
      `<path class="line" d="M${x} 40V${height - 6}"/>`,
    ]),
    ...messages,
  ];
  const description = steps
    .map(({ from, to, label, detail }) => `${NAMES[from]} to ${NAMES[to ?? from]}: ${label}. ${detail ?? ""}`)
    .join(" ");
  return svgOf({ width: 860, height, title: "A login and a command, message by message", description, body });
}

/** @param {string} words @param {number} most characters of a line @returns {string[]} */
function wrapped(words, most) {
  /** @type {string[]} */
  const lines = [];
  for (const word of words.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < most) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
