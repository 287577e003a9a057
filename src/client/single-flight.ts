/**
 * One piece of work for all who ask for it at the same time. The work ends early only when every asker has given up. Where a host
 * ties promises to the request that made them (Workers), sharing is off and each asker works for itself.
 */
export class SingleFlight<T> {
  readonly #isShared: boolean;
  readonly #flights = new Map<
    string,
    { readonly result: Promise<T>; readonly abort: AbortController; askers: number }
  >();

  constructor(isShared: boolean) {
    this.#isShared = isShared;
  }

  async run(key: string, signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    if (!this.#isShared) return work(signal ?? new AbortController().signal);
    let flight = this.#flights.get(key);
    if (flight === undefined) {
      const abort = new AbortController();
      const result = work(abort.signal).finally(() => {
        if (this.#flights.get(key)?.abort === abort) this.#flights.delete(key);
      });
      // Whoever waits gets the failure; if everybody has left, nobody wants it.
      result.catch(() => {});
      flight = { result, abort, askers: 0 };
      this.#flights.set(key, flight);
    }
    const shared = flight;
    shared.askers += 1;
    let onAbort: (() => void) | undefined;
    try {
      if (signal === undefined) return await shared.result;
      const aborted = new Promise<never>((_, reject) => {
        onAbort = () => reject(signal.reason);
        signal.addEventListener("abort", onAbort, { once: true });
      });
      return await Promise.race([shared.result, aborted]);
    } finally {
      if (onAbort !== undefined) signal?.removeEventListener("abort", onAbort);
      shared.askers -= 1;
      if (shared.askers === 0 && this.#flights.get(key) === shared) {
        this.#flights.delete(key);
        shared.abort.abort(signal?.reason);
      }
    }
  }
}
