// Which room of a source folder imports which, from its files.

import fs from "node:fs";
import path from "node:path";
import { importsOf, strip } from "./imports.mjs";

/** Each room with those that it imports. @param {string} src @returns {Map<string, Set<string>>} */
export function roomGraph(src) {
  /** @type {Map<string, Set<string>>} */
  const graph = new Map();
  const files = fs.readdirSync(src, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  for (const file of files.map((name) => name.replaceAll("\\", "/")).sort()) {
    const room = roomOf(file);
    const targets = graph.get(room) ?? new Set();
    graph.set(room, targets);
    for (const { specifier } of importsOf(strip(fs.readFileSync(path.join(src, file), "utf8")))) {
      if (!specifier.startsWith(".")) continue;
      const target = roomOf(path.posix.join(path.posix.dirname(file), specifier));
      if (target !== room) targets.add(target);
    }
  }
  return graph;
}

/** @param {string} file */
function roomOf(file) {
  return file.split("/")[0] ?? "";
}

/** The same without the arrows that others lead to already. @param {ReadonlyMap<string, ReadonlySet<string>>} graph */
export function withoutShortcuts(graph) {
  return new Map(
    [...graph].map(([room, targets]) => [room, [...targets].filter((one) => !isShortcut(graph, room, one))]),
  );
}

/** @param {ReadonlyMap<string, ReadonlySet<string>>} graph @param {string} from @param {string} to */
function isShortcut(graph, from, to) {
  const waiting = [...(graph.get(from) ?? [])].filter((one) => one !== to);
  const seen = new Set();
  for (let room = waiting.pop(); room !== undefined; room = waiting.pop()) {
    if (room === to) return true;
    if (!seen.has(room)) waiting.push(...(graph.get(room) ?? []));
    seen.add(room);
  }
  return false;
}
