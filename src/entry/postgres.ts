/**
 * Kerberos for PostgreSQL: a stream beneath `pg` and `postgres`, which stay as they are, that logs in with GSSAPI and
 * encrypts with it.
 *
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { gssStream } from "krb5-remctl/postgres";
 *
 * const stream = gssStream({ credential: createClient() });
 * const settings = { host: "db.example.org", user: "alice", database: "alice", stream };
 * ```
 *
 * @module
 */

export type {
  CbcCipher,
  CryptoProvider,
  DigestName,
  EncType,
  EncTypeSet,
  HashName,
  Mac,
  OtherCipher,
  ProtocolKey,
  StringToKeyOptions,
  UsageKey,
} from "../crypto/index.ts";
export type { GssEncryption, GssStreamOptions } from "../drivers/index.ts";
export { gssStream, postgresSocket } from "../drivers/on-host.ts";
export type {
  AnyKerberosError,
  Attempt,
  CommandState,
  ConfigError,
  CredentialError,
  CryptoError,
  DecodeError,
  ErrorCode,
  ErrorCodes,
  ErrorName,
  GssError,
  KdcError,
  KerberosError,
  PasswordChangeError,
  PasswordPolicy,
  PreauthError,
  ProtocolError,
  RemctlError,
  RemctlProtocolError,
  RemctlServerError,
  ServiceError,
  TransportError,
  UnsupportedError,
} from "../errors.ts";
export { isKerberosError } from "../errors.ts";
export type {
  ForwardedTicketOptions,
  GetTicketOptions,
  Principal,
  ServiceTicket,
  TicketElement,
  TicketSource,
} from "../krb5/index.ts";
export type { TraceContext, TracedOperation, TraceEvent, TraceListener, TraceStep } from "../trace.ts";
