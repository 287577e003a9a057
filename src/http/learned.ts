const MAX_ORIGINS = 1_000;

const shared = new WeakMap<object, Learned>();

/**
 * What all credentials have learned that share connections. Rule H7 in SECURITY.md: a server may take a request without
 * a token for the client's that its connection has let in, and need not say so (Apache with `GssapiConnectionBound`).
 */
export function learnedOver(connections: object): Learned {
  const learned = shared.get(connections) ?? new Learned();
  shared.set(connections, learned);
  return learned;
}

/** Origins that have asked for a token: the latest, so that a function as `origins` lets nobody fill the memory. */
export class Learned {
  readonly #origins = new Set<string>();

  has(origin: string): boolean {
    return this.#origins.has(origin);
  }

  add(origin: string): void {
    this.#origins.delete(origin);
    this.#origins.add(origin);
    for (const oldest of this.#origins) {
      if (this.#origins.size <= MAX_ORIGINS) return;
      this.#origins.delete(oldest);
    }
  }
}
