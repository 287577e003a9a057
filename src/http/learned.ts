const MAX_ORIGINS = 1_000;

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
