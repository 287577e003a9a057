import { GssError } from "../errors.ts";

/** The peer broke the rules of the mechanism. */
export function protocolError(message: string, cause?: unknown): GssError {
  return new GssError("SASL_PROTOCOL", "GSS_S_FAILURE", `${message}; check that both sides mean the same mechanism`, {
    cause,
  });
}

/** The two ends have no security layer in common. */
export function layerError(message: string): GssError {
  return new GssError("SASL_LAYER", "GSS_S_FAILURE", message);
}

/** What an exchange says that was disposed of. */
export function disposed(): GssError {
  return new GssError("GSS_NO_CONTEXT", "GSS_S_NO_CONTEXT", "the SASL exchange was disposed of: make another one");
}

/** The client may not act as it asks. */
export function notAuthorized(message: string): GssError {
  return new GssError("SASL_NOT_AUTHORIZED", "GSS_S_UNAUTHORIZED", message);
}
