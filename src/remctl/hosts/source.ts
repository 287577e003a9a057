import { refuse } from "../../checks/index.ts";
import { onAbort } from "../../host/index.ts";

/** Where values come from: a list, or anything that can be iterated, slowly too. */
export type Source<T> = Iterable<T> | AsyncIterable<T>;

/** How many values there are, if that can be known without asking for them. */
export function sizeOf(source: Source<unknown>): number | undefined {
  if (Array.isArray(source)) return source.length;
  return source instanceof Set ? source.size : undefined;
}

/**
 * Gives the values of a source to several takers, one after another: not every iterator allows two requests at once.
 * After an abort no more come, even if the iterator never answers.
 */
export class SharedSource<T> {
  readonly #iterator: Iterator<T> | AsyncIterator<T>;
  /** Settles the wait for a value that is under way, if an abort comes. */
  #abort: () => void = () => {};
  readonly #forget: () => void;
  #turn: Promise<unknown> = Promise.resolve();
  #isDone = false;
  #taken = 0;

  /** Throws TypeError for what cannot be iterated. */
  constructor(source: Source<T>, signal: AbortSignal | undefined) {
    const { [Symbol.asyncIterator]: async, [Symbol.iterator]: sync } = Object(source);
    const iterate = async ?? sync;
    if (typeof iterate !== "function" || typeof source === "string") {
      refuse("hosts", source, "an array of hosts, or another iterable of them");
    }
    this.#iterator = iterate.call(source);
    this.#forget = onAbort(signal, () => {
      this.#isDone = true;
      this.#abort();
    });
  }

  /** How many values were given. */
  get taken(): number {
    return this.#taken;
  }

  /**
   * The next value with its number, from 0; undefined at the end. Rejects with what the iterator throws,
   * once.
   */
  next(): Promise<{ readonly value: T; readonly index: number } | undefined> {
    const next = this.#turn.then(() => this.#next());
    this.#turn = next.catch(() => {});
    return next;
  }

  /** Takes no more, and tells the iterator so, like leaving a loop. */
  end(): void {
    this.#forget();
    if (this.#isDone && this.#iterator.return === undefined) return;
    this.#isDone = true;
    try {
      Promise.resolve(this.#iterator.return?.()).catch(() => {});
    } catch {
      // It was to be left; what it says to that is of no interest.
    }
  }

  /** No race against one promise for all: each would leave something there for as long as the run takes. */
  #ask(): Promise<IteratorResult<T> | undefined> {
    return new Promise((resolve, reject) => {
      this.#abort = () => resolve(undefined);
      Promise.resolve(this.#iterator.next()).then(resolve, reject);
    });
  }

  async #next(): Promise<{ readonly value: T; readonly index: number } | undefined> {
    if (this.#isDone) return undefined;
    try {
      const result = await this.#ask();
      if (result === undefined || this.#isDone || result.done === true) {
        this.#isDone = true;
        return undefined;
      }
      return { value: result.value, index: this.#taken++ };
    } catch (error) {
      this.#isDone = true;
      throw error;
    }
  }
}
