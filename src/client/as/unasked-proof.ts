import type { RefusedProof } from "../../credentials/index.ts";
import { CredentialError, PreauthError } from "../../errors.ts";
import { PADATA } from "../../iana/index.ts";
import { formatPrincipal, type Principal } from "../../krb5/index.ts";
import { type AsExchangeOptions, usableMechanisms } from "./as-options.ts";
import { type EarlierProof, type LoginRecord, UNASKED_MS } from "./earlier-logins.ts";
import { knownHint, provableOf } from "./login-secret.ts";

/**
 * The proof of a login that has asked no KDC (`preauth: "timestamp-first"`): a timestamp under the first key of a
 * keytab, or of a password whose salt is known. Undefined where the secret has logged in before, or has failed to.
 */
export function firstProof(options: AsExchangeOptions, record: LoginRecord): EarlierProof | undefined {
  const { given } = options;
  // The second half of a login that began so.
  if (given?.unasked !== undefined && given.hint !== undefined) {
    return { mechanism: given.mechanism, hint: given.hint, ...given.unasked };
  }
  if (options.isTimestampFirst !== true || record.login !== undefined) return undefined;
  // Armor hides a proof better than anything that is sent before it is asked for.
  if (options.rearm !== undefined || options.envelope !== undefined) return undefined;
  const hint = knownHint(options);
  return hint && { mechanism: PADATA.encTimestamp, hint, clockOffsetMs: 0 };
}

/** Whether this login permits a proof that nobody has asked for. */
export function mayProve({ mechanism, hint, askedAtMs }: EarlierProof, options: AsExchangeOptions): boolean {
  // Where armor is taken up as offered, the KDC is asked first.
  if (options.rearm !== undefined && options.envelope === undefined) return false;
  // Where some KDCs have less than others, each is asked what it has.
  if (options.allowPreauthDowngrade === true) return false;
  // Rule P17: it took something of this principal that gives less away.
  if (options.envelope?.armor === undefined && options.hidden?.types.includes(mechanism) === true) return false;
  // Rule P19: what it offers may be another thing by now.
  if (askedAtMs !== undefined && Math.abs(options.now() - askedAtMs) >= UNASKED_MS) return false;
  // Another process may have proven what this one must not (rule LE1).
  return provableOf(options).includes(hint.etype) && usableMechanisms(options).some(({ type }) => type === mechanism);
}

/** The error for a KDC that asks for a proof when it has one. */
export function notTaken(client: Principal, isFirst: boolean, cause: unknown): PreauthError {
  const principal = formatPrincipal(client);
  const words =
    `the KDC wants to be asked before ${principal} proves its key${isFirst ? "" : ", and did not when it took the last proof"}: ` +
    "nothing is proven a second time; log in again, and it is asked first";
  return new PreauthError("PREAUTH", words, { principal, realm: client.realm, cause });
}

/** The error for a KDC that rejects a key that nobody had asked for, and makes it in another way. */
export function otherHint(cause: RefusedProof, principal: string, isFirst: boolean): RefusedProof {
  const words = isFirst
    ? `the KDC rejected the key of ${principal}, which was proven before it was asked for, and names another salt, ` +
      "enctype or count: nothing is proven a second time; log in again, and the KDC's is used; correct the salt, or " +
      'leave out `preauth: "timestamp-first"`'
    : `the KDC rejected the key of ${principal} that it took before, and names another salt, enctype or count now: ` +
      "nothing is proven a second time; log in again, and the new one is used";
  return cause.code === "KEYTAB"
    ? (new CredentialError("KEYTAB", words, { reason: "rejected", principal, cause }) as RefusedProof)
    : (new PreauthError("WRONG_PASSWORD", words, { principal, cause }) as RefusedProof);
}
