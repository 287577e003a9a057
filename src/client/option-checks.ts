import { checkNotNegative } from "../krb5/index.ts";

/** Options of a client whose mistakes would show late, or never. */
interface Checked {
  readonly skewSeconds?: number | undefined;
  readonly rejectedSecretRestSeconds?: number | undefined;
  readonly lifetimeSeconds?: number | undefined;
  readonly renewLifetimeSeconds?: number | undefined;
  readonly kdc?: unknown;
  readonly kpasswd?: unknown;
}

/** Throws TypeError and RangeError for what cannot work: the caller's mistake. */
export function checkClientOptions(options: Checked): void {
  checkNotNegative("skewSeconds", options.skewSeconds);
  checkNotNegative("rejectedSecretRestSeconds", options.rejectedSecretRestSeconds);
  checkLifetimes(options);
  for (const name of ["kdc", "kpasswd"] as const) {
    const value = options[name] ?? [];
    // The values of a text are its characters, which are not lists.
    if (Array.isArray(value) || Object.values(value).every(Array.isArray)) continue;
    throw new TypeError(`${name} is a list, as ["tcp://host:port"]`);
  }
}

/** A KDC grants a ticket that has ended already, and its reply would look forged. Throws RangeError. */
export function checkLifetimes(options: Pick<Checked, "lifetimeSeconds" | "renewLifetimeSeconds">): void {
  for (const name of ["lifetimeSeconds", "renewLifetimeSeconds"] as const) {
    const value = options[name];
    if (value !== undefined && !(value >= 1)) throw new RangeError(`${name} is ${value}: it must be 1 or more`);
  }
}
