/**
 * Every error this package throws on purpose. A caller's own mistake is a `TypeError` or a `RangeError`;
 * everything else is a {@link KerberosError} with a `code` from one closed union, so that a `switch` over
 * codes can be checked by the compiler. No message or property ever holds octets of a key, ticket or password.
 */

/** What went wrong, as a word that programs may rely on. */
export type ErrorCode =
  // octets that do not parse
  | "DECODE"
  // cryptography
  | "INTEGRITY"
  | "ETYPE_NOT_PERMITTED"
  | "BAD_KEY"
  | "BAD_STRING_TO_KEY_PARAMETERS"
  // configuration and credentials
  | "CONFIG"
  | "NO_KDC_FOR_REALM"
  | "NO_REALM"
  | "NO_CREDENTIAL"
  | "KEYTAB_NO_KEY"
  | "CCACHE"
  | "KEYTAB"
  // the network
  | "CONNECT"
  | "DNS"
  | "KDC_UNREACHABLE"
  | "CONNECTION_CLOSED"
  | "TIMEOUT"
  | "ABORTED"
  | "UNSUPPORTED_BY_RUNTIME"
  // a well-formed reply that is wrong
  | "REPLY_MODIFIED"
  | "CLOCK_SKEW"
  | "TOO_MANY_ROUNDS"
  | "REFERRAL"
  // the KDC said no
  | "KDC"
  | "WRONG_PASSWORD"
  | "CLIENT_UNKNOWN"
  | "CLIENT_LOCKED"
  | "CLIENT_EXPIRED"
  | "PASSWORD_EXPIRED"
  | "PASSWORD_REJECTED"
  | "PASSWORD_CHANGE"
  | "SERVICE_UNKNOWN"
  | "WRONG_REALM"
  | "TICKET_EXPIRED"
  // pre-authentication
  | "PREAUTH"
  | "PREAUTH_UNSUPPORTED"
  | "PROMPT_NEEDED"
  // GSS-API
  | "GSS"
  | "GSS_DEFECTIVE_TOKEN"
  | "GSS_BAD_MIC"
  | "GSS_DUPLICATE_TOKEN"
  | "GSS_OLD_TOKEN"
  | "GSS_UNSEQ_TOKEN"
  | "GSS_GAP_TOKEN"
  | "GSS_NO_CONTEXT"
  | "GSS_BAD_BINDINGS"
  | "GSS_CONTEXT_EXPIRED"
  | "SERVER_REJECTED_TICKET"
  | "SERVER_CLOCK_SKEW"
  | "SERVER_KEY_CHANGED"
  | "REPLAY"
  // remctl
  | "REMCTL_SERVER"
  | "REMCTL_UNKNOWN_COMMAND"
  | "REMCTL_ACCESS_DENIED"
  | "REMCTL_PROTOCOL"
  | "REMCTL_DOWNGRADE"
  | "REMCTL_UNSUPPORTED_VERSION"
  | "REMCTL_OUTPUT_LIMIT"
  | "REMCTL_ARGUMENT"
  | "REMCTL_SESSION_CLOSED"
  | "REMCTL_SESSION_BUSY"
  | "REMCTL_POOL_CLOSED"
  | "REMCTL_POOL_FULL";

/**
 * Whether the command that an error interrupted can have run: `"not-sent"`: it cannot, it is safe to try again;
 * `"maybe-executed"`: it was sent, wholly or in part, and no exit status came; `"completed"`: the server ran or refused it.
 */
export type CommandState = "not-sent" | "maybe-executed" | "completed";

/** What {@link KerberosError} and its subclasses take beside a message. */
export interface KerberosErrorOptions {
  readonly code?: ErrorCode;
  readonly cause?: unknown;
}

/** The root of all errors of this package. `cause` is always kept. */
export class KerberosError extends Error {
  override readonly name: string = "KerberosError";
  readonly code: ErrorCode;
  /** Set on every error that a remctl call throws. */
  commandState?: CommandState;
  /** Octets of output that came before the failure, on errors of a remctl call. */
  stdout?: Uint8Array;
  /** Octets of error output that came before the failure, on errors of a remctl call. */
  stderr?: Uint8Array;

  constructor(code: ErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
  }

