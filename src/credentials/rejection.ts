import { CredentialError, type ErrorOfCode, hasCode, kdcErrorOf, PreauthError } from "../errors.ts";
import { KRB_ERROR } from "../iana/index.ts";

/** The error of a secret whose proof a KDC refused. */
export type RefusedProof = ErrorOfCode<"WRONG_PASSWORD" | "KEYTAB">;

/** The KDC's codes for a proof that is wrong (RFC 4120 section 7.5.9). */
const REFUSALS: ReadonlySet<number | undefined> = new Set([
  KRB_ERROR.KDC_ERR_PREAUTH_FAILED,
  KRB_ERROR.KRB_AP_ERR_BAD_INTEGRITY,
]);

/**
 * Whether a KDC refused the proof of a secret: the same proof would count as another failed login, so the secret has to
 * rest. An unknown or locked account is not a reason for that, since a forged error could say so of any, and an
 * administrator may mend it at any time.
 */
export function isRefusedProof(error: unknown): error is RefusedProof {
  // A keytab that cannot be read has this code too, and so has a reply that does not open: no KDC has counted those.
  const isSecret = hasCode(error, "WRONG_PASSWORD") || (hasCode(error, "KEYTAB") && error.reason === "rejected");
  return isSecret && REFUSALS.has(kdcErrorOf(error)?.errorCode);
}

/** What is kept of a rejection while the secret rests: JSON. */
export interface KeptRejection {
  readonly code: RefusedProof["code"];
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What to keep of a rejection. */
export function keepRejection(error: RefusedProof): KeptRejection {
  const { code, name: _name, commandState: _state, retryAfter: _after, ...fields } = error;
  return { code, message: error.message, fields };
}

/** The same error again, of the same class and with the same fields, for a secret that was not tried: it rests. */
export function repeatRejection(
  { code, message, fields }: KeptRejection,
  retryAfter: Date,
  cause?: unknown,
): RefusedProof {
  const words = `${message} (the same secret is not tried again before ${retryAfter.toISOString()}, so that the account is not locked)`;
  const all = { ...fields, retryAfter, cause };
  return code === "KEYTAB"
    ? (new CredentialError(code, words, all) as RefusedProof)
    : (new PreauthError(code, words, all) as RefusedProof);
}
