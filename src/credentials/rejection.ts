import { type ErrorCode, KerberosError } from "../errors.ts";

/** The KDC has seen the proof of a secret and refused it: it counted a failed login. */
const REFUSED_PROOFS: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["WRONG_PASSWORD", "KEYTAB"]);

/** The KDC refuses the client whatever it proves, until an administrator or the user does something. */
const REFUSED_CLIENTS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "CLIENT_UNKNOWN",
  "CLIENT_LOCKED",
  "CLIENT_EXPIRED",
  "PASSWORD_EXPIRED",
]);

/** Whether a KDC refused the proof of a secret: the same proof would count as another failed login. */
export function isRefusedProof(error: unknown): error is KerberosError {
  return error instanceof KerberosError && REFUSED_PROOFS.has(error.code);
}

/** Whether an error means that the same secret would be rejected again, by any process that tries it. */
export function isRejection(error: unknown): error is KerberosError {
  return isRefusedProof(error) || (error instanceof KerberosError && REFUSED_CLIENTS.has(error.code));
}
