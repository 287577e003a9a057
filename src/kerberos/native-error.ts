import { printableText } from "../bytes/index.ts";
import { type AnyKerberosError, type ErrorCode, isKerberosError, plainLine } from "../errors.ts";

/**
 * An error in the words of npm `kerberos`, which drivers match and users search for: the GSS-API status and what is
 * behind it. `code` is this library's, and `cause` its error, with what to do.
 */
export class NativeError extends Error {
  /** The code of the error behind it; undefined for what only this API has, for example a step without a challenge. */
  readonly code: ErrorCode | undefined;

  /**
   * Makes the error.
   *
   * @param message the native words
   * @param cause the error of this library behind it, if there is one
   */
  constructor(message: string, cause?: AnyKerberosError) {
    super(plainLine(message), cause === undefined ? {} : { cause });
    this.name = "Error";
    this.code = cause?.code;
  }
}

/** The texts of the GSS-API statuses (RFC 2744 section 3.9.1) as MIT has them. */
const MAJOR = {
  failure: "Unspecified GSS failure.  Minor code may provide more information",
  noCredential: "No credentials were supplied, or the credentials were unavailable or inaccessible",
  expiredCredential: "The referenced credential has expired",
  defectiveToken: "Invalid token was supplied",
  badMic: "A token had an invalid Message Integrity Check (MIC)",
  badBindings: "Incorrect channel bindings were supplied",
  duplicate: "The token was a duplicate of an earlier token",
  old: "The token's validity period has expired",
  gap: "An expected per-message token was not received",
  unreadable: "A required input parameter could not be read",
} as const;

type Row = readonly [major: keyof typeof MAJOR, minor?: (error: AnyKerberosError) => string];

/** What stands for a code; every other one is a failure in our words. */
const ROWS: { readonly [code in ErrorCode]?: Row } = {
  NO_CREDENTIAL: ["noCredential", (error) => `No Kerberos credentials available (${error.message})`],
  TICKET_EXPIRED: ["failure", () => "Ticket expired"],
  SERVICE_UNKNOWN: ["failure", (error) => `Server ${nameIn(error, "service")} not found in Kerberos database`],
  CLIENT_UNKNOWN: ["failure", (error) => `Client '${nameIn(error, "principal")}' not found in Kerberos database`],
  WRONG_PASSWORD: ["failure", () => "Preauthentication failed"],
  CLOCK_SKEW: ["failure", () => "Clock skew too great"],
  SERVER_CLOCK_SKEW: ["failure", () => "Clock skew too great"],
  KDC_UNREACHABLE: ["failure", (error) => `Cannot contact any KDC for realm '${nameIn(error, "realm")}'`],
  NO_KDC_FOR_REALM: ["failure", (error) => `Cannot find KDC for realm "${nameIn(error, "realm")}"`],
  REPLAY: ["failure", () => "Request is a replay"],
  DECODE: ["defectiveToken"],
  GSS_DEFECTIVE_TOKEN: ["defectiveToken"],
  GSS_BAD_MIC: ["badMic"],
  GSS_BAD_BINDINGS: ["badBindings"],
  GSS_DUPLICATE_TOKEN: ["duplicate"],
  GSS_OLD_TOKEN: ["old"],
  GSS_GAP_TOKEN: ["gap"],
  GSS_NO_CONTEXT: ["unreadable"],
};

/** Any error in the words of the native module. A caller's mistake stays what it is. */
export function nativeError(error: unknown): unknown {
  if (!isKerberosError(error)) return error;
  const [major, minor] = ROWS[error.code] ?? ["failure"];
  return new NativeError(`${MAJOR[major]}: ${minor?.(error) ?? error.message}`, error);
}

/** The error of a credential that is not there for the principal that was asked for. */
export function noPrincipalError(name: string, cause: AnyKerberosError): NativeError {
  return new NativeError(
    `${MAJOR.noCredential}: Can't find client principal ${shown(name)} in cache collection`,
    cause,
  );
}

/** The error of a server that cannot be made: its keytab is missing, or has no key of its name. */
export function serverError(name: string, error: unknown): unknown {
  if (!isKerberosError(error) || error.name !== "CredentialError") return nativeError(error);
  const [, service = name, host = ""] = /^([^@/]+)@([^@]*)$/.exec(name) ?? [];
  const principal = /[/@]/.test(service) ? service : `${service}/${host}@`;
  const isMissing = error.reason === "missing" && error.path !== undefined;
  const file = isMissing ? `Key table file '${shown(error.path ?? "")}' not found` : error.message;
  const minor = error.code === "KEYTAB_NO_KEY" ? `No key table entry found matching ${shown(principal)}` : file;
  return new NativeError(`${MAJOR.noCredential}: ${minor}`, error);
}

/** The error of a look at a keytab that cannot be read. */
export function keytabError(error: unknown): unknown {
  if (!isKerberosError(error)) return error;
  return new NativeError("Cannot get sequence cursor from keytab (2)", error);
}

/** The error of a token without octets. */
export function noTokenError(): NativeError {
  return new NativeError(`${MAJOR.unreadable}: Unknown error`);
}

/** The error of a token that comes when there is nothing left to negotiate. */
export function isOverError(): NativeError {
  return new NativeError(`${MAJOR.failure}: Context is already fully established`);
}

/** The numbers that checkPassword ends its texts with, those of libkrb5's com_err table. */
const PASSWORD_TEXTS: { readonly [code in ErrorCode]?: string } = {
  WRONG_PASSWORD: "Preauthentication failed (-1765328360)",
  CLIENT_UNKNOWN: "Client not found in Kerberos database (-1765328378)",
  CLIENT_LOCKED: "Client's credentials have been revoked (-1765328366)",
  CLIENT_DISABLED: "Client's credentials have been revoked (-1765328366)",
  CLIENT_EXPIRED: "Client's entry in database has expired (-1765328383)",
  PASSWORD_EXPIRED: "Password has expired (-1765328361)",
  NO_KDC_FOR_REALM: "Cannot find KDC for requested realm (-1765328230)",
  KDC_UNREACHABLE: "Cannot contact any KDC for requested realm (-1765328228)",
  CLOCK_SKEW: "Clock skew too great (-1765328347)",
};

/** Any error of a check of a password, in the words of the native module. */
export function passwordError(error: unknown): unknown {
  if (!isKerberosError(error)) return error;
  return new NativeError(PASSWORD_TEXTS[error.code] ?? `${error.message} (-1)`, error);
}

/** A name that an error knows; what failed may be beneath it. */
function nameIn(error: unknown, field: "service" | "principal" | "realm"): string {
  for (let one = error; typeof one === "object" && one !== null; one = (one as { readonly cause?: unknown }).cause) {
    const value = (one as Partial<Record<typeof field, unknown>>)[field];
    if (typeof value === "string") return shown(value);
  }
  return "";
}

function shown(name: string): string {
  return printableText(name, 256);
}
