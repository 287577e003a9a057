import { printableText, Reader } from "../../bytes/index.ts";
import { PasswordChangeError, type PasswordPolicy } from "../../errors.ts";

/** What a password server answers (RFC 3244 section 2): a code of 16 bits and words. */
export interface PasswordResult {
  readonly resultCode: number;
  /** As they came; Active Directory sends a structure. */
  readonly octets: Uint8Array;
}

const SOFT_ERROR = 4;

/** What each code means, and what to do. */
const MEANINGS: Readonly<Record<number, string>> = {
  1: "it says that the request was malformed: look at its log",
  2: "the server failed: try again later, or ask its administrator",
  3: "it does not accept the ticket that asks: log in again",
  [SOFT_ERROR]: "the new password is not accepted: choose another",
  5: "this client may not change this password: only its owner or an administrator can",
  6: "it does not know this version of the protocol: ask its administrator",
  7: "it wants a ticket that comes straight from a login: give the password, not a ticket",
  65535: "it failed and does not say why: look at its log",
};

/** The data of a reply. Undefined for less than a code. */
export function decodePasswordResult(octets: Uint8Array): PasswordResult | undefined {
  if (octets.length < 2) return undefined;
  return { resultCode: new Reader(octets).uint16(), octets: octets.subarray(2) };
}

/** The error of a refusal. `isProven`: the words came under the server's key. */
export function passwordError({ resultCode, octets }: PasswordResult, isProven: boolean): PasswordChangeError {
  const policy = decodePolicy(octets);
  const serverMessage = policy === undefined ? printableText(octets).trim() : describePolicy(policy);
  const meaning = MEANINGS[resultCode] ?? `it refused with code ${resultCode}: look at its log`;
  const said = serverMessage === "" ? "" : `; it says: ${serverMessage}`;
  return new PasswordChangeError(
    resultCode === SOFT_ERROR ? "PASSWORD_REJECTED" : "PASSWORD_CHANGE",
    `the password was not changed by the server: ${meaning}${said}`,
    { resultCode, serverMessage, policy, isProven },
  );
}

const POLICY_BYTES = 30;
const COMPLEX = 1;
/** Times are in units of 100 nanoseconds. */
const UNITS_PER_DAY = 864_000_000_000n;
/** The largest age means "for ever"; it is the least signed number of 64 bits where it is stored. */
const NEVER = 1n << 63n;

/**
 * Active Directory's own form of the words: two zero octets, the least length, the length of the history, properties,
 * the age at which a password ends and the age before which it cannot be changed. Undefined for anything else.
 */
export function decodePolicy(octets: Uint8Array): PasswordPolicy | undefined {
  if (octets.length !== POLICY_BYTES || octets[0] !== 0 || octets[1] !== 0) return undefined;
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  const days = (at: number): number => Number(view.getBigUint64(at) / UNITS_PER_DAY);
  const maxAge = view.getBigUint64(14);
  return {
    minLength: view.getUint32(2),
    historyLength: view.getUint32(6),
    requireComplexity: (view.getUint32(10) & COMPLEX) !== 0,
    ...(maxAge === 0n || maxAge >= NEVER ? {} : { maxAgeDays: days(14) }),
    minAgeDays: days(22),
  };
}

function describePolicy({ minLength, historyLength, requireComplexity, minAgeDays }: PasswordPolicy): string {
  return [
    ...(requireComplexity
      ? ["it needs three of lower case, upper case, digits and other characters, and no part of the user's name"]
      : []),
    ...(minLength === 0 ? [] : [`it needs at least ${minLength} characters`]),
    ...(historyLength === 0 ? [] : [`it must differ from the last ${historyLength}`]),
    ...(minAgeDays === 0 ? [] : [`it can be changed once in ${minAgeDays} day${minAgeDays === 1 ? "" : "s"}`]),
  ].join("; ");
}
