// Flame graphs of CPU profiles: what they count, what they leave out, and how much of a page they are.

import { expect, it } from "vitest";
import { flameOf, treeOf } from "../../../tools/bench/flame-graph.mjs";

const node = (id: number, functionName: string, url: string, children: number[] = []) => ({
  id,
  callFrame: { functionName, url, lineNumber: 0 },
  children,
});

const profile = {
  nodes: [
    node(1, "(root)", "", [2, 3, 4]),
    node(2, "(idle)", ""),
    node(3, "run", "file:///app/dist/chunks/core.js", [5]),
    node(4, "(garbage collector)", ""),
    // It calls itself: one frame.
    node(5, "run", "file:///app/dist/chunks/core.js", [6]),
    node(6, "update", ""),
  ],
  samples: [2, 3, 5, 6, 4],
  timeDeltas: [1_000, 10, 20, 30, 40],
};

it("counts the time of a frame and of what it calls, without what was idle", () => {
  const tree = treeOf([profile, profile]);
  expect(tree.value).toBe(200);
  const run = tree.children.get("run core.js");
  expect([run?.value, run?.kind, [...(run?.children.keys() ?? [])]]).toEqual([120, "own", ["update"]]);
  expect(run?.children.get("update")?.kind).toBe("native");
  expect(tree.children.get("garbage collection")?.value).toBe(80);
});

it("is a picture of at most 58,000 octets, however much a profile has, with names that are no markup", () => {
  const many = Array.from({ length: 5_000 }, (_, index) => node(index + 2, `<f${index}>`, "node:net"));
  const samples = many.map(({ id }) => id);
  const nodes = [node(1, "(root)", "", samples), ...many];
  const tree = treeOf([{ nodes, samples, timeDeltas: samples.map((id) => (id < 900 ? 1_000 : 1)) }]);
  const svg = flameOf({ title: "A & B", note: "both", tree });
  expect(svg.length).toBeGreaterThan(1_000);
  expect(Buffer.byteLength(svg)).toBeLessThanOrEqual(58_000);
  expect(svg).toContain("A &amp; B");
  expect(svg).not.toContain("<f1>");
});
