/** Takes a result or an error, as npm `kerberos` 1 and 2 gave them; drivers of that time have nothing else. */
export type Callback<T> = (error: Error | null, value?: T) => void;

/**
 * Gives the promise of an operation; or nothing, and calls back with its outcome, where a function is among the
 * arguments. It may stand where another argument was left out: that mistake is then heard too. What the callback throws
 * is an uncaught exception, as under the native module: it is not the operation's failure.
 */
export function settle<T>(operation: () => Promise<T>, ...given: readonly unknown[]): Promise<T> {
  const promise = operation();
  const callback = given.find((one) => typeof one === "function") as Callback<T | null> | undefined;
  if (callback === undefined) return promise;
  const call = (error: Error | null, value: T | null): void => queueMicrotask(() => callback(error, value));
  promise.then(
    (value) => call(null, value),
    (error: unknown) => call(error as Error, null),
  );
  return undefined as unknown as Promise<T>;
}

/** Throws npm kerberos 7's TypeError for a parameter that is not text. */
export function checkParameter(name: string, value: unknown): asserts value is string {
  if (typeof value !== "string") throw new TypeError(`parameter \`${name}\` must be a string.`);
}
