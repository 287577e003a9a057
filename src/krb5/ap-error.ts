import { printableText } from "../bytes/index.ts";
import {
  type AnyKerberosError,
  CredentialError,
  CryptoError,
  type ErrorCodes,
  ProtocolError,
  plainLine,
  ServiceError,
} from "../errors.ts";
import { KRB_ERROR, krbErrorName, MESSAGE_TYPE } from "../iana/index.ts";
import { encodeKrbError } from "./messages/index.ts";
import { type Principal, toPrincipalName } from "./principal.ts";

/** An AP-REQ that an acceptor refuses, with the code that its KRB-ERROR carries. Its caller gets {@link refusalOf}. */
export class ApReqError extends Error {
  override readonly name: string = "ApReqError";
  /** KRB_ERROR number. */
  readonly errorCode: number;
  /** Its registered name. */
  readonly errorName: string;

  constructor(errorCode: number, message: string, options: { readonly cause?: unknown } = {}) {
    super(plainLine(`${message} (${krbErrorName(errorCode)})`), options);
    this.errorCode = errorCode;
    this.errorName = krbErrorName(errorCode);
  }
}

/** The error of an acceptor that refuses an AP-REQ. */
export function refusalOf(cause: ApReqError): AnyKerberosError {
  const message = `the initiator is refused: ${cause.message}`;
  switch (cause.errorCode) {
    case KRB_ERROR.KRB_AP_ERR_TKT_EXPIRED:
      return new CredentialError("TICKET_EXPIRED", message, { cause });
    case KRB_ERROR.KRB_AP_ERR_SKEW:
      return new ProtocolError("CLOCK_SKEW", message, { cause });
    case KRB_ERROR.KDC_ERR_ETYPE_NOSUPP:
      return new CryptoError("ETYPE_NOT_PERMITTED", message, { cause });
    case KRB_ERROR.KRB_AP_ERR_REPEAT:
      return new ServiceError("REPLAY", message, { cause });
    default:
      return new ServiceError(CODES[cause.errorCode] ?? "SERVER_REJECTED_TICKET", message, { cause });
  }
}

const CODES: Readonly<Record<number, ErrorCodes["ServiceError"]>> = {
  [KRB_ERROR.KRB_AP_ERR_BAD_INTEGRITY]: "SERVER_KEY_CHANGED",
  [KRB_ERROR.KRB_AP_ERR_BADKEYVER]: "SERVER_KEY_CHANGED",
  [KRB_ERROR.KRB_AP_ERR_NOKEY]: "SERVER_KEY_CHANGED",
  // RFC 4120 has no code for an acceptor that cannot tell.
  [KRB_ERROR.KRB_ERR_GENERIC]: "REPLAY_UNCHECKED",
};

/**
 * The KRB-ERROR with which an acceptor answers (RFC 4120 section 5.9.1). `nowMs` is its own clock, from which a client
 * whose clock is wrong learns the time. The text is for people: it says nothing that the code does not.
 */
export function createKrbError(errorCode: number, service: Principal, nowMs: number, text?: string): Uint8Array {
  const milliseconds = Math.floor(nowMs);
  return encodeKrbError({
    pvno: 5,
    msgType: MESSAGE_TYPE.krbError,
    stime: new Date(milliseconds),
    susec: (milliseconds % 1000) * 1000,
    errorCode,
    realm: service.realm,
    sname: toPrincipalName(service),
    eText: text === undefined ? undefined : printableText(text),
  });
}
