const maxEntries = 512;

/**
 * Values with an end, the oldest forgotten where there are too many: names that a peer can choose must not fill the
 * memory.
 */
export class ExpiringCache<T> {
  readonly #entries = new Map<string, { readonly value: T; readonly untilMs: number }>();

  get(key: string, nowMs: number): T | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (nowMs < entry.untilMs) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  set(key: string, value: T, untilMs: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, untilMs });
    if (this.#entries.size > maxEntries) this.#entries.delete(this.#entries.keys().next().value as string);
  }
}
