// An error of each code, made as the package makes them: the compiler refuses a code that is missing, or of another class.

import {
  ConfigError,
  CredentialError,
  CryptoError,
  DecodeError,
  type ErrorCode,
  type ErrorCodes,
  type ErrorOfCode,
  GssError,
  KdcError,
  PasswordChangeError,
  PreauthError,
  ProtocolError,
  RemctlError,
  RemctlProtocolError,
  RemctlServerError,
  ServiceError,
  TransportError,
  UnsupportedError,
} from "../../../src/errors.ts";

type Make<Name extends keyof ErrorCodes> = (code: ErrorCodes[Name]) => ErrorOfCode<ErrorCodes[Name]>;

const makers: { readonly [Name in keyof ErrorCodes]: Make<Name> } = {
  DecodeError: () => new DecodeError("a length", 3, "AS-REP"),
  CryptoError: (code) => new CryptoError(code, code, { etype: 18 }),
  ConfigError: (code) => new ConfigError(code, { code, path: "/etc/krb5.conf", line: 7 }),
  CredentialError: (code) => new CredentialError(code, code, { path: "FILE:/etc/krb5.keytab", reason: "missing" }),
  UnsupportedError: () => new UnsupportedError("no TCP"),
  TransportError: (code) => new TransportError(code, code, [{ endpoint: "tcp://kdc:88", reason: "refused" }]),
  ProtocolError: (code) => new ProtocolError(code, code, { realm: "EXAMPLE.ORG" }),
  KdcError: (code) => new KdcError(code, code, { errorCode: 60, errorName: "KRB_ERR_GENERIC" }),
  PreauthError: (code) => new PreauthError(code, code, { principal: "alice@EXAMPLE.ORG", offered: [2] }),
  PasswordChangeError: (code) =>
    new PasswordChangeError(code, code, { resultCode: 4, serverMessage: "too short", isProven: true }),
  GssError: (code) => new GssError(code, "GSS_S_FAILURE", code, { token: Uint8Array.of(0x5e, 0xc3) }),
  ServiceError: (code) => new ServiceError(code, code, { service: "host/server@EXAMPLE.ORG" }),
  RemctlError: (code) => new RemctlError(code, code),
  RemctlServerError: (code) => new RemctlServerError(code, code, 7, "no", Uint8Array.of(0x6e, 0x6f)),
  RemctlProtocolError: (code) => new RemctlProtocolError(code, code),
};

const classOf: { readonly [Code in ErrorCode]: keyof ErrorCodes } = {
  DECODE: "DecodeError",
  INTEGRITY: "CryptoError",
  ETYPE_NOT_PERMITTED: "CryptoError",
  BAD_KEY: "CryptoError",
  BAD_STRING_TO_KEY_PARAMETERS: "CryptoError",
  CONFIG: "ConfigError",
  NO_KDC_FOR_REALM: "ConfigError",
  NO_REALM: "ConfigError",
  NO_CREDENTIAL: "CredentialError",
  KEYTAB_NO_KEY: "CredentialError",
  CCACHE: "CredentialError",
  KEYTAB: "CredentialError",
  CERTIFICATE: "CredentialError",
  TICKET_EXPIRED: "CredentialError",
  TICKET_FLAGS: "CredentialError",
  UNSUPPORTED_BY_RUNTIME: "UnsupportedError",
  CONNECT: "TransportError",
  DNS: "TransportError",
  KDC_UNREACHABLE: "TransportError",
  NOT_A_KDC: "TransportError",
  CONNECTION_CLOSED: "TransportError",
  TIMEOUT: "TransportError",
  ABORTED: "TransportError",
  REPLY_MODIFIED: "ProtocolError",
  OTHER_REALM: "ProtocolError",
  CLOCK_SKEW: "ProtocolError",
  TOO_MANY_ROUNDS: "ProtocolError",
  REFERRAL: "ProtocolError",
  FAST_STRIPPED: "ProtocolError",
  KDC: "KdcError",
  CLIENT_UNKNOWN: "KdcError",
  CLIENT_LOCKED: "KdcError",
  CLIENT_DISABLED: "KdcError",
  CLIENT_EXPIRED: "KdcError",
  CLIENT_HOURS: "KdcError",
  PASSWORD_EXPIRED: "KdcError",
  PASSWORD_MUST_CHANGE: "KdcError",
  SERVICE_UNKNOWN: "KdcError",
  WRONG_REALM: "KdcError",
  PREAUTH: "PreauthError",
  PREAUTH_UNSUPPORTED: "PreauthError",
  PROMPT_NEEDED: "PreauthError",
  WRONG_PASSWORD: "PreauthError",
  KDC_NOT_TRUSTED: "PreauthError",
  PASSWORD_REJECTED: "PasswordChangeError",
  PASSWORD_CHANGE: "PasswordChangeError",
  GSS: "GssError",
  GSS_DEFECTIVE_TOKEN: "GssError",
  GSS_BAD_MIC: "GssError",
  GSS_DUPLICATE_TOKEN: "GssError",
  GSS_OLD_TOKEN: "GssError",
  GSS_UNSEQ_TOKEN: "GssError",
  GSS_GAP_TOKEN: "GssError",
  GSS_NO_CONTEXT: "GssError",
  GSS_BAD_BINDINGS: "GssError",
  GSS_CONTEXT_EXPIRED: "GssError",
  SERVER_REJECTED_TICKET: "ServiceError",
  SERVER_CLOCK_SKEW: "ServiceError",
  SERVER_KEY_CHANGED: "ServiceError",
  REPLAY: "ServiceError",
  REPLAY_UNCHECKED: "ServiceError",
  REMCTL_UNSUPPORTED_VERSION: "RemctlError",
  REMCTL_OUTPUT_LIMIT: "RemctlError",
  REMCTL_ARGUMENT: "RemctlError",
  REMCTL_TARGET: "RemctlError",
  REMCTL_SESSION_CLOSED: "RemctlError",
  REMCTL_SESSION_BUSY: "RemctlError",
  REMCTL_POOL_CLOSED: "RemctlError",
  REMCTL_POOL_FULL: "RemctlError",
  REMCTL_SERVER: "RemctlServerError",
  REMCTL_UNKNOWN_COMMAND: "RemctlServerError",
  REMCTL_ACCESS_DENIED: "RemctlServerError",
  REMCTL_PROTOCOL: "RemctlProtocolError",
  REMCTL_DOWNGRADE: "RemctlProtocolError",
};

export const allCodes = Object.keys(classOf) as ErrorCode[];

/** The name of the class that a code has. */
export function nameOf(code: ErrorCode): string {
  return classOf[code];
}

/** An error of a code. */
export function errorOf<Code extends ErrorCode>(code: Code): ErrorOfCode<Code> {
  const make = makers[classOf[code]] as (code: ErrorCode) => ErrorOfCode<Code>;
  return make(code);
}
