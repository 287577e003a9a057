/**
 * The errors of this package, behind `src/errors.ts`.
 *
 * Layer 0: it may import no other room.
 */
export {
  type AnyKerberosError,
  type ErrorOfCode,
  hasCode,
  hasName,
  isKerberosError,
  kdcErrorOf,
} from "./any.ts";
export type { ErrorCode, ErrorCodes, ErrorName } from "./codes.ts";
export { CryptoError, DecodeError, integrityError } from "./encoding.ts";
export { GssError, ServiceError } from "./gss.ts";
export { KdcError, PasswordChangeError, type PasswordPolicy, PreauthError, ProtocolError } from "./kdc.ts";
export { assignFields, type CommandState, type ErrorFields, KerberosError } from "./kerberos-error.ts";
export { ConfigError, CredentialError, UnsupportedError } from "./local.ts";
export { type Attempt, TransportError } from "./network.ts";
export { plain, plainLine, plainText } from "./plain-text.ts";
export { RemctlError, RemctlProtocolError, RemctlServerError } from "./remctl.ts";
export { isSafeToRetry } from "./retry.ts";
