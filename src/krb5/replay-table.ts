import { mayTake } from "./fair-share.ts";

/** Above half full a share has at most this part of the places that are left. */
const PARTS = 8;
/** For rounding: times on the wire are whole seconds. */
const SLACK_MS = 1000;

/** Those who count together, and how many entries they have. */
interface Share {
  readonly name: string;
  count: number;
}

/** Tags in memory, with the time of each and whom it counts for. What is added costs as much however many there are. */
export class ReplayTable {
  readonly #maxEntries: number;
  readonly #seen = new Map<string, Share>();
  readonly #shares = new Map<string, Share>();
  /** The tags of each second, so that what lapses is found without a look at the rest. */
  readonly #bySecond = new Map<number, string[]>();
  #sweptMs = Number.NEGATIVE_INFINITY;

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  /**
   * Adds a tag: true if it is new. Nothing is awaited between the look and the note: of two requests at once one is
   * refused.
   */
  add(tag: string, name: string, timeMs: number): boolean | "full" {
    if (this.#seen.has(tag)) return false;
    const share = this.#shares.get(name) ?? { name, count: 0 };
    const used = this.#seen.size;
    if (!mayTake({ limit: this.#maxEntries, used, own: share.count, more: 1, parts: PARTS })) return "full";
    this.#shares.set(name, share);
    share.count++;
    this.#seen.set(tag, share);
    const second = Math.floor(timeMs / 1000);
    const tags = this.#bySecond.get(second);
    if (tags === undefined) this.#bySecond.set(second, [tag]);
    else tags.push(tag);
    return true;
  }

  /** Forgets what is further back than the skew, at most once a second. */
  sweep(nowMs: number, skewMs: number): void {
    if (Math.abs(nowMs - this.#sweptMs) < SLACK_MS) return;
    this.#sweptMs = nowMs;
    for (const [second, tags] of this.#bySecond) {
      if (second * 1000 + skewMs + SLACK_MS >= nowMs) continue;
      this.#bySecond.delete(second);
      for (const tag of tags) this.#forget(tag);
    }
  }

  #forget(tag: string): void {
    const share = this.#seen.get(tag);
    this.#seen.delete(tag);
    if (share !== undefined && --share.count === 0) this.#shares.delete(share.name);
  }
}
