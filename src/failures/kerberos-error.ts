import type { ErrorCode } from "./codes.ts";
import { plain, plainLine } from "./plain-text.ts";

/**
 * Whether the command that an error interrupted can have run: `"not-sent"`: it cannot, it is safe to try again;
 * `"maybe-executed"`: it was sent, wholly or in part, and no exit status came; `"completed"`: the server ran or refused
 * it.
 */
export type CommandState = "not-sent" | "maybe-executed" | "completed";

/** Fields that the constructor of an error takes: some of that class, and the error behind it. */
export type ErrorFields<Own, Optional extends keyof Own = never, Required extends keyof Own = never> = {
  readonly [name in Optional]?: Own[name] | undefined;
} & { readonly [name in Required]: Own[name] } & { readonly cause?: unknown };

/** What all copies of this package know an error of each other by; its value is the version of the union of errors. */
const BRAND = Symbol.for("krb5-remctl.error");
const BRAND_VERSION = 1;
const MAX_CAUSES = 8;
const MAX_TEXT = 1000;

/** The root of all errors of this package. `cause` is always kept. */
export abstract class KerberosError<Code extends ErrorCode = ErrorCode> extends Error {
  /** What went wrong, as a word that programs may rely on. */
  readonly code: Code;
  /** Set on every error that a remctl call throws. */
  declare commandState?: CommandState;
  /**
   * Octets of output that came before the failure, on errors of a remctl call. Not enumerable: a log does not show it.
   */
  declare stdout?: Uint8Array;
  /** Octets of error output that came before the failure, on errors of a remctl call. Not enumerable. */
  declare stderr?: Uint8Array;
  /** The name of the RFC 2743 status, for example `GSS_S_BAD_MIC`, on every error that a security context throws. */
  declare major?: string;
  /** An acceptor's token for its peer, to send before it hangs up. Not enumerable. */
  declare token?: Uint8Array;
  /** Set where a KDC rejected the same secret before, and it was not tried again: when it will be. */
  declare readonly retryAfter?: Date;

  /**
   * Makes the error; a class that extends this one does.
   *
   * @param code what went wrong
   * @param message what failed, and what to do
   * @param fields what is known of the failure, and the error behind it
   */
  constructor(code: Code, message: string, fields: { readonly cause?: unknown } = {}) {
    const { cause, ...rest } = fields ?? {};
    // Here, and not only where a message is put together: no path may forget a stranger's text.
    super(plainLine(message), cause === undefined ? undefined : { cause });
    this.code = code;
    Object.defineProperty(this, BRAND, { value: BRAND_VERSION });
    assignFields(this, rest);
  }

  /**
   * Gives what of the error is safe to log, for `JSON.stringify`.
   *
   * @returns name, message, fields and causes; never output, a token or other octets, and of a cause that is not of
   *   this package its text alone
   */
  toJSON(): Record<string, unknown> {
    return toFields(this, 0);
  }
}

/** Whether a value is an error of this package, in whichever copy it was made. */
export function hasBrand(value: unknown): value is KerberosError {
  return typeof value === "object" && value !== null && (value as Record<symbol, unknown>)[BRAND] === BRAND_VERSION;
}

/** Sets fields that are not undefined: texts fit for a log, octets so that no log shows them. */
export function assignFields(error: KerberosError, fields: object): void {
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const enumerable = !(value instanceof Uint8Array);
    Object.defineProperty(error, name, {
      value: plain<unknown>(value),
      enumerable,
      configurable: true,
      writable: true,
    });
  }
}

function toFields(error: KerberosError, depth: number): Record<string, unknown> {
  const { name, message: _message, cause, ...rest } = error;
  const safe = Object.entries(rest).filter(([, value]) => !(value instanceof Uint8Array));
  const fields = { name, message: error.message, ...Object.fromEntries(safe) };
  if (cause === undefined || depth === MAX_CAUSES) return fields;
  return { ...fields, cause: hasBrand(cause) ? toFields(cause, depth + 1) : textOf(cause) };
}

/** What is not ours may be of any size and have any fields: its words alone are kept. */
function textOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : typeof cause === "string" ? cause : typeof cause;
  return plainLine(String(text).slice(0, MAX_TEXT));
}
