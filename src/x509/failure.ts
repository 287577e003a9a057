import { CredentialError } from "../errors.ts";

/** An error about the client's own certificate or key. Nothing of a key or passphrase is in it. */
export function ownProblem(
  reason: NonNullable<CredentialError["reason"]>,
  message: string,
  cause?: unknown,
): CredentialError {
  return new CredentialError("CERTIFICATE", message, { reason, ...(cause === undefined ? {} : { cause }) });
}
