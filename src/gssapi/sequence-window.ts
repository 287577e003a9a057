/** What a received sequence number is, by the names of RFC 2743 section 1.2.3. */
export type SequenceResult = "COMPLETE" | "DUPLICATE" | "OLD" | "UNSEQ" | "GAP";

/** Numbers behind the newest one that are remembered. */
const WINDOW = 64;

/**
 * Replay and order of one direction's sequence numbers (RFC 4121 section 4.2.1; rule W10 in SECURITY.md). A number is
 * 64 bits, given as two unsigned halves: arithmetic on them costs a few nanoseconds where a BigInt costs an allocation.
 * Counting starts at the initial number of the AP exchange and goes round at 2^64.
 */
export class SequenceWindow {
  // The number that is expected next.
  #high: number;
  #low: number;
  // Bit n: the number n + 1 before the expected one has come.
  #mapHigh = 0;
  #mapLow = 0;
  // How many of the numbers behind the expected one are after the start, to WINDOW at most: all others are too old.
  #span = 0;

  /** Begins with the peer's initial number: unsigned, 32 bits from an AP exchange, 64 as a bigint. */
  constructor(initial: number | bigint) {
    [this.#high, this.#low] = halvesOf(initial);
  }

  /**
   * Classifies a number and remembers it: `COMPLETE` the expected one; `GAP` later, some are missing; `UNSEQ` earlier
   * and new; `DUPLICATE` seen before; `OLD` too early to tell, or from before the start. Call it only for a token whose
   * MAC was verified.
   */
  check(high: number, low: number): SequenceResult {
    if (low === this.#low && high === this.#high) {
      this.#shift(1);
      this.#next();
      return "COMPLETE";
    }
    const borrow = low < this.#low ? 1 : 0;
    const distanceLow = (low - this.#low) >>> 0;
    const distanceHigh = (high - this.#high - borrow) >>> 0;
    // The nearer way round the circle of 2^64 says whether it is ahead or behind.
    if (distanceHigh < 0x80000000) {
      this.#shift(distanceHigh === 0 ? distanceLow + 1 : WINDOW);
      this.#high = high;
      this.#low = low;
      this.#next();
      return "GAP";
    }
    const behind = distanceHigh === 0xffffffff ? 0x100000000 - distanceLow : Number.POSITIVE_INFINITY;
    if (behind > this.#span) return "OLD";
    return this.#mark(behind - 1) ? "UNSEQ" : "DUPLICATE";
  }

  /** Moves the map on by `places` numbers, of which the last has come. */
  #shift(places: number): void {
    if (places >= WINDOW) {
      this.#mapHigh = 0;
      this.#mapLow = 0;
    } else if (places >= 32) {
      this.#mapHigh = this.#mapLow << (places - 32);
      this.#mapLow = 0;
    } else {
      this.#mapHigh = (this.#mapHigh << places) | (this.#mapLow >>> (32 - places));
      this.#mapLow <<= places;
    }
    this.#mapLow |= 1;
    if (this.#span < WINDOW) this.#span = Math.min(WINDOW, this.#span + places);
  }

  #next(): void {
    this.#low = (this.#low + 1) >>> 0;
    if (this.#low === 0) this.#high = (this.#high + 1) >>> 0;
  }

  /** Sets bit `place`; false if it was set. */
  #mark(place: number): boolean {
    const bit = 1 << (place & 31);
    if (place < 32) {
      if ((this.#mapLow & bit) !== 0) return false;
      this.#mapLow |= bit;
    } else {
      if ((this.#mapHigh & bit) !== 0) return false;
      this.#mapHigh |= bit;
    }
    return true;
  }
}

/** A number as two unsigned halves of 32 bits, the higher first. */
export function halvesOf(value: number | bigint): [high: number, low: number] {
  const wide = BigInt.asUintN(64, BigInt(value));
  return [Number(wide >> 32n), Number(wide & 0xffffffffn)];
}
