import { type Checks, checkFunction, checkOptions, refuse } from "../checks/index.ts";
import { checkPrincipal } from "../krb5/index.ts";

interface Forms {
  readonly principal: unknown;
  readonly password: unknown;
  readonly keytab: unknown;
  readonly loadSecret: unknown;
}

const formChecks: Checks<Forms> = {
  principal: (_, value) => checkPrincipal("credentials.principal", value),
  password: (_, value) => checkPassword("credentials.password", value),
  keytab: (_, value) => checkKeytab("credentials.keytab", value),
  loadSecret: (_, value) => checkFunction("credentials.loadSecret", value),
};

/**
 * Checks credentials that are a principal with a password, with a keytab or with what else is proven, and not with
 * both. What they are is never quoted. Throws TypeError: the caller's mistake.
 */
export function checkForms(credentials: object): void {
  const { principal, password, keytab, loadSecret } = Object(credentials) as Partial<Forms>;
  const isSource = typeof loadSecret === "function" && typeof (credentials as { open?: unknown }).open === "function";
  // A source that needs no host, as `certificate()` makes one, has more names.
  checkOptions("credentials", isSource ? ({ principal, loadSecret } as Forms) : (credentials as Forms), formChecks);
  if (password !== undefined && keytab !== undefined) {
    throw new TypeError("credentials has a password and a keytab: give one of them");
  }
  if (principal === undefined) throw new TypeError("credentials has no principal: give one, as alice@EXAMPLE.ORG");
  if (loadSecret !== undefined) return;
  // Not `undefined`: a variable that is not set is told when it is asked for, as a function's is.
  if (!("password" in credentials) && !("keytab" in credentials)) {
    throw new TypeError("credentials has neither a password nor a keytab: give one of them");
  }
}

function checkPassword(name: string, value: unknown): void {
  if (typeof value === "string" || typeof value === "function" || value instanceof Uint8Array) return;
  if (value !== null) refuse(name, value, "a string, a Uint8Array, or a function that gives one");
}

/** Text is looked at where the keytab is read: it may be the name of a file. */
function checkKeytab(name: string, value: unknown): void {
  if (typeof value === "function" || typeof value === "string" || value instanceof Uint8Array) return;
  const { entries, base64 } = Object(value) as { readonly entries?: unknown; readonly base64?: unknown };
  if (value === null || Array.isArray(entries) || typeof base64 === "string") return;
  refuse(name, value, "the octets of a keytab, a Keytab, or a function that gives one");
}
