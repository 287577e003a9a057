/** The most names that are offered in place of one. */
const MAX_OFFERED = 4;

/**
 * The names that one was most likely meant to be, the nearest first: another case, a slip of the fingers, or a part of
 * the name.
 */
export function nearest(name: string, known: readonly string[]): readonly string[] {
  const rows = known.map((one) => ({ one, steps: stepsBetween(name.toLowerCase(), one.toLowerCase()) }));
  const least = Math.min(...rows.map(({ steps }) => steps));
  return least === Number.POSITIVE_INFINITY
    ? []
    : rows
        .filter(({ steps }) => steps === least)
        .map(({ one }) => one)
        .slice(0, MAX_OFFERED);
}

/** What an error says that knows no name as it was written. */
export function meant(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return near.length > 0 ? `did you mean ${near.join(", ")}?` : `there are ${known.join(", ")}`;
}

/** How far two names are from each other; Infinity: they have nothing to do with each other. */
function stepsBetween(name: string, known: string): number {
  const [short, long] = name.length < known.length ? [name, known] : [known, name];
  const steps = distance(name, known);
  if (steps <= 1) return steps;
  if (short.length >= 4 && long.includes(short)) return 1;
  return steps <= Math.ceil(short.length / 3) ? steps : Number.POSITIVE_INFINITY;
}

/** The edit distance of Levenshtein: the fewest characters to put in, take out or change. */
function distance(a: string, b: string): number {
  // Nobody types a name of this length by mistake.
  if (Math.abs(a.length - b.length) > 8) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
