import {
  type Checks,
  checkBoolean,
  checkList,
  checkNumber,
  checkOptions,
  checkPart,
  checkString,
  checkText,
  checkWhole,
  checkWord,
  type OptionHint,
} from "../../checks/index.ts";
import { etypesOf } from "../../krb5/index.ts";
import { checkKerberosDate } from "./date-check.ts";
import type {
  IssueOptions,
  KdcPolicy,
  PolicyChange,
  PreauthName,
  PrincipalChange,
  TestOtp,
  TestPrincipalOptions,
} from "./options.ts";

/** A life beyond 68 years is a mistake; and a date from it would soon have no octets (RFC 4120 section 5.2.3). */
const maxSeconds = 2 ** 31 - 1;

const preauthNames: { readonly [N in PreauthName]: true } = {
  "encrypted-timestamp": true,
  fast: true,
  "encrypted-challenge": true,
  spake: true,
  otp: true,
  pkinit: true,
};

/** The name of something in `preauth` of a realm or `requires` of a principal. */
export function checkPreauthName(name: string, value: unknown): void {
  checkWord(name, value, ...Object.keys(preauthNames));
}

function checkSid(name: string, value: unknown): void {
  checkText(name, value);
  const parts = (value as string).split("-").slice(2);
  const isSid = /^S-1-\d{1,15}(?:-\d{1,10}){1,15}$/.test(value as string);
  if (!isSid || parts.slice(1).some((part) => Number(part) > 0xffff_ffff)) {
    throw new TypeError(`${name} is not a SID: give one as text, for example S-1-5-21-1-2-3`);
  }
}

function checkGroup(name: string, value: unknown): void {
  checkWhole(name, value, 1, 4);
}

/** What policy may say but for what is chosen when the realm is made. Whole seconds: KerberosTime has no others. */
export const policyChecks: Checks<Omit<KdcPolicy, "enctypes" | "preauth">> = {
  spakeGroups: [checkList, checkGroup],
  spakeChallenge: [checkWhole, 0, 4],
  allowAnonymous: checkBoolean,
  pkinitDhMinBits: [checkWhole, 2048, 4096],
  requireFreshness: checkBoolean,
  requireChecksum2: checkBoolean,
  requirePreauth: checkBoolean,
  requireCookie: checkBoolean,
  clockSkewSeconds: [checkNumber, 0, maxSeconds],
  // Any clock that Date has; whether KerberosTime has it too is to be seen where it is known.
  clockOffsetSeconds: [checkNumber, -8.64e12, 8.64e12],
  ticketLifetimeSeconds: [checkWhole, 1, maxSeconds],
  renewLifetimeSeconds: [checkWhole, 0, maxSeconds],
  allowForwardable: checkBoolean,
  allowProxiable: checkBoolean,
  maxFailures: [checkWhole, 0],
  domainSid: (name, value) => {
    if (value !== "") checkSid(name, value);
  },
  maxDatagramBytes: [checkNumber, 0],
};

/** What a caller says of the policy, without what is undefined. */
export function saidOf(policy: PolicyChange): Partial<KdcPolicy> {
  return Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== undefined));
}

/** What of a policy can change while the realm is there. */
type ChangeablePolicy = Omit<PolicyChange, "enctypes" | "preauth">;

/** Checks a change of the policy. Throws TypeError and RangeError: the caller's mistakes. */
export function checkPolicy(policy: ChangeablePolicy): void {
  checkOptions<ChangeablePolicy>("realm.setPolicy", policy, policyChecks, (name) =>
    name === "enctypes" || name === "preauth" ? "they are chosen when the realm is made" : undefined,
  );
}

const otpChecks: Checks<TestOtp> = {
  vendor: checkText,
  codes: [checkList, checkText],
  pin: checkText,
  isPinSeparate: checkBoolean,
  newPin: checkText,
  isPinExpired: checkBoolean,
  hasDrifted: checkBoolean,
};

/** A code or PIN is in no message. */
function checkOtp(name: string, value: unknown): void {
  if (Array.isArray(value)) {
    for (const [i, token] of value.entries()) checkOtp(`${name}[${i}]`, token);
    return;
  }
  checkPart(name, value as TestOtp, otpChecks, (field) => `${field} of ${name}`);
  if ((value as TestOtp).codes === undefined) throw new TypeError(`codes of ${name} is undefined: it must be an array`);
}

const changeChecks: Checks<PrincipalChange> = {
  aliases: [checkList, checkText],
  expires: checkKerberosDate,
  passwordExpires: checkKerberosDate,
  isLocked: checkBoolean,
  requirePreauth: checkBoolean,
  requires: [checkList, checkPreauthName],
  otp: checkOtp,
  allowTickets: checkBoolean,
  isTrustedForDelegation: checkBoolean,
  delegatesTo: [checkList, checkText],
  takesDelegationFrom: [checkList, checkText],
  isTrustedToAuthenticate: checkBoolean,
  isNotDelegated: checkBoolean,
  requiresUserToUser: checkBoolean,
  sid: checkSid,
  groups: [checkList, checkSid],
};

/** Checks what is said of a principal; `etypes` are the realm's. A password is in no message. */
export function checkPrincipal(name: string, options: TestPrincipalOptions, etypes: readonly number[]): void {
  const checks: Checks<TestPrincipalOptions> = {
    ...changeChecks,
    password: checkString,
    salt: checkString,
    // The rounds have four octets (RFC 3962 section 4); few are allowed, for tests that would rather be fast.
    iterations: [checkWhole, 1, 2 ** 32 - 1],
    enctypes: (field, value) => void etypesOf(field, value, etypes),
    // UInt32, and 0 says nothing of a version (RFC 4120 section 5.2.9)
    kvno: [checkWhole, 1, 2 ** 32 - 1],
  };
  checkPart(`the entry of ${name}`, options, checks, (field) => `${field} of ${name}`);
}

/** Checks what is to change of a principal, the keys excepted. */
export function checkPrincipalChange(name: string, options: PrincipalChange): void {
  checkOptions("realm.changePrincipal", options, changeChecks, ofKeys);
  checkPart(`the entry of ${name}`, options, changeChecks, (field) => `${field} of ${name}`);
}

const ofKeys: OptionHint = (name) => {
  if (name === "password" || name === "salt" || name === "iterations") return "setPassword() changes it";
  return name === "kvno" || name === "enctypes" ? "rotateKey() and setPassword() make new keys" : undefined;
};

const seconds = [checkNumber, 1, maxSeconds] as const;

/** What a ticket for a cache may be asked for; enctypes are looked at where those of the realm are known. */
export const issueChecks: Checks<IssueOptions> = {
  lifetimeSeconds: seconds,
  renewLifetimeSeconds: seconds,
  forwardable: checkBoolean,
  proxiable: checkBoolean,
  enctypes: () => {},
};
