import { type ContextFlags, requireOrder, SequenceWindow } from "../gssapi/index.ts";

const CIRCLE = 2 ** 32;

/** Replay and order of numbers of 32 bits, which go round: {@link SequenceWindow} gets them without their turns. */
export class NumberWindow {
  readonly #window: SequenceWindow;
  /** The number that is expected next, turns included. One turn is ahead of it, so that none is below 0. */
  #next: number;

  constructor(initial: number) {
    this.#next = CIRCLE + initial;
    this.#window = new SequenceWindow(BigInt(this.#next));
  }

  /** Lets a number pass that the context's flags take. Call it only for a token whose checksum was verified. */
  take(number: number, flags: ContextFlags): void {
    // The nearer way round says whether it is ahead or behind.
    const whole = this.#next + ((number - (this.#next % CIRCLE)) | 0);
    requireOrder(this.#window, flags, Math.floor(whole / CIRCLE), whole % CIRCLE);
    if (whole >= this.#next) this.#next = whole + 1;
  }
}
