import { CredentialError } from "../../errors.ts";

/** A value, or a function that gives it when it is needed: a secret store, an environment binding. */
export type Deferred<T> = T | (() => T | Promise<T>);

/**
 * The value of an option of the credentials. A rejected or failing function is the caller's, with its error as the
 * cause.
 */
export async function resolveDeferred<T>(value: Deferred<T>, what: string): Promise<NonNullable<T>> {
  let found: T | undefined;
  try {
    found = typeof value === "function" ? await (value as () => T | Promise<T>)() : value;
  } catch (cause) {
    throw new CredentialError("NO_CREDENTIAL", `the function that gives credentials.${what} failed: see \`cause\``, {
      cause,
    });
  }
  if (found !== undefined && found !== null) return found;
  throw new CredentialError(
    "NO_CREDENTIAL",
    `credentials.${what} has no value: set it (is its environment variable missing?)`,
  );
}
