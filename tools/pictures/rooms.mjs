// The picture of the rooms of src, from what their files import.

import { withoutShortcuts } from "../layers/graph.mjs";
import { LAYERS } from "../layers/rules.mjs";
import { round, svgOf, text } from "./svg.mjs";

const WIDTH = 980;
const ROW = 74;
const BOX = 30;
const LEFT = 90;

/** Rooms that nearly all import: arrows to them would say nothing. */
const EVERYWHERE = new Set(["bytes", "checks", "iana", "failures", "errors.ts", "trace.ts"]);
/** Rooms that import nearly all. */
const DOORS = new Set(["entry", "cli"]);

/** @param {ReadonlyMap<string, ReadonlySet<string>>} graph */
export function roomsPicture(graph) {
  const rows = rowsOf(graph);
  const arrows = [...withoutShortcuts(downward(graph))].flatMap(([from, targets]) =>
    DOORS.has(from) || EVERYWHERE.has(from)
      ? []
      : targets.filter((to) => !EVERYWHERE.has(to)).map((to) => ({ from, to })),
  );
  const places = placesOf(rows, arrows);
  const height = rows.length * ROW + 30;
  const placeOf = (/** @type {string} */ room) => places.get(room) ?? { x: 0, y: 0, width: 0 };
  const body = [
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="var(--go)"/></marker></defs>',
    ...rows.map(({ layer }, index) => text(14, index * ROW + 45, `layer ${layer}`, "soft small")),
    ...arrows.map(({ from, to }) => {
      const [a, b] = [placeOf(from), placeOf(to)];
      const [x1, y1, x2, y2] = [a.x + a.width / 2, a.y + BOX, b.x + b.width / 2, b.y - 1].map(round);
      const bend = round(((y2 ?? 0) - (y1 ?? 0)) / 2);
      return `<path class="go" stroke-opacity="0.55" marker-end="url(#tip)" d="M${x1} ${y1}c0 ${bend} ${round((x2 ?? 0) - (x1 ?? 0))} ${bend} ${round((x2 ?? 0) - (x1 ?? 0))} ${round((y2 ?? 0) - (y1 ?? 0))}"/>`;
    }),
    ...[...places].map(
      ([room, { x, y, width }]) =>
        `<rect class="box" x="${round(x)}" y="${y}" width="${round(width)}" height="${BOX}" rx="5"/>${text(x + width / 2, y + 20, room, "middle")}`,
    ),
  ];
  const description = [
    "A room imports rooms of lower layers. An arrow is left out where others lead the same way; so are those of entry and cli, which import nearly all, and those to the rooms of layer 0, which nearly all import.",
    ...rows.map(({ layer, rooms }) => `Layer ${layer}: ${rooms.map((room) => sentence(room, arrows)).join("; ")}.`),
  ].join(" ");
  return svgOf({ width: WIDTH, height, title: "The rooms of src and what they import", description, body });
}

/** Without the imports of `runtime` by files that choose the host (on-host.ts). @param {ReadonlyMap<string, ReadonlySet<string>>} graph */
function downward(graph) {
  const isBelow = (/** @type {string} */ from, /** @type {string} */ to) => (LAYERS[to] ?? 0) < (LAYERS[from] ?? 0);
  return new Map([...graph].map(([from, targets]) => [from, new Set([...targets].filter((to) => isBelow(from, to)))]));
}

/** @param {string} room @param {readonly { from: string, to: string }[]} arrows */
function sentence(room, arrows) {
  const targets = arrows.filter(({ from }) => from === room).map(({ to }) => to);
  return targets.length === 0 ? room : `${room} imports ${targets.join(", ")}`;
}

/** From the highest layer down. @param {ReadonlyMap<string, unknown>} graph */
function rowsOf(graph) {
  const rooms = [...graph.keys()].filter((room) => !room.endsWith(".ts"));
  const layers = [...new Set(rooms.map((room) => LAYERS[room] ?? 0))].sort((a, b) => b - a);
  return layers.map((layer) => ({ layer, rooms: rooms.filter((room) => LAYERS[room] === layer).sort() }));
}

/**
 * Rooms beside one another where their neighbours above and below are: a few rounds of the mean of their places.
 * @param {readonly { rooms: readonly string[] }[]} rows @param {readonly { from: string, to: string }[]} arrows
 * @returns {Map<string, { x: number, y: number, width: number }>}
 */
function placesOf(rows, arrows) {
  const orders = rows.map(({ rooms }) => [...rooms]);
  /** @type {Map<string, { x: number, y: number, width: number }>} */
  const places = new Map();
  const spread = () => {
    for (const [index, rooms] of orders.entries()) {
      const widths = rooms.map((room) => room.length * 7.6 + 22);
      const gap = (WIDTH - LEFT - 10 - widths.reduce((sum, one) => sum + one, 0)) / (rooms.length + 1);
      let x = LEFT + gap;
      for (const [at, room] of rooms.entries()) {
        places.set(room, { x, y: index * ROW + 25, width: widths[at] ?? 0 });
        x += (widths[at] ?? 0) + gap;
      }
    }
  };
  spread();
  for (let turn = 0; turn < 12; turn++) {
    for (const rooms of orders) {
      const means = new Map(rooms.map((room) => [room, meanOf(room)]));
      rooms.sort((a, b) => (means.get(a) ?? 0) - (means.get(b) ?? 0) || (a < b ? -1 : 1));
    }
    spread();
  }
  return places;

  /** @param {string} room */
  function meanOf(room) {
    const near = arrows.flatMap(({ from, to }) => (from === room ? [to] : to === room ? [from] : []));
    const centres = near.map((one) => (places.get(one)?.x ?? 0) + (places.get(one)?.width ?? 0) / 2);
    const own = (places.get(room)?.x ?? 0) + (places.get(room)?.width ?? 0) / 2;
    return centres.length === 0 ? own : centres.reduce((sum, one) => sum + one, 0) / centres.length;
  }
}
