import type { ErrorCodes } from "./codes.ts";
import { type ErrorFields, KerberosError } from "./kerberos-error.ts";

/** A GSS-API failure; `major` is the name of the RFC 2743 status, `cause` the Kerberos error behind it. */
export class GssError extends KerberosError<ErrorCodes["GssError"]> {
  /** The name of the class, which tells it as `code` does. */
  override readonly name: "GssError" = "GssError";
  /** The name of the RFC 2743 status, for example `GSS_S_BAD_MIC`. */
  declare major: string;

  /**
   * Makes the error, for a source, cache or dial of your own.
   *
   * @param code what went wrong
   * @param major the name of the RFC 2743 status
   * @param message what failed, and what to do
   * @param fields what is known of the failure, and the error behind it
   */
  constructor(
    code: ErrorCodes["GssError"],
    major: string,
    message: string,
    fields: ErrorFields<GssError, "token"> = {},
  ) {
    super(code, message, fields);
    this.major = major;
  }
}

/** A service refuses a ticket or an authenticator (RFC 4120 section 3.2.3): the peer, or this side where it accepts. */
export class ServiceError extends KerberosError<ErrorCodes["ServiceError"]> {
  /** The name of the class, which tells it as `code` does. */
  override readonly name: "ServiceError" = "ServiceError";
  /** The service's principal. */
  declare readonly service?: string;

  /**
   * Makes the error, for a source, cache or dial of your own.
   *
   * @param code what went wrong
   * @param message what failed, and what to do
   * @param fields what is known of the failure, and the error behind it
   */
  constructor(code: ErrorCodes["ServiceError"], message: string, fields: ErrorFields<ServiceError, "service"> = {}) {
    super(code, message, fields);
  }
}
