import { type ErrorCode, GssError } from "../errors.ts";

/** A token that is not what RFC 4121 says it must be. */
export function defectiveToken(message: string, cause?: unknown): GssError {
  return new GssError("GSS_DEFECTIVE_TOKEN", "GSS_S_DEFECTIVE_TOKEN", message, cause === undefined ? {} : { cause });
}

/** A token whose MAC does not match, or that comes from the wrong side. */
export function badMic(message: string, cause?: unknown): GssError {
  return new GssError("GSS_BAD_MIC", "GSS_S_BAD_MIC", message, cause === undefined ? {} : { cause });
}

/** A context that is not established, or not any more. */
export function noContext(message: string, cause?: unknown): GssError {
  return new GssError("GSS_NO_CONTEXT", "GSS_S_NO_CONTEXT", message, cause === undefined ? {} : { cause });
}

/** Any other failure; its major status is GSS_S_FAILURE unless said. */
export function gssFailure(code: ErrorCode, message: string, cause?: unknown, major = "GSS_S_FAILURE"): GssError {
  return new GssError(code, major, message, cause === undefined ? {} : { cause });
}
