const maxRemembered = 256;

/**
 * Which KDCs failed a short while ago: they are asked after the others, so that a dead one costs its silence once and
 * not with every request. Values with an end, and no promise: one may serve the requests of a Worker, each on its own.
 */
export class KdcHealth {
  readonly #restMs: number;
  readonly #nowMs: () => number;
  readonly #restingUntilMs = new Map<string, number>();

  /** `restMs`: how long a failure is remembered. */
  constructor(restMs: number, nowMs: () => number = () => performance.now()) {
    this.#restMs = restMs;
    this.#nowMs = nowMs;
  }

  /** It refused, was silent, or sent nonsense. `name` as `tcp://host:port`. */
  failed(name: string): void {
    this.#restingUntilMs.delete(name);
    this.#restingUntilMs.set(name, this.#nowMs() + this.#restMs);
    if (this.#restingUntilMs.size <= maxRemembered) return;
    this.#restingUntilMs.delete(this.#restingUntilMs.keys().next().value as string);
  }

  answered(name: string): void {
    this.#restingUntilMs.delete(name);
  }

  /** The same, those that failed last; otherwise in their order. */
  order<T extends { readonly name: string }>(attempts: readonly T[]): readonly T[] {
    if (this.#restingUntilMs.size === 0) return attempts;
    const isResting = ({ name }: T): boolean => (this.#restingUntilMs.get(name) ?? 0) > this.#nowMs();
    return [...attempts.filter((attempt) => !isResting(attempt)), ...attempts.filter(isResting)];
  }
}
