import type { ErrorCode, ErrorCodes } from "./codes.ts";
import type { CryptoError, DecodeError } from "./encoding.ts";
import type { GssError, ServiceError } from "./gss.ts";
import type { KdcError, PasswordChangeError, PreauthError, ProtocolError } from "./kdc.ts";
import { hasBrand } from "./kerberos-error.ts";
import type { ConfigError, CredentialError, UnsupportedError } from "./local.ts";
import type { TransportError } from "./network.ts";
import type { RemctlError, RemctlProtocolError, RemctlServerError } from "./remctl.ts";

/**
 * Every error that this package throws on purpose and that is not the caller's mistake. `code` tells the class, and so
 * the fields: after `error.code === "REMCTL_SERVER"` there is `error.remoteCode`. `name` tells the class too.
 */
export type AnyKerberosError =
  | DecodeError
  | CryptoError
  | ConfigError
  | CredentialError
  | TransportError
  | UnsupportedError
  | ProtocolError
  | KdcError
  | PreauthError
  | PasswordChangeError
  | GssError
  | ServiceError
  | RemctlError<ErrorCodes["RemctlError"]>
  | RemctlServerError
  | RemctlProtocolError;

/** The errors that have one of some codes. */
export type ErrorOfCode<Code extends ErrorCode> = AnyKerberosError extends infer Each
  ? Each extends { readonly code: infer Own }
    ? [Code & Own] extends [never]
      ? never
      : Each & { readonly code: Code & Own }
    : never
  : never;

/**
 * Tells an error of this package from any other. It is known by a mark that all copies of the package share, so an
 * error is known that another entry or another copy threw, where `instanceof` would not know it.
 *
 * @example
 * ```ts
 * import { isKerberosError, remctl } from "krb5-remctl";
 *
 * try {
 *   await remctl("server.example.org", ["account", "show"]);
 * } catch (error) {
 *   if (!isKerberosError(error)) throw error;
 *   if (error.code === "REMCTL_SERVER") console.error(error.remoteCode, error.remoteMessage);
 * }
 * ```
 *
 * @param error anything that was thrown
 * @returns whether it is one of the errors of {@link AnyKerberosError}
 */
export function isKerberosError(error: unknown): error is AnyKerberosError {
  return hasBrand(error);
}

/** Whether a value is an error of one class, by its name. */
export function hasName<Name extends AnyKerberosError["name"]>(
  error: unknown,
  name: Name,
): error is Extract<AnyKerberosError, { readonly name: Name }> {
  return hasBrand(error) && error.name === name;
}

/** Whether a value is an error of this package with one of these codes. */
export function hasCode<Code extends ErrorCode>(error: unknown, ...codes: readonly Code[]): error is ErrorOfCode<Code> {
  return hasBrand(error) && (codes as readonly ErrorCode[]).includes(error.code);
}

/** The KRB-ERROR that an error reports, its own or a cause's. */
export function kdcErrorOf(error: unknown): KdcError | undefined {
  for (let one = error, depth = 0; one instanceof Error && depth < 8; one = one.cause, depth++) {
    if (hasName(one, "KdcError")) return one;
  }
  return undefined;
}
