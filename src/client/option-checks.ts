import { checkNotNegative } from "../krb5/index.ts";

/** Options of a client whose mistakes would show late, or never. */
interface Checked {
  readonly skewSeconds?: number | undefined;
  readonly rejectedSecretRestSeconds?: number | undefined;
  readonly kdc?: unknown;
  readonly kpasswd?: unknown;
}

/** Throws TypeError and RangeError for what cannot work: the caller's mistake. */
export function checkClientOptions(options: Checked): void {
  checkNotNegative("skewSeconds", options.skewSeconds);
  checkNotNegative("rejectedSecretRestSeconds", options.rejectedSecretRestSeconds);
  for (const name of ["kdc", "kpasswd"] as const) {
    const value = options[name] ?? [];
    // The values of a text are its characters, which are no lists.
    if (Array.isArray(value) || Object.values(value).every(Array.isArray)) continue;
    throw new TypeError(`${name} is a list, as ["tcp://host:port"]`);
  }
}
