/**
 * Circles in a graph: one for each group of files that import each other, its shortest way round.
 * @param {Map<string, readonly string[]>} arrows
 * @returns {string[][]}
 */
export function circlesOf(arrows) {
  /** @type {string[][]} */
  const circles = [];
  /** @type {Set<string>} */
  const told = new Set();
  for (const start of arrows.keys()) {
    if (told.has(start)) continue;
    const circle = wayBack(arrows, start);
    if (circle === undefined) continue;
    for (const file of circle) told.add(file);
    circles.push(circle);
  }
  return circles;
}

/** The shortest way from a file back to it, both ends named. @param {Map<string, readonly string[]>} arrows @param {string} start */
function wayBack(arrows, start) {
  return wayFrom(arrows, start, (file) => file === start);
}

/**
 * The shortest way from a file to one that `isEnd` says yes to, both ends named.
 * @param {ReadonlyMap<string, readonly string[]>} arrows
 * @param {string} start
 * @param {(file: string) => boolean} isEnd
 * @returns {string[] | undefined}
 */
export function wayFrom(arrows, start, isEnd) {
  /** @type {Map<string, string>} */
  const from = new Map();
  const queue = [start];
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    for (const next of arrows.get(file) ?? []) {
      if (isEnd(next)) {
        const way = [next];
        for (let at = file; at !== start; at = /** @type {string} */ (from.get(at))) way.unshift(at);
        return [start, ...way];
      }
      if (from.has(next) || next === start) continue;
      from.set(next, file);
      queue.push(next);
    }
  }
  return undefined;
}
