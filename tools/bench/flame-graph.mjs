// Flame graphs of CPU profiles: what was on the stack, as wide as it was long. Drawn without a library, small enough for a page.

import { escaped, round, svgOf, text } from "../pictures/svg.mjs";

/** @typedef {{ name: string, kind: Kind, value: number, children: Map<string, Frame> }} Frame */
/** @typedef {"own" | "host" | "native" | "gc"} Kind */

const WIDTH = 900;
const MARGIN = 14;
const ROW = 16;
const TOP = 66;
/** A frame that is narrower is not drawn: nobody could see it. */
const LEAST_PART = 0.002;
const MOST_OCTETS = 58_000;

/** @type {Readonly<Record<Kind, string>>} */
const LEGEND = {
  own: "this package",
  host: "the runtime's JavaScript",
  native: "native code",
  gc: "garbage collection",
};
/** @type {Readonly<Record<Kind, string>>} */
const FILL = { own: "var(--go)", host: "var(--line)", native: "var(--b)", gc: "var(--bad)" };

/**
 * One tree of many profiles (`.cpuprofile` of V8): microseconds, without what was idle.
 * @param {readonly any[]} profiles @returns {Frame}
 */
export function treeOf(profiles) {
  const root = frame("all", "host");
  for (const { nodes, samples, timeDeltas } of profiles) {
    const parents = new Map();
    const byId = new Map();
    for (const node of nodes) {
      byId.set(node.id, node);
      for (const child of node.children ?? []) parents.set(child, node.id);
    }
    samples.forEach((/** @type {number} */ id, /** @type {number} */ index) => {
      const stack = [];
      for (let at = id; at !== undefined; at = parents.get(at)) stack.unshift(byId.get(at).callFrame);
      add(root, stack.slice(1), timeDeltas[index] ?? 0);
    });
  }
  return root;
}

/** @param {Frame} root @param {readonly any[]} stack of call frames, the outermost first @param {number} micros */
function add(root, stack, micros) {
  const names = stack.map(nameOf);
  // The profiler itself, and what waits.
  if (names.length === 0 || names.some(({ name }) => name === "(idle)" || name.startsWith("post node:inspector")))
    return;
  root.value += micros;
  let at = root;
  for (const { name, kind } of names) {
    if (name === at.name) continue; // A function that calls itself is one frame.
    let child = at.children.get(name);
    if (child === undefined) {
      child = frame(name, kind);
      at.children.set(name, child);
    }
    child.value += micros;
    at = child;
  }
}

/** @param {string} name @param {Kind} kind @returns {Frame} */
const frame = (name, kind) => ({ name, kind, value: 0, children: new Map() });

/** @param {{ functionName: string, url: string }} callFrame @returns {{ name: string, kind: Kind }} */
function nameOf({ functionName, url }) {
  if (functionName === "(garbage collector)") return { name: "garbage collection", kind: "gc" };
  if (url === "") return { name: functionName || "(native)", kind: "native" };
  if (url.startsWith("node:")) return { name: `${functionName || "(anonymous)"} ${url}`, kind: "host" };
  const file = url.split("/").pop();
  return { name: `${functionName || "(anonymous)"} ${file}`, kind: "own" };
}

/**
 * The picture of a tree.
 * @param {{ title: string, note: string, tree: Frame }} flame
 */
export function flameOf({ title, note, tree }) {
  for (let least = LEAST_PART; ; least *= 1.4) {
    const svg = draw(title, note, tree, least);
    if (Buffer.byteLength(svg) <= MOST_OCTETS) return svg;
  }
}

/** @param {string} title @param {string} note @param {Frame} tree @param {number} least */
function draw(title, note, tree, least) {
  const total = tree.value;
  const scale = (WIDTH - 2 * MARGIN) / total;
  /** @type {string[]} */
  const body = [];
  let deepest = 0;
  const place = (
    /** @type {Frame} */ { name, kind, value, children },
    /** @type {number} */ x,
    /** @type {number} */ depth,
  ) => {
    if (value / total < least) return;
    deepest = Math.max(deepest, depth);
    const y = TOP + depth * ROW;
    const width = value * scale;
    const shown = `${name}: ${((100 * value) / total).toFixed(1)}%`;
    const box = `x="${round(x)}" y="${y}" width="${round(width)}" height="${ROW - 1}"`;
    body.push(`<rect ${box} class="${kind}"><title>${escaped(shown)}</title></rect>`);
    const letters = Math.floor((width - 6) / 6.2);
    if (letters > 3)
      body.push(text(x + 3, y + 11, name.length > letters ? `${name.slice(0, letters - 1)}…` : name, "small"));
    let at = x;
    for (const child of [...children.values()].sort((a, b) => b.value - a.value)) {
      place(child, at, depth + 1);
      at += child.value * scale;
    }
  };
  let at = MARGIN;
  for (const child of [...tree.children.values()].sort((a, b) => b.value - a.value)) {
    place(child, at, 0);
    at += child.value * scale;
  }
  const style = Object.entries(FILL).map(
    ([kind, fill]) => `.${kind} { fill: ${fill}; fill-opacity: 0.28; stroke: var(--paper); }`,
  );
  const legend = /** @type {Kind[]} */ (Object.keys(LEGEND)).flatMap((kind, index) => [
    `<rect x="${MARGIN + index * 190}" y="${TOP - 20}" width="11" height="11" class="${kind}"/>`,
    text(MARGIN + 16 + index * 190, TOP - 10, LEGEND[kind], "small soft"),
  ]);
  return svgOf({
    width: WIDTH,
    height: TOP + (deepest + 1) * ROW + 10,
    title,
    description: `${note}. Callers above, what they call below.`,
    body: [
      `<style>${style.join(" ")}</style>`,
      text(MARGIN, 22, title, "head"),
      text(MARGIN, 38, note, "small soft"),
      ...legend,
      ...body,
    ],
  });
}
