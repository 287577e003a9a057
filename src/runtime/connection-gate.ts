import { onAbort } from "../host/index.ts";

// A place that was taken this long ago belongs to a request that was cut off: nothing of it runs, so nothing gives it
// back.
const staleMs = 60_000;

/** So many places, and a queue for them: first come, first served. */
export class ConnectionGate {
  readonly #places: number;
  readonly #taken = new Map<object, number>();
  readonly #waiting: (() => void)[] = [];

  constructor(places: number) {
    this.#places = places;
  }

  /** Whether every place is free and nothing waits for one. */
  get isIdle(): boolean {
    return this.#taken.size === 0 && this.#waiting.length === 0;
  }

  /** Waits for a place; call what it gives when the place is free again. Rejects with the signal's reason. */
  enter(signal?: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      this.#dropStale();
      const start = (): void => {
        forget();
        resolve(this.#take());
      };
      const forget = onAbort(signal, () => {
        const at = this.#waiting.indexOf(start);
        if (at >= 0) this.#waiting.splice(at, 1);
        reject(signal?.reason);
      });
      if (this.#taken.size < this.#places) start();
      else this.#waiting.push(start);
    });
  }

  #take(): () => void {
    const place = {};
    this.#taken.set(place, Date.now());
    return () => {
      if (this.#taken.delete(place) && this.#taken.size < this.#places) this.#waiting.shift()?.();
    };
  }

  #dropStale(): void {
    const limit = Date.now() - staleMs;
    for (const [place, since] of this.#taken) if (since < limit) this.#taken.delete(place);
  }
}
