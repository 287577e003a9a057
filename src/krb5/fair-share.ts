/** A request for part of what all have together. */
export interface Want {
  /** All there is. */
  readonly limit: number;
  /** Taken already, by all. */
  readonly used: number;
  /** Taken already by the one that asks. */
  readonly own: number;
  /** Asked for now. */
  readonly more: number;
  /** Above half full nobody has more than what is left, divided by this. */
  readonly parts: number;
}

/**
 * Whether one of many may take more of what they share. Shares bind only above half full, so that a busy client is not
 * held back by places that nobody wants; from there on each has at most a part of what is left, so that those who come
 * after always find something. The first place is given while there is one.
 */
export function mayTake({ limit, used, own, more, parts }: Want): boolean {
  if (used + more > limit) return false;
  return own === 0 || used + more <= limit / 2 || own + more <= (limit - used) / parts;
}
