import type { ErrorCodes } from "./codes.ts";
import { type ErrorFields, KerberosError } from "./kerberos-error.ts";
import { plainLine } from "./plain-text.ts";

/** Octets that are not what the standard says they must be. */
export class DecodeError extends KerberosError<ErrorCodes["DecodeError"]> {
  /** The name of the class, which tells it as `code` does. */
  override readonly name: "DecodeError" = "DecodeError";
  /** Octets from the start of the input to the place of the fault. */
  readonly offset: number;
  /** Where in the message, for example `AS-REP.enc-part.etype`. */
  readonly path: string;
  /** `version`: of a format whose version is not known here. `malformed`: anything else. */
  readonly reason: "malformed" | "version";

  /**
   * Makes the error, for a source, cache or dial of your own.
   *
   * @param message what failed, and what to do
   * @param offset octets from the start of the input to the place of the fault
   * @param path where in the message, for example `AS-REP.enc-part.etype`
   * @param fields the kind of fault, and the error behind it
   */
  constructor(message: string, offset: number, path = "", fields: ErrorFields<DecodeError, "reason"> = {}) {
    const { reason = "malformed", ...rest } = fields;
    super(
      "DECODE",
      `${path === "" ? "" : `${path}: `}${message} (at octet ${offset}); check that it is whole, and of this format`,
      rest,
    );
    this.offset = offset;
    this.path = plainLine(path);
    this.reason = reason;
  }
}

/** A cryptographic operation that failed. Every integrity failure has the same words, whatever its reason. */
export class CryptoError extends KerberosError<ErrorCodes["CryptoError"]> {
  /** The name of the class, which tells it as `code` does. */
  override readonly name: "CryptoError" = "CryptoError";
  /** The number of the enctype that it is about. */
  declare readonly etype?: number;
  /** The realm whose KDC has no key of an enctype that is permitted. */
  declare readonly realm?: string;

  /**
   * Makes the error, for a source, cache or dial of your own.
   *
   * @param code what went wrong
   * @param message what failed, and what to do
   * @param fields what is known of the failure, and the error behind it
   */
  constructor(
    code: ErrorCodes["CryptoError"],
    message: string,
    fields: ErrorFields<CryptoError, "etype" | "realm"> = {},
  ) {
    super(code, message, fields);
  }
}

/** The one error for a MAC that does not match, made in one place so that it cannot differ. */
export function integrityError(): CryptoError {
  return new CryptoError(
    "INTEGRITY",
    "integrity check failed: the octets were changed, or the key is another; check the key",
  );
}
