/**
 * Which codes each class of errors has. A code is of one class: it alone tells what fields an error has. `RemctlError`
 * itself has those that are neither the server's answer nor a breach of the protocol.
 */
export interface ErrorCodes {
  /** Octets that do not parse. */
  readonly DecodeError: "DECODE";
  /** Cryptography. */
  readonly CryptoError: "INTEGRITY" | "ETYPE_NOT_PERMITTED" | "BAD_KEY" | "BAD_STRING_TO_KEY_PARAMETERS";
  /** Configuration. */
  readonly ConfigError: "CONFIG" | "NO_KDC_FOR_REALM" | "NO_REALM";
  /** A keytab, cache, ticket or secret. */
  readonly CredentialError:
    | "NO_CREDENTIAL"
    | "KEYTAB_NO_KEY"
    | "CCACHE"
    | "KEYTAB"
    | "CERTIFICATE"
    | "TICKET_EXPIRED"
    | "TICKET_FLAGS";
  /** The host. */
  readonly UnsupportedError: "UNSUPPORTED_BY_RUNTIME";
  /** The network. */
  readonly TransportError:
    | "CONNECT"
    | "DNS"
    | "KDC_UNREACHABLE"
    | "NOT_A_KDC"
    | "CONNECTION_CLOSED"
    | "TIMEOUT"
    | "ABORTED";
  /** A well-formed reply that is wrong. */
  readonly ProtocolError:
    | "REPLY_MODIFIED"
    | "OTHER_REALM"
    | "CLOCK_SKEW"
    | "TOO_MANY_ROUNDS"
    | "REFERRAL"
    | "FAST_STRIPPED"
    | "PAC_REQUIRED";
  /** The KDC said no. */
  readonly KdcError:
    | "KDC"
    | "CLIENT_UNKNOWN"
    | "CLIENT_LOCKED"
    | "CLIENT_DISABLED"
    | "CLIENT_EXPIRED"
    | "CLIENT_HOURS"
    | "PASSWORD_EXPIRED"
    | "PASSWORD_MUST_CHANGE"
    | "SERVICE_UNKNOWN"
    | "DELEGATION_REFUSED"
    | "WRONG_REALM";
  /** Pre-authentication. */
  readonly PreauthError:
    | "PREAUTH"
    | "PREAUTH_UNSUPPORTED"
    | "PREAUTH_DOWNGRADE"
    | "PROMPT_NEEDED"
    | "WRONG_PASSWORD"
    | "OTP_REFUSED"
    | "KDC_NOT_TRUSTED";
  /** A password change. */
  readonly PasswordChangeError: "PASSWORD_REJECTED" | "PASSWORD_CHANGE";
  /** GSS-API (RFC 2743 section 1.2.1), and SASL over it (RFC 4752, RFC 5801). */
  readonly GssError:
    | "GSS"
    | "GSS_DEFECTIVE_TOKEN"
    | "GSS_BAD_MIC"
    | "GSS_DUPLICATE_TOKEN"
    | "GSS_OLD_TOKEN"
    | "GSS_GAP_TOKEN"
    | "GSS_NO_CONTEXT"
    | "GSS_BAD_BINDINGS"
    | "SASL_PROTOCOL"
    | "SASL_LAYER"
    | "SASL_NOT_AUTHORIZED"
    | "HTTP_NOT_MUTUAL"
    | "HTTP_PROXY_REFUSED"
    | "HTTP_TOKEN_TOO_LARGE"
    | "SPNEGO_NO_COMMON_MECHANISM"
    | "SPNEGO_BAD_MIC"
    | "SPNEGO_REJECTED";
  /** A service refuses a ticket or an authenticator. */
  readonly ServiceError:
    | "SERVER_REJECTED_TICKET"
    | "SERVER_CLOCK_SKEW"
    | "SERVER_KEY_CHANGED"
    | "REPLAY"
    | "REPLAY_UNCHECKED";
  /** What this side of remctl will not or cannot do. */
  readonly RemctlError:
    | "REMCTL_UNSUPPORTED_VERSION"
    | "REMCTL_OUTPUT_LIMIT"
    | "REMCTL_ARGUMENT"
    | "REMCTL_TARGET"
    | "REMCTL_SESSION_CLOSED"
    | "REMCTL_SESSION_BUSY"
    | "REMCTL_POOL_CLOSED"
    | "REMCTL_POOL_FULL";
  /** The server answered a command with an error. */
  readonly RemctlServerError: "REMCTL_SERVER" | "REMCTL_UNKNOWN_COMMAND" | "REMCTL_ACCESS_DENIED";
  /** The peer broke the remctl protocol. */
  readonly RemctlProtocolError: "REMCTL_PROTOCOL" | "REMCTL_DOWNGRADE";
}

/** What went wrong, as a word that programs may rely on. It tells the class, and so the fields, of the error. */
export type ErrorCode = ErrorCodes[keyof ErrorCodes];

/** The name of the class that a code is of. */
export type ErrorName<Code extends ErrorCode> = {
  [Name in keyof ErrorCodes]: Code extends ErrorCodes[Name] ? Name : never;
}[keyof ErrorCodes];
