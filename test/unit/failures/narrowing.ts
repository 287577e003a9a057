// What the compiler knows of an error by its code: this file is what is tested, by being compiled.

import { expectTypeOf } from "vitest";
import {
  type AnyKerberosError,
  type ErrorCode,
  isKerberosError,
  type KdcError,
  type RemctlServerError,
  type TransportError,
} from "../../../src/entry/index.ts";
import { type ErrorOfCode, hasCode, hasName } from "../../../src/errors.ts";

/** `code` alone narrows the class and its fields, and a switch over codes is checked to be complete. */
export function fieldsOf(error: AnyKerberosError): unknown {
  switch (error.code) {
    case "REMCTL_SERVER":
    case "REMCTL_UNKNOWN_COMMAND":
    case "REMCTL_ACCESS_DENIED":
      expectTypeOf(error).toEqualTypeOf<RemctlServerError>();
      return [error.remoteCode, error.remoteMessage, error.remoteOctets];
    case "DECODE":
      return [error.offset, error.path, error.reason];
    case "INTEGRITY":
    case "ETYPE_NOT_PERMITTED":
    case "BAD_KEY":
    case "BAD_STRING_TO_KEY_PARAMETERS":
      return [error.etype, error.realm];
    case "CONFIG":
    case "NO_KDC_FOR_REALM":
    case "NO_REALM":
      return [error.path, error.line, error.key, error.realm];
    case "NO_CREDENTIAL":
    case "KEYTAB_NO_KEY":
    case "CCACHE":
    case "KEYTAB":
    case "CERTIFICATE":
    case "TICKET_EXPIRED":
    case "TICKET_FLAGS":
      return [error.reason, error.path, error.principal, error.service, error.kvno, error.etype];
    case "UNSUPPORTED_BY_RUNTIME":
      return error.message;
    case "CONNECT":
    case "DNS":
    case "KDC_UNREACHABLE":
    case "NOT_A_KDC":
    case "CONNECTION_CLOSED":
    case "TIMEOUT":
    case "ABORTED":
      expectTypeOf(error).toEqualTypeOf<TransportError>();
      return error.attempts.map(({ endpoint, reason }) => [endpoint, reason]);
    case "REPLY_MODIFIED":
    case "OTHER_REALM":
    case "CLOCK_SKEW":
    case "TOO_MANY_ROUNDS":
    case "REFERRAL":
    case "FAST_STRIPPED":
    case "PAC_REQUIRED":
      return [error.realm, error.service, error.serverTime];
    case "KDC":
    case "CLIENT_UNKNOWN":
    case "CLIENT_LOCKED":
    case "CLIENT_DISABLED":
    case "CLIENT_EXPIRED":
    case "CLIENT_HOURS":
    case "PASSWORD_EXPIRED":
    case "PASSWORD_MUST_CHANGE":
    case "SERVICE_UNKNOWN":
    case "DELEGATION_REFUSED":
    case "WRONG_REALM":
      expectTypeOf(error).toEqualTypeOf<KdcError>();
      return [error.errorCode, error.errorName, error.text, error.serverTime, error.realm];
    case "PREAUTH":
    case "PREAUTH_UNSUPPORTED":
    case "PREAUTH_DOWNGRADE":
    case "PROMPT_NEEDED":
    case "WRONG_PASSWORD":
    case "OTP_REFUSED":
    case "KDC_NOT_TRUSTED":
      return [error.offered, error.mechanism, error.principal, error.retryAfter];
    case "PASSWORD_REJECTED":
    case "PASSWORD_CHANGE":
      return [error.resultCode, error.serverMessage, error.policy?.minLength, error.isProven];
    case "GSS":
    case "GSS_DEFECTIVE_TOKEN":
    case "GSS_BAD_MIC":
    case "GSS_DUPLICATE_TOKEN":
    case "GSS_OLD_TOKEN":
    case "GSS_GAP_TOKEN":
    case "GSS_NO_CONTEXT":
    case "GSS_BAD_BINDINGS":
    case "SASL_PROTOCOL":
    case "SASL_LAYER":
    case "SASL_NOT_AUTHORIZED":
    case "HTTP_NOT_MUTUAL":
    case "HTTP_PROXY_REFUSED":
    case "HTTP_TOKEN_TOO_LARGE":
    case "SPNEGO_NO_COMMON_MECHANISM":
    case "SPNEGO_BAD_MIC":
    case "SPNEGO_REJECTED":
      expectTypeOf(error.major).toEqualTypeOf<string>();
      return error.major;
    case "SERVER_REJECTED_TICKET":
    case "SERVER_CLOCK_SKEW":
    case "SERVER_KEY_CHANGED":
    case "REPLAY":
    case "REPLAY_UNCHECKED":
      return error.service;
    case "REMCTL_UNSUPPORTED_VERSION":
    case "REMCTL_OUTPUT_LIMIT":
    case "REMCTL_ARGUMENT":
    case "REMCTL_TARGET":
    case "REMCTL_SESSION_CLOSED":
    case "REMCTL_SESSION_BUSY":
    case "REMCTL_POOL_CLOSED":
    case "REMCTL_POOL_FULL":
      return [error.argument, error.protocol];
    case "REMCTL_PROTOCOL":
    case "REMCTL_DOWNGRADE":
      return [error.flags];
    default:
      // Whoever adds a code hears of it here.
      return error satisfies never;
  }
}

/** The name narrows too, and so do the helpers. */
export function narrowed(error: unknown): unknown {
  // @ts-expect-error TS18046: nothing is known of it yet.
  error.code;
  if (!isKerberosError(error)) return undefined;
  // @ts-expect-error TS2339: not every error has it.
  error.remoteCode;
  if (error.name === "RemctlServerError") expectTypeOf(error).toEqualTypeOf<RemctlServerError>();
  // @ts-expect-error TS2367: no error has this code.
  if (error.code === "REMCTL_SERVERS") return undefined;
  if (hasCode(error, "TIMEOUT", "KDC")) expectTypeOf(error.code).toEqualTypeOf<"TIMEOUT" | "KDC">();
  if (hasName(error, "KdcError")) expectTypeOf(error).toEqualTypeOf<KdcError>();
  expectTypeOf<ErrorOfCode<ErrorCode>["code"]>().toEqualTypeOf<ErrorCode>();
  expectTypeOf<AnyKerberosError["code"]>().toEqualTypeOf<ErrorCode>();
  return undefined;
}
