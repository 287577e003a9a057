import type { ErrorCodes } from "./codes.ts";
import { type ErrorFields, KerberosError } from "./kerberos-error.ts";
import { plainText } from "./plain-text.ts";

/** A reply that decodes and is wrong: its nonce, a name, a time, a flag; or clocks that differ by too much. */
export class ProtocolError extends KerberosError<ErrorCodes["ProtocolError"]> {
  /** The name of the class, which tells it as `code` does. */
  override readonly name: "ProtocolError" = "ProtocolError";
  /** The realm whose KDC was asked. */
  declare readonly realm?: string;
  /** What was asked for. */
  declare readonly service?: string;
  /** The other side's clock, as it says. */
  declare readonly serverTime?: Date;

  /**
   * Makes the error, for a source, cache or dial of your own.
   *
   * @param code what went wrong
   * @param message what failed, and what to do
   * @param fields what is known of the failure, and the error behind it
   */
  constructor(
    code: ErrorCodes["ProtocolError"],
    message: string,
    fields: ErrorFields<ProtocolError, "realm" | "service" | "serverTime"> = {},
  ) {
    super(code, message, fields);
  }
}

/**
 * A KRB-ERROR (RFC 4120 section 5.9.1) of a KDC, or, as the `cause` of another error, of a service. It carries no MAC:
 * its words are a hint, not a fact.
 */
export class KdcError extends KerberosError<ErrorCodes["KdcError"]> {
  /** The name of the class, which tells it as `code` does. */
  override readonly name: "KdcError" = "KdcError";
  /** The number on the wire; an open set. */
  declare readonly errorCode: number;
  /** The registered name of the number, or `KRB_ERR_<number>`. */
  declare readonly errorName: string;
  /** The realm that answered, as it says. */
  declare readonly realm?: string;
  /** The client that asked. */
  declare readonly principal?: string;
  /** What was asked for. */
  declare readonly service?: string;
  /** The other side's clock, as it says. */
  declare readonly serverTime?: Date;
  /** `e-text`, with control characters taken out. */
  declare readonly text?: string;
  /** What an Active Directory says of the account in its own numbers (NTSTATUS), for example 0xC0000072: disabled. */
  declare readonly ntStatus?: number;

  /**
   * Makes the error, for a source, cache or dial of your own.
   *
   * @param code what went wrong
   * @param message what failed, and what to do
   * @param fields what is known of the failure, and the error behind it
   */
  constructor(
    code: ErrorCodes["KdcError"],
    message: string,
    fields: ErrorFields<
      KdcError,
      "realm" | "principal" | "service" | "serverTime" | "text" | "ntStatus" | "retryAfter",
      "errorCode" | "errorName"
    >,
  ) {
    super(code, message, fields);
  }
}

/** Pre-authentication that cannot be done or was refused. */
export class PreauthError extends KerberosError<ErrorCodes["PreauthError"]> {
  /** The name of the class, which tells it as `code` does. */
  override readonly name: "PreauthError" = "PreauthError";
  /** The realm whose KDC was asked. */
  declare readonly realm?: string;
  /** The client that logs in. */
  declare readonly principal?: string;
  /** The mechanism that failed, if one was chosen. */
  declare readonly mechanism?: string;
  /** What the KDC offered: PA-DATA types. */
  readonly offered: readonly number[];

  /**
   * Makes the error, for a source, cache or dial of your own.
   *
   * @param code what went wrong
   * @param message what failed, and what to do
   * @param fields what is known of the failure, and the error behind it
   */
  constructor(
    code: ErrorCodes["PreauthError"],
    message: string,
    fields: ErrorFields<PreauthError, "realm" | "principal" | "mechanism" | "offered" | "retryAfter"> = {},
  ) {
    const { offered = [], ...rest } = fields ?? {};
    super(code, message, rest);
    this.offered = offered;
  }
}

/** What an Active Directory domain asks of a password. */
export interface PasswordPolicy {
  /** Characters that a password must have. */
  readonly minLength: number;
  /** How many old passwords must not come again. */
  readonly historyLength: number;
  /** Whether it must mix kinds of characters and leave out the user's name. */
  readonly requireComplexity: boolean;
  /** Days after which a password ends; undefined if it does not. */
  readonly maxAgeDays?: number;
  /** Days that a password must be kept for. */
  readonly minAgeDays: number;
}

/**
 * A password server's refusal (RFC 3244): `PASSWORD_REJECTED` if the new password is not good enough, else
 * `PASSWORD_CHANGE`. `isProven` tells whether the server's key vouches for its words.
 */
export class PasswordChangeError extends KerberosError<ErrorCodes["PasswordChangeError"]> {
  /** The name of the class, which tells it as `code` does. */
  override readonly name: "PasswordChangeError" = "PasswordChangeError";
  /** 1 to 65,535; an open set. */
  declare readonly resultCode: number;
  /** What the server says, with control characters taken out. */
  declare readonly serverMessage: string;
  /** What an Active Directory domain asks of a password, if it says so. */
  declare readonly policy?: PasswordPolicy;
  /** Whether the server's key vouches for its words. */
  declare readonly isProven: boolean;

  /**
   * Makes the error, for a source, cache or dial of your own.
   *
   * @param code what went wrong
   * @param message what failed, and what to do
   * @param fields what is known of the failure, and the error behind it
   */
  constructor(
    code: ErrorCodes["PasswordChangeError"],
    message: string,
    fields: ErrorFields<PasswordChangeError, "policy", "resultCode" | "serverMessage" | "isProven">,
  ) {
    super(code, message, fields);
    // A server's words may have lines.
    this.serverMessage = plainText(fields?.serverMessage);
  }
}
