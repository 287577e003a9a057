/** An object of the host that only the invocation that made it may touch: another's attempt throws at once. */
interface Owned {
  readonly readyState: number;
}

type WebSocketPairClass = new () => { readonly 0: Owned };

// Enough for the requests that one isolate serves at a time; what is forgotten is made again.
const maxKnown = 64;

/**
 * Values of a Worker's invocations, one each. Workers do not tell which request runs, but they keep the objects of one
 * from the others; a WebSocketPair that is never accepted is the cheapest of those. Nothing but its owner ever waits
 * for what is in here: a promise of a request that is over never settles.
 */
export class PerInvocation<T> {
  readonly #make: () => T;
  readonly #isDone: (value: T) => boolean;
  readonly #known: { readonly owner: Owned | undefined; readonly value: T }[] = [];

  /** `isDone` tells that a value may be forgotten. */
  constructor(make: () => T, isDone: (value: T) => boolean) {
    this.#make = make;
    this.#isDone = isDone;
  }

  /** The value of the invocation that runs now. */
  get(): T {
    for (let at = this.#known.length - 1; at >= 0; at--) {
      const entry = this.#known[at];
      if (entry === undefined) continue;
      if (isOurs(entry.owner)) return entry.value;
      if (this.#isDone(entry.value)) this.#known.splice(at, 1);
    }
    const value = this.#make();
    this.#known.push({ owner: makeOwned(), value });
    if (this.#known.length > maxKnown) this.#known.shift();
    return value;
  }
}

function makeOwned(): Owned | undefined {
  const { WebSocketPair } = globalThis as { readonly WebSocketPair?: WebSocketPairClass };
  return WebSocketPair === undefined ? undefined : new WebSocketPair()[0];
}

function isOurs(owner: Owned | undefined): boolean {
  try {
    // The look is the question.
    return owner === undefined || owner.readyState >= 0;
  } catch {
    return false;
  }
}
