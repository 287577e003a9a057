// What stands in the errors of drivers.

interface Told {
  readonly code?: unknown;
  readonly originalCode?: unknown;
  readonly cause?: unknown;
  readonly errors?: readonly unknown[];
  readonly message?: unknown;
}

/** An error and what stands behind it, nearest first. */
export function causesOf(error: unknown): Told[] {
  if (typeof error !== "object" || error === null) return [];
  const told = error as Told;
  return [told, ...causesOf(told.cause), ...(told.errors ?? []).flatMap(causesOf)];
}

/** All that an error says, with its causes. */
export function wordsOf(error: unknown): string {
  return causesOf(error)
    .map(({ message }) => String(message))
    .join("\n");
}

/** What a promise fails with; undefined if it does not. */
export async function failureOf(login: Promise<unknown>): Promise<unknown> {
  return await login.then(
    () => undefined,
    (error: unknown) => error,
  );
}
