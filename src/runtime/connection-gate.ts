import { onAbort } from "../host/index.ts";

// A place that was taken this long ago belongs to a request that was cut off: nothing of it runs, so nothing gives it
// back.
const staleMs = 60_000;

interface Place {
  readonly sinceMs: number;
  readonly onWanted: (() => boolean) | undefined;
}

/** So many places, and a queue for them: first come, first served; but what can wait gives its place up for others. */
export class ConnectionGate {
  readonly #places: number;
  readonly #taken = new Map<object, Place>();
  readonly #waiting: (() => void)[] = [];

  constructor(places: number) {
    this.#places = places;
  }

  /** Whether every place is free and nothing waits for one. */
  get isIdle(): boolean {
    return this.#taken.size === 0 && this.#waiting.length === 0;
  }

  /**
   * Waits for a place; call what it gives when the place is free again. Rejects with the signal's reason. `onWanted` is
   * called, at once if every place is taken, when others wait for one: {@link ConnectOptions.onWanted}.
   */
  enter(signal?: AbortSignal, onWanted?: () => boolean): Promise<() => void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      this.#dropStale();
      const start = (): void => {
        forget();
        resolve(this.#take(onWanted));
      };
      const forget = onAbort(signal, () => {
        const at = this.#waiting.indexOf(start);
        if (at >= 0) this.#waiting.splice(at, 1);
        reject(signal?.reason);
      });
      if (this.#taken.size < this.#places) start();
      else {
        this.#waiting.push(start);
        if (onWanted?.() !== true) this.#want();
      }
    });
  }

  /** Asks for the place of the newest that can wait. */
  #want(): void {
    for (const { onWanted } of [...this.#taken.values()].reverse()) if (onWanted?.() === true) return;
  }

  #take(onWanted: (() => boolean) | undefined): () => void {
    const place = {};
    this.#taken.set(place, { sinceMs: Date.now(), onWanted });
    return () => {
      if (this.#taken.delete(place) && this.#taken.size < this.#places) this.#waiting.shift()?.();
    };
  }

  #dropStale(): void {
    const limit = Date.now() - staleMs;
    for (const [place, { sinceMs }] of this.#taken) if (sinceMs < limit) this.#taken.delete(place);
  }
}
