import { type ErrorCode, type ErrorOfCode, isKerberosError, kdcErrorOf } from "../errors.ts";
import { KRB_ERROR } from "../iana/index.ts";
import { formatPrincipal, type Principal } from "../krb5/index.ts";
import { messageOf } from "./program.ts";

/** A command that cannot go on, in the words that MIT's tool has for it. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
  /** The library's own words, with what to do: for a person, not for a script. */
  readonly advice: string | undefined;
  /**
   * What MIT's tools do not say and everyone should know, as the place where a file is damaged: it follows the message.
   */
  readonly detail: string | undefined;

  constructor(
    message: string,
    options: {
      readonly advice?: string | undefined;
      readonly detail?: string | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.advice = options.advice;
    this.detail = options.detail;
  }
}

/** Whom and what an operation was for: MIT's words name them. */
export interface Subject {
  readonly client?: Principal | undefined;
  readonly service?: Principal | undefined;
  readonly realm?: string | undefined;
}

/**
 * Runs an operation; its failure becomes a {@link CommandFailure}: what went wrong in MIT's words, then `doing`, for
 * example `while getting initial credentials`; or in our own, with `doing` in brackets.
 */
export async function trying<T>(doing: string, operation: () => T | Promise<T>, subject: Subject = {}): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw failed(doing, error, subject);
  }
}

/** The {@link CommandFailure} of an error. */
export function failed(doing: string, error: unknown, subject: Subject = {}): unknown {
  if (error instanceof CommandFailure) return error;
  const words = wordsOf(error, subject);
  if (words === undefined) return inOurWords(error, doing);
  return new CommandFailure(`${words} ${doing}`, { advice: messageOf(error), cause: error });
}

/** A failure for which MIT's tools lack words. Ours end with what to do: what was being done stands in brackets. */
export function inOurWords(error: unknown, doing: string): CommandFailure {
  return new CommandFailure(`${messageOf(error)}${doing === "" ? "" : ` (${doing})`}`, { cause: error });
}

/** MIT's words for a code. */
type Words<Code extends ErrorCode> = (error: ErrorOfCode<Code>, subject: Subject) => string | undefined;

const byCode: { readonly [Code in ErrorCode]?: Words<Code> } = {
  NO_KDC_FOR_REALM: (error, { realm = "" }) => `Cannot find KDC for realm "${error.realm ?? realm}"`,
  KDC_UNREACHABLE: noKdc,
  // What answers is not a KDC: to MIT's tools that is the same.
  NOT_A_KDC: noKdc,
  WRONG_PASSWORD: () => "Password incorrect",
  CLIENT_UNKNOWN: (error, { client }) => {
    // After a referral it is another than was typed. MIT's kpasswd names none.
    const name = client && (error.principal ?? formatPrincipal(client));
    return `Client ${name === undefined ? "" : `'${name}' `}not found in Kerberos database`;
  },
  CLIENT_LOCKED: () => "Client's credentials have been revoked",
  CLIENT_DISABLED: () => "Client's credentials have been revoked",
  CLIENT_HOURS: () => "Client's credentials have been revoked",
  CLIENT_EXPIRED: () => "Client's entry in database has expired",
  PASSWORD_EXPIRED: () => "Password has expired",
  PASSWORD_MUST_CHANGE: () => "Password has expired",
  ETYPE_NOT_PERMITTED: () => "KDC has no support for encryption type",
  SERVICE_UNKNOWN: (error, { service }) => {
    // libkrb5 guesses at a realm by the host in the name, and this one has none.
    if (service?.realm === "" && service.components.length < 2) return "Cannot determine realm for host";
    if (service === undefined) return "Server not found in Kerberos database";
    // In the realm that was asked last.
    return `Server ${error.service ?? formatPrincipal(service)} not found in Kerberos database`;
  },
  TICKET_EXPIRED: () => "Ticket expired",
  CLOCK_SKEW: () => "Clock skew too great",
  KEYTAB_NO_KEY: (_error, { client }) =>
    client === undefined ? undefined : `Keytab contains no suitable keys for ${formatPrincipal(client)}`,
  PREAUTH_UNSUPPORTED: () => "Generic preauthentication failure",
};

function noKdc(error: { readonly realm?: string }, { realm = "" }: Subject): string {
  return `Cannot contact any KDC for realm '${error.realm ?? realm}'`;
}

const byNumber: ReadonlyMap<number, string> = new Map([
  [KRB_ERROR.KDC_ERR_SERVICE_EXP, "Server's entry in database has expired"],
  [KRB_ERROR.KDC_ERR_NULL_KEY, "Client or server has a null key"],
  [KRB_ERROR.KDC_ERR_BADOPTION, "KDC can't fulfill requested option"],
  [KRB_ERROR.KDC_ERR_POLICY, "KDC policy rejects request"],
  [KRB_ERROR.KDC_ERR_ETYPE_NOSUPP, "KDC has no support for encryption type"],
  [KRB_ERROR.KDC_ERR_PREAUTH_FAILED, "Preauthentication failed"],
  [KRB_ERROR.KDC_ERR_CANNOT_POSTDATE, "Ticket is ineligible for postdating"],
  [KRB_ERROR.KDC_ERR_NEVER_VALID, "Requested effective lifetime is negative or too short"],
  [KRB_ERROR.KDC_ERR_SERVICE_REVOKED, "Credentials for server have been revoked"],
  [KRB_ERROR.KDC_ERR_CLIENT_NOTYET, "Client not yet valid - try again later"],
  [KRB_ERROR.KDC_ERR_SERVICE_NOTYET, "Server not yet valid - try again later"],
  [KRB_ERROR.KDC_ERR_MUST_USE_USER2USER, "Server principal valid for user2user only"],
  [KRB_ERROR.KDC_ERR_PATH_NOT_ACCEPTED, "KDC policy rejects transited path"],
  [KRB_ERROR.KDC_ERR_SVC_UNAVAILABLE, "A service is not available that is required to process the request"],
  [KRB_ERROR.KRB_AP_ERR_BADADDR, "Incorrect net address"],
  [KRB_ERROR.KRB_AP_ERR_TKT_NYV, "Ticket not yet valid"],
  [KRB_ERROR.KRB_AP_ERR_TKT_EXPIRED, "Ticket expired"],
  [KRB_ERROR.KDC_ERR_SERVER_NOMATCH, "Requested server and ticket don't match"],
  [KRB_ERROR.KRB_AP_ERR_SKEW, "Clock skew too great"],
]);

function wordsOf(error: unknown, subject: Subject): string | undefined {
  if (!isKerberosError(error)) return undefined;
  const krbError = kdcErrorOf(error);
  const target = subject.service?.realm;
  if (error.code === "REFERRAL" && target !== undefined && target !== "" && target !== subject.realm) {
    return `Server krbtgt/${target}@${subject.realm ?? ""} not found in Kerberos database`;
  }
  if (krbError !== undefined) {
    const words = byNumber.get(krbError.errorCode);
    if (words !== undefined && error.code !== "WRONG_PASSWORD") return words;
  }
  return (byCode[error.code] as Words<ErrorCode> | undefined)?.(error, subject);
}
