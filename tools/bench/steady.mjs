// A row whose rounds lie far apart is measured again by itself: what disturbed it may be over.

/**
 * Measures until the rounds lie close together, and gives the steadiest of the tries.
 * @template {{ isNoisy?: boolean, spread?: number, notes: string[] }} T
 * @param {() => Promise<T>} measure
 * @param {number} tries at most so many
 * @returns {Promise<T>}
 */
export async function steadiest(measure, tries) {
  let best = await measure();
  const spreads = [best.spread ?? 0];
  while (best.isNoisy && spreads.length < tries) {
    const again = await measure();
    spreads.push(again.spread ?? 0);
    // One that failed has no spread, and says nothing.
    if (again.spread !== undefined && again.spread < (best.spread ?? Number.POSITIVE_INFINITY)) best = again;
  }
  if (spreads.length === 1) return best;
  const shown = spreads.map((spread) => `${(100 * spread).toFixed(0)}%`).join(", ");
  return { ...best, notes: [...best.notes, `measured ${spreads.length} times, spread ${shown}: the steadiest counts`] };
}
