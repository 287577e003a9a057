import { type Checks, checkFunction, checkOptions, kindOf } from "../checks/index.ts";
import { checkPassword, checkSalt } from "../client/index.ts";
import { checkKeytabOrFile } from "../credentials/index.ts";
import { principalOf } from "../krb5/index.ts";

interface Forms {
  readonly principal: unknown;
  readonly password: unknown;
  readonly salt: unknown;
  readonly keytab: unknown;
  readonly loadSecret: unknown;
}

const formChecks: Checks<Forms> = {
  principal: (_, value) => principalOf("credentials.principal", value),
  password: (_, value) => checkPassword("credentials.password", value),
  salt: (_, value) => checkSalt("credentials.salt", value),
  keytab: (_, value) => checkKeytabForm("credentials.keytab", value),
  loadSecret: (_, value) => checkFunction("credentials.loadSecret", value),
};

/**
 * Checks credentials that are a principal with a password, with a keytab or with what else is proven, and not with
 * both. What they are is never quoted. Throws TypeError: the caller's mistake.
 */
export function checkForms(credentials: object): void {
  const kind = kindOf(credentials);
  if (kind !== "an object") {
    throw new TypeError(
      `credentials is ${kind}: it must be { principal, password } or { principal, keytab }, or what password(), ` +
        "keytab() or another credential source gives",
    );
  }
  const { principal, password, keytab, loadSecret, salt } = Object(credentials) as Partial<Forms>;
  const isSource = typeof loadSecret === "function" && typeof (credentials as { open?: unknown }).open === "function";
  // A source that needs no host, as `certificate()` makes one, has more names.
  checkOptions("credentials", isSource ? ({ principal, loadSecret } as Forms) : (credentials as Forms), formChecks);
  if (password !== undefined && keytab !== undefined) {
    throw new TypeError("credentials has a password and a keytab: give one of them");
  }
  if (salt !== undefined && password === undefined && !("password" in credentials)) {
    throw new TypeError("credentials has a salt and no password: only the keys of a password have a salt");
  }
  if (principal === undefined)
    throw new TypeError("credentials has no principal: give one, for example alice@EXAMPLE.ORG");
  if (loadSecret !== undefined) return;
  // Not `undefined`: a variable that is not set is refused when it is asked for, like a function's.
  if (!("password" in credentials) && !("keytab" in credentials)) {
    throw new TypeError("credentials has neither a password nor a keytab: give one of them");
  }
}

/** Null is refused where the keytab is asked for, like a function's. */
function checkKeytabForm(name: string, value: unknown): void {
  if (value !== null && typeof value !== "function") checkKeytabOrFile(name, value);
}
