// Which of two failures is thrown: while the ticket is fetched, the connection is opened.

import { isKerberosError } from "../errors.ts";

/** Whether an error is of what this program was given, or of its host, and not what another machine says. */
export function isOfThisSide(error: unknown): boolean {
  return !isKerberosError(error) || ["CredentialError", "ConfigError", "UnsupportedError"].includes(error.name);
}

/** Waits until one has settled, a second at most; throws what it throws. */
export async function soon(...waited: readonly Promise<unknown>[]): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise((resolve) => {
    timer = setTimeout(resolve, 1_000);
  });
  await Promise.race([...waited, over]).finally(() => clearTimeout(timer));
}
