import { fitsTimer } from "../host/index.ts";

/**
 * Notices when a wait lasts too long. A wait costs one reading of the clock and not a timer: the timer, when it fires,
 * looks whether the present wait is old enough.
 */
export class IdleTimer {
  readonly #limitMs: number;
  readonly #onExpire: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #since: number | undefined;

  /** `limitMs` may be Infinity: never. */
  constructor(limitMs: number, onExpire: () => void) {
    this.#limitMs = limitMs;
    this.#onExpire = onExpire;
  }

  /** When the present wait began, on the clock of `performance.now()`; undefined if nothing is waited for. */
  get since(): number | undefined {
    return this.#since;
  }

  /** A wait begins. */
  begin(): void {
    this.#since = performance.now();
    if (fitsTimer(this.#limitMs)) this.#timer ??= setTimeout(this.#onTimer, this.#limitMs);
  }

  /** It is over. */
  end(): void {
    this.#since = undefined;
  }

  /** Leaves no timer behind. */
  dispose(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#since = undefined;
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    if (this.#since === undefined) return;
    // A host's timer may fire up to a millisecond early.
    const leftMs = this.#limitMs - (performance.now() - this.#since);
    if (leftMs > 1) this.#timer = setTimeout(this.#onTimer, leftMs);
    else this.#onExpire();
  };
}