  /** The fields of the error that are safe to log: never output, never `cause`'s internals beyond its text. */
  toJSON(): Record<string, unknown> {
    const { cause } = this;
    const { stdout: _out, stderr: _err, ...fields } = this;
    return {
      ...fields,
      name: this.name,
      message: this.message,
      ...(cause === undefined
        ? {}
        : {
            cause:
              cause instanceof KerberosError ? cause.toJSON() : cause instanceof Error ? cause.message : String(cause),
          }),
    };
  }
}

/** Octets that are not what the standard says they must be. */
export class DecodeError extends KerberosError {
  override readonly name: string = "DecodeError";
  /** Octets from the start of the input to the place of the fault. */
  readonly offset: number;
  /** Where in the message, as `AS-REP.enc-part.etype`. */
  readonly path: string;

  constructor(message: string, offset: number, path = "", options: { readonly cause?: unknown } = {}) {
    super("DECODE", `${path === "" ? "" : `${path}: `}${message} (at octet ${offset})`, options);
    this.offset = offset;
    this.path = path;
  }
}

/** A cryptographic operation that failed. Every integrity failure has the same words, whatever its reason. */
export class CryptoError extends KerberosError {
  override readonly name: string = "CryptoError";
}

/** The one error for a MAC that does not match, made in one place so that it cannot differ. */
export function integrityError(): CryptoError {
  return new CryptoError("INTEGRITY", "integrity check failed: the octets were changed or the key is another");
}

/** A configuration that cannot be used. */
export class ConfigError extends KerberosError {
  override readonly name: string = "ConfigError";
  readonly file?: string;
  readonly line?: number;
  readonly key?: string;

  constructor(
    message: string,
    where: {
      readonly file?: string;
      readonly line?: number;
      readonly key?: string;
      readonly code?: ErrorCode;
      readonly cause?: unknown;
    } = {},
  ) {
    const place = [where.file, where.line].filter((part) => part !== undefined).join(":");
    super(where.code ?? "CONFIG", place === "" ? message : `${place}: ${message}`, where);
    if (where.file !== undefined) this.file = where.file;
    if (where.line !== undefined) this.line = where.line;
    if (where.key !== undefined) this.key = where.key;
  }
}

/** A keytab, cache or secret that is missing or does not fit. */
export class CredentialError extends KerberosError {
  override readonly name: string = "CredentialError";
  readonly principal?: string;
  readonly kvno?: number;
  readonly etype?: number;

  constructor(
    code: ErrorCode,
    message: string,
    about: {
      readonly principal?: string;
      readonly kvno?: number;
      readonly etype?: number;
      readonly cause?: unknown;
    } = {},
  ) {
    super(code, message, about);
    if (about.principal !== undefined) this.principal = about.principal;
    if (about.kvno !== undefined) this.kvno = about.kvno;
    if (about.etype !== undefined) this.etype = about.etype;
  }
}

/** One try at one endpoint, for the report of a {@link TransportError}. */
export interface Attempt {
  /** As `tcp://host:port`. */
  readonly endpoint: string;
  readonly reason: string;
}

/** Nobody could be reached. `attempts` lists every endpoint tried, with its reason. */
export class TransportError extends KerberosError {
  override readonly name: string = "TransportError";
  readonly attempts: readonly Attempt[];

  constructor(
    code: ErrorCode,
    message: string,
    attempts: readonly Attempt[] = [],
    options: { readonly cause?: unknown } = {},
  ) {
    super(
      code,
      attempts.length === 0 ? message : `${message}: ${attempts.map((a) => `${a.endpoint}: ${a.reason}`).join("; ")}`,
      options,
    );
    this.attempts = attempts;
  }
}

/** A reply that decodes and is wrong: its nonce, a name, a time, a flag. */
export class ProtocolError extends KerberosError {
  override readonly name: string = "ProtocolError";
}

/** A KRB-ERROR (RFC 4120 section 5.9.1). It carries no MAC: its words are a hint, not a fact. */
export class KdcError extends KerberosError {
  override readonly name: string = "KdcError";
  /** The number on the wire; an open set. */
  readonly errorCode: number;
  /** The registered name of the number, or `KDC_ERR_<number>`. */
  readonly errorName: string;
  readonly realm?: string;
  readonly serverTime?: Date;
  /** `e-text`, with control characters taken out. */
  readonly text?: string;

