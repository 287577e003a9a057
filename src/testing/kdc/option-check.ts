import { etypesOf } from "../../krb5/index.ts";
import { checkBoolean, checkDate, checkNumber, checkObject, checkText, checkWhole } from "./check.ts";
import type { KdcPolicy, TestPrincipalOptions } from "./options.ts";

/** A life beyond 68 years is a mistake; and a date from it would soon have no octets (RFC 4120 section 5.2.3). */
const maxSeconds = 2 ** 31 - 1;

/** What policy may say, and what each is looked at for. Whole seconds: KerberosTime has no others. */
const policyChecks: { readonly [K in Exclude<keyof KdcPolicy, "enctypes">]: (what: string, value: unknown) => void } = {
  requirePreauth: checkBoolean,
  requireCookie: checkBoolean,
  clockSkewSeconds: (what, value) => checkNumber(what, value, 0, maxSeconds),
  // Any clock that Date has; whether KerberosTime has it too is to be seen where it is known.
  clockOffsetSeconds: (what, value) => checkNumber(what, value, -8.64e12, 8.64e12),
  ticketLifetimeSeconds: (what, value) => checkWhole(what, value, 1, maxSeconds),
  renewLifetimeSeconds: (what, value) => checkWhole(what, value, 0, maxSeconds),
  allowForwardable: checkBoolean,
  allowProxiable: checkBoolean,
  maxFailures: (what, value) => checkWhole(what, value, 0, Number.MAX_SAFE_INTEGER),
  maxDatagramBytes: (what, value) => checkNumber(what, value, 0, Number.POSITIVE_INFINITY),
};

/** What a caller says of the policy, without what is undefined; enctypes are for {@link etypesOf}. */
export function checkPolicy(policy: Partial<KdcPolicy>): Partial<KdcPolicy> {
  const said = Object.entries(policy).filter(([, value]) => value !== undefined);
  for (const [name, value] of said) {
    if (Object.hasOwn(policyChecks, name)) policyChecks[name as keyof typeof policyChecks](name, value);
  }
  return Object.fromEntries(said);
}

/** What is said of a principal; `etypes` are the realm's. */
export function checkPrincipal(name: string, options: TestPrincipalOptions, etypes: readonly number[]): void {
  checkObject(`what is said of ${name}`, options);
  const checks: { readonly [K in keyof TestPrincipalOptions]-?: (what: string, value: unknown) => void } = {
    password: checkString,
    salt: checkString,
    // The rounds have four octets (RFC 3962 section 4); few are allowed, for tests that would rather be fast.
    iterations: (what, value) => checkWhole(what, value, 1, 2 ** 32 - 1),
    enctypes: (what, value) => void etypesOf(what, value, etypes),
    // UInt32, and 0 says nothing of a version (RFC 4120 section 5.2.9)
    kvno: (what, value) => checkWhole(what, value, 1, 2 ** 32 - 1),
    aliases: checkAliases,
    expires: checkDate,
    passwordExpires: checkDate,
    isLocked: checkBoolean,
    requirePreauth: checkBoolean,
    allowTickets: checkBoolean,
    isTrustedForDelegation: checkBoolean,
  };
  for (const [field, check] of Object.entries(checks)) {
    const value = options[field as keyof TestPrincipalOptions];
    if (value !== undefined) check(`${field} of ${name}`, value);
  }
}

/** Text that may be empty. Its value, which may be a password, is in no message. */
export function checkString(what: string, value: unknown): void {
  if (value !== "") checkText(what, value);
}

function checkAliases(what: string, value: unknown): void {
  if (!Array.isArray(value)) throw new TypeError(`${what} must be an array of names`);
  for (const alias of value) checkText(`one of ${what}`, alias);
}

/** What {@link TestRealm.ccache} is asked for. */
export function checkLifetimes(options: {
  readonly lifetimeSeconds?: number;
  readonly renewLifetimeSeconds?: number;
}): void {
  const { lifetimeSeconds, renewLifetimeSeconds } = options;
  if (lifetimeSeconds !== undefined) checkNumber("lifetimeSeconds", lifetimeSeconds, 1, maxSeconds);
  if (renewLifetimeSeconds !== undefined) checkNumber("renewLifetimeSeconds", renewLifetimeSeconds, 1, maxSeconds);
}
