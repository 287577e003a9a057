import { isKerberosError, TransportError } from "../../errors.ts";
import { abortedError, onAbort } from "../../host/index.ts";

/** A turn at some work on a host where nobody may wait for another's promise. */
interface Turn {
  /** When the work ends, done or not: a request that was cancelled says nothing any more, and runs no `finally`. */
  readonly untilMs: number;
  /** How many look for what it leaves. */
  waiting: number;
  /** What the work failed with, for those who waited for it. */
  failure?: { readonly error: unknown };
}

/** Work that its askers share. */
interface Flight<T> {
  readonly result: Promise<T>;
  readonly abort: AbortController;
  askers: number;
}

/** For one login, unless the caller says how long a KDC has. */
const DEFAULT_TURN_MS = 20_000;
const pollMs = { first: 5, last: 50 } as const;

/**
 * One piece of work for all who ask for it at the same time. The work ends early only when every asker has given up.
 *
 * Where a host ties promises to the request that made them (Workers), a promise is never shared: it would not settle
 * once its request is over. There, one asker works and the others look, each by its timer, whether the value is
 * there.
 */
export class SingleFlight<T> {
  readonly #isShared: boolean;
  readonly #turnMs: number;
  readonly #turns = new Map<string, Turn>();
  readonly #flights = new Map<string, Flight<T>>();

  /** `turnMs`: how long a turn lasts at the most. It goes to nobody else before: that could be a second proof. */
  constructor(isShared: boolean, turnMs: number = DEFAULT_TURN_MS) {
    this.#isShared = isShared;
    this.#turnMs = turnMs;
  }

  /** `look` gives the value where another asker's work has left it. */
  async run(
    key: string,
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
    look: () => T | undefined = () => undefined,
  ): Promise<T> {
    if (signal?.aborted === true) throw givenUp(signal);
    if (!this.#isShared) return await this.#takeTurn(key, signal, work, look);
    let flight = this.#flights.get(key);
    if (flight === undefined) {
      const abort = new AbortController();
      const result = work(abort.signal).finally(() => {
        if (this.#flights.get(key)?.abort === abort) this.#flights.delete(key);
      });
      // Those who wait get the failure; if all have left, it is dropped.
      result.catch(() => {});
      flight = { result, abort, askers: 0 };
      this.#flights.set(key, flight);
    }
    return await this.#join(key, flight, signal);
  }

  /** Whether work of that key is under way. */
  isUnderWay(key: string): boolean {
    const turn = this.#turns.get(key);
    return this.#flights.has(key) || (turn !== undefined && performance.now() <= turn.untilMs);
  }

  /**
   * Waits for work that is under way, however it ends; where promises are not shared, for a moment of it: look again.
   * It goes on for who waits so, as for its askers. Rejects if the signal aborts.
   */
  async awaitEnd(key: string, signal: AbortSignal | undefined): Promise<void> {
    const [flight, turn] = [this.#flights.get(key), this.#turns.get(key)];
    try {
      if (flight !== undefined) await this.#join(key, flight, signal);
      else if (turn !== undefined) await waitFor(turn, pollMs.first, signal);
    } catch (error) {
      if (signal?.aborted === true) throw error;
    }
  }

  async #join(key: string, flight: Flight<T>, signal: AbortSignal | undefined): Promise<T> {
    flight.askers += 1;
    let forget: (() => void) | undefined;
    try {
      if (signal === undefined) return await flight.result;
      const aborted = new Promise<never>((_, reject) => {
        forget = onAbort(signal, () => reject(givenUp(signal)));
      });
      return await Promise.race([flight.result, aborted]);
    } finally {
      forget?.();
      flight.askers -= 1;
      if (flight.askers === 0 && this.#flights.get(key) === flight) {
        this.#flights.delete(key);
        flight.abort.abort(signal?.reason);
      }
    }
  }

  async #takeTurn(
    key: string,
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
    look: () => T | undefined,
  ): Promise<T> {
    let waitMs: number = pollMs.first;
    for (;;) {
      const other = this.#turns.get(key);
      if (other === undefined || performance.now() > other.untilMs) break;
      await waitFor(other, waitMs, signal);
      waitMs = Math.min(waitMs * 2, pollMs.last);
      const value = look();
      if (value !== undefined) return value;
      if (other.failure !== undefined) throw other.failure.error;
    }
    const turn: Turn = { untilMs: performance.now() + this.#turnMs, waiting: 0 };
    this.#turns.set(key, turn);
    const end = new AbortController();
    const late = new TransportError("TIMEOUT", `a ticket was not there after ${this.#turnMs} ms: try again`);
    const timer = setTimeout(() => end.abort(late), this.#turnMs);
    let isGivenUp = false;
    return await new Promise((resolve, reject) => {
      const forget = onAbort(signal, () => {
        // Rule P11: where others wait, the work goes on for them. Begun anew, it could be a second proof.
        if (turn.waiting > 0) return reject(givenUp(signal));
        isGivenUp = true;
        end.abort(signal?.reason);
      });
      const finish = (): void => {
        clearTimeout(timer);
        forget();
        if (this.#turns.get(key) === turn) this.#turns.delete(key);
      };
      work(end.signal).then(
        (value) => {
          finish();
          resolve(value);
        },
        (error) => {
          // One that gave up has not failed for those who come after.
          if (!isGivenUp) turn.failure = { error };
          finish();
          reject(error);
        },
      );
    });
  }
}

async function waitFor(turn: Turn, ms: number, signal: AbortSignal | undefined): Promise<void> {
  turn.waiting += 1;
  await sleep(ms, signal).finally(() => {
    turn.waiting -= 1;
  });
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      forget();
      resolve();
    }, ms);
    const forget = onAbort(signal, () => {
      clearTimeout(timer);
      reject(givenUp(signal));
    });
  });
}

/** The error of a caller who gave up: a time that was up around this work has its own. */
function givenUp(signal: AbortSignal | undefined): unknown {
  const reason: unknown = signal?.reason;
  return isKerberosError(reason) ? reason : abortedError("getting a ticket", signal);
}
