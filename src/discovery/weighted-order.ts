/** What SRV and URI records have in common (RFC 2782, RFC 7553). */
export interface Weighted {
  readonly priority: number;
  readonly weight: number;
}

/**
 * The order in which to try the targets of SRV records (RFC 2782): the lowest priority first, and among equals by lot,
 * each as likely to be next as its weight is of the whole; those of weight 0 are put first, where they have a very
 * small chance.
 */
export function weightedOrder<T extends Weighted>(records: readonly T[], random: () => number): readonly T[] {
  const priorities = [...new Set(records.map(({ priority }) => priority))].sort((a, b) => a - b);
  return priorities.flatMap((wanted) =>
    drawAll(
      records.filter(({ priority }) => priority === wanted),
      random,
    ),
  );
}

function drawAll<T extends Weighted>(records: readonly T[], random: () => number): readonly T[] {
  const left = [...records.filter(({ weight }) => weight === 0), ...records.filter(({ weight }) => weight > 0)];
  const drawn: T[] = [];
  let sum = left.reduce((total, { weight }) => total + weight, 0);
  while (left.length > 0) {
    // From 0 to the sum, both included.
    const lot = Math.floor(random() * (sum + 1));
    let running = 0;
    const index = left.findIndex(({ weight }) => {
      running += weight;
      return running >= lot;
    });
    const [next] = left.splice(Math.max(index, 0), 1) as [T];
    sum -= next.weight;
    drawn.push(next);
  }
  return drawn;
}
