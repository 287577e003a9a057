// The switch in the process of the tests: which mutant is on, which were reached, and how often loops went round.

/** Nothing is on. */
export const NONE = -1;

export const mutants = {
  active: NONE,
  /** Those that were asked about since this set was put here. @type {Set<number> | undefined} */
  reached: undefined,
  ticks: 0,
  maxTicks: Number.POSITIVE_INFINITY,
  /** @param {number} id */
  is(id) {
    mutants.reached?.add(id);
    return id === mutants.active;
  },
  tick() {
    mutants.ticks += 1;
    if (mutants.active !== NONE && mutants.ticks > mutants.maxTicks) throw new Error("the mutant goes round for ever");
  },
};

Object.defineProperty(globalThis, "$mutants", { value: mutants });