  constructor(
    code: ErrorCode,
    message: string,
    from: {
      readonly errorCode: number;
      readonly errorName: string;
      readonly realm?: string | undefined;
      readonly serverTime?: Date | undefined;
      readonly text?: string | undefined;
      readonly cause?: unknown;
    },
  ) {
    super(code, message, from.cause === undefined ? {} : { cause: from.cause });
    this.errorCode = from.errorCode;
    this.errorName = from.errorName;
    if (from.realm !== undefined) this.realm = from.realm;
    if (from.serverTime !== undefined) this.serverTime = from.serverTime;
    if (from.text !== undefined) this.text = from.text;
  }
}

/** Pre-authentication that cannot be done or was refused. */
export class PreauthError extends KerberosError {
  override readonly name: string = "PreauthError";
  /** The mechanism that failed, if one was chosen. */
  readonly mechanism?: string;
  /** What the KDC offered: PA-DATA types. */
  readonly offered: readonly number[];

  constructor(
    code: ErrorCode,
    message: string,
    about: { readonly mechanism?: string; readonly offered?: readonly number[]; readonly cause?: unknown } = {},
  ) {
    super(code, message, about);
    if (about.mechanism !== undefined) this.mechanism = about.mechanism;
    this.offered = about.offered ?? [];
  }
}

/** What an Active Directory domain asks of a password. */
export interface PasswordPolicy {
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
 * A password server's refusal (RFC 3244): `PASSWORD_REJECTED` if the new password is not good enough, else `PASSWORD_CHANGE`.
 * `isProven` tells whether the server's key vouches for its words.
 */
export class PasswordChangeError extends KerberosError {
  override readonly name: string = "PasswordChangeError";
  /** 1 to 65,535; an open set. */
  readonly resultCode: number;
  /** What the server says, with control characters taken out. */
  readonly serverMessage: string;
  readonly policy?: PasswordPolicy;
  readonly isProven: boolean;

  constructor(
    code: ErrorCode,
    message: string,
    from: {
      readonly resultCode: number;
      readonly serverMessage: string;
      readonly policy?: PasswordPolicy | undefined;
      readonly isProven: boolean;
      readonly cause?: unknown;
    },
  ) {
    super(code, message, from.cause === undefined ? {} : { cause: from.cause });
    this.resultCode = from.resultCode;
    this.serverMessage = from.serverMessage;
    this.isProven = from.isProven;
    if (from.policy !== undefined) this.policy = from.policy;
  }
}

/** A GSS-API failure; `major` is the name of the RFC 2743 status, `cause` the Kerberos error behind it. */
export class GssError extends KerberosError {
  override readonly name: string = "GssError";
  /** As `GSS_S_BAD_MIC`. */
  readonly major: string;
  /** An acceptor's token for its peer, to send before hanging up. Not enumerable. */
  declare readonly token?: Uint8Array;

  constructor(
    code: ErrorCode,
    major: string,
    message: string,
    options: { readonly cause?: unknown; readonly token?: Uint8Array } = {},
  ) {
    super(code, message, options);
    this.major = major;
    if (options.token !== undefined) Object.defineProperty(this, "token", { value: options.token });
  }
}

/** A remctl failure. */
export class RemctlError extends KerberosError {
  override readonly name: string = "RemctlError";
}

/** The server answered MESSAGE_ERROR. The session goes on, unless `code` says otherwise. */
export class RemctlServerError extends RemctlError {
  override readonly name: string = "RemctlServerError";
  /** 0 to 4,294,967,295; an open set. */
  readonly remoteCode: number;
  /** The server's text with control characters taken out. */
  readonly remoteMessage: string;
  /** The server's text as it came. */
  readonly remoteOctets: Uint8Array;

  constructor(code: ErrorCode, message: string, remoteCode: number, remoteMessage: string, remoteOctets: Uint8Array) {
    super(code, message);
    this.remoteCode = remoteCode;
    this.remoteMessage = remoteMessage;
    this.remoteOctets = remoteOctets;
    Object.defineProperty(this, "remoteOctets", { enumerable: false });
  }
}

/** The peer broke the protocol; the session is closed. */
export class RemctlProtocolError extends RemctlError {
  override readonly name: string = "RemctlProtocolError";
}
