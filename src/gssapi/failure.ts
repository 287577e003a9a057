import { type ErrorCode, GssError, isKerberosError } from "../errors.ts";

/** A token that is not what RFC 4121 says it must be. */
export function defectiveToken(message: string, cause?: unknown): GssError {
  // What did not decode says already what to do.
  const advice = cause === undefined ? "; check what the peer sends" : "";
  return new GssError("GSS_DEFECTIVE_TOKEN", "GSS_S_DEFECTIVE_TOKEN", `${message}${advice}`, { cause });
}

/** A token whose MAC does not match, or that comes from the wrong side. */
export function badMic(message: string, cause?: unknown): GssError {
  return new GssError("GSS_BAD_MIC", "GSS_S_BAD_MIC", `${message}; make another context`, { cause });
}

/** A context that is not established, or not any more. */
export function noContext(message: string, cause?: unknown): GssError {
  return new GssError("GSS_NO_CONTEXT", "GSS_S_NO_CONTEXT", message, { cause });
}

/** What a context throws: every error of this package has a major status then, whatever its class. */
export function asContextFailure(error: unknown): unknown {
  if (error === undefined || (error as Error)?.name === "AbortError") return error;
  if (isKerberosError(error)) {
    error.major ??= MAJORS[error.code] ?? "GSS_S_FAILURE";
    return error;
  }
  const reason = error instanceof Error ? error.message : error;
  return new GssError("GSS", "GSS_S_FAILURE", `the security context failed: ${reason}; look at the error's cause`, {
    cause: error,
  });
}

const MAJORS: { readonly [code in ErrorCode]?: string } = {
  TICKET_EXPIRED: "GSS_S_CREDENTIALS_EXPIRED",
  NO_CREDENTIAL: "GSS_S_NO_CRED",
  KEYTAB_NO_KEY: "GSS_S_NO_CRED",
  REPLAY: "GSS_S_DUPLICATE_TOKEN",
};
