import type { ErrorCodes, ErrorName } from "./codes.ts";
import { type ErrorFields, KerberosError } from "./kerberos-error.ts";
import { plainText } from "./plain-text.ts";

/** A remctl failure: its own codes, and those of the classes that extend it. */
export class RemctlError<
  Code extends ErrorCodes["RemctlError" | "RemctlServerError" | "RemctlProtocolError"] = ErrorCodes[
    | "RemctlError"
    | "RemctlServerError"
    | "RemctlProtocolError"],
> extends KerberosError<Code> {
  /** The name of the class, which tells it as `code` does. */
  override readonly name: ErrorName<Code> = "RemctlError" as ErrorName<Code>;
  /** Which argument cannot be sent, from 0. */
  declare readonly argument?: number;
  /** The highest version of the protocol that the server speaks. */
  declare readonly protocol?: number;

  /**
   * Makes the error, for a source, cache or dial of your own.
   *
   * @param code what went wrong
   * @param message what failed, and what to do
   * @param fields what is known of the failure, and the error behind it
   */
  constructor(code: Code, message: string, fields: ErrorFields<RemctlError, "argument" | "protocol"> = {}) {
    super(code, message, fields);
  }
}

/** The server answered MESSAGE_ERROR. The session goes on, unless `code` says otherwise. */
export class RemctlServerError extends RemctlError<ErrorCodes["RemctlServerError"]> {
  /** The name of the class, which tells it as `code` does. */
  override readonly name: "RemctlServerError" = "RemctlServerError";
  /** 0 to 4,294,967,295; an open set. */
  readonly remoteCode: number;
  /** The server's text with control characters taken out. */
  readonly remoteMessage: string;
  /** The server's text as it came. Not enumerable. */
  declare readonly remoteOctets: Uint8Array;

  /**
   * Makes the error, for a source, cache or dial of your own.
   *
   * @param code what went wrong
   * @param message what failed, and what to do
   * @param remoteCode the server's number
   * @param remoteMessage the server's text; control characters are taken out
   * @param remoteOctets the server's text as it came
   */
  constructor(
    code: ErrorCodes["RemctlServerError"],
    message: string,
    remoteCode: number,
    remoteMessage: string,
    remoteOctets: Uint8Array,
  ) {
    const fields = { remoteOctets };
    super(code, message, fields);
    this.remoteCode = remoteCode;
    this.remoteMessage = plainText(remoteMessage);
  }
}

/** The peer broke the protocol; the session is closed. */
export class RemctlProtocolError extends RemctlError<ErrorCodes["RemctlProtocolError"]> {
  /** The name of the class, which tells it as `code` does. */
  override readonly name: "RemctlProtocolError" = "RemctlProtocolError";
  /** The flags of the packet that is of another version or protocol. */
  declare readonly flags?: number;

  /**
   * Makes the error, for a source, cache or dial of your own.
   *
   * @param code what went wrong
   * @param message what failed, and what to do
   * @param fields what is known of the failure, and the error behind it
   */
  constructor(
    code: ErrorCodes["RemctlProtocolError"],
    message: string,
    fields: ErrorFields<RemctlProtocolError, "flags"> = {},
  ) {
    super(code, message, fields);
  }
}
