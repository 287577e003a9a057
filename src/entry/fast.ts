/**
 * FAST (RFC 6113) for the small client: its logins and requests for tickets go inside the protection of another ticket.
 * The main entry has the option `armor`.
 *
 * ```ts
 * import { encryptedChallenge, fast } from "krb5-remctl/fast";
 * import { createClient, encTimestamp } from "krb5-remctl/lean";
 *
 * const client = createClient({
 *   credentials: { principal: "alice@EXAMPLE.ORG", password },
 *   armor: fast({ principal: "host/laptop.example.org@EXAMPLE.ORG", keytab: octets }),
 *   kdc: ["tcp://kdc.example.org:88"],
 *   preauth: [encryptedChallenge, encTimestamp],
 * });
 * ```
 *
 * @module
 */
export type {
  CredentialHost,
  CredentialSource,
  Deferred,
  OpenedCredentials,
  Secret,
  SecretCredentials,
} from "../client/index.ts";
export type {
  Environment,
  Krb5Config,
  Libdefaults,
  Profile,
  RealmConfig,
  Relation,
  ServerAddress,
} from "../config/index.ts";
export type {
  CacheContents,
  CacheHost,
  CacheOptions,
  ConfigEntry,
  Credential,
  CredentialCache,
  Keytab,
  KeytabEntry,
  KeytabQuery,
  KeytabText,
  MemoryCaches,
  NewCacheContents,
  RawKey,
  TypedOctets,
} from "../credentials/index.ts";
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
export {
  type AnyKerberosError,
  type Attempt,
  type CommandState,
  type ConfigError,
  type CredentialError,
  type CryptoError,
  type DecodeError,
  type ErrorCode,
  type ErrorCodes,
  type ErrorFields,
  type ErrorName,
  type GssError,
  isKerberosError,
  type KdcError,
  type KerberosError,
  type PasswordChangeError,
  type PasswordPolicy,
  type PreauthError,
  type ProtocolError,
  type RemctlError,
  type RemctlProtocolError,
  type RemctlServerError,
  type ServiceError,
  type TransportError,
  type UnsupportedError,
} from "../errors.ts";
export type { Connection, FileOpenOptions, FileStatus, Files, OpenedFile } from "../host/index.ts";
export type { Enctypes, PaData, Principal } from "../krb5/index.ts";
export type { FastPart } from "../library/index.ts";
export {
  type Armor,
  type Ask,
  type CompletePrompts,
  encryptedChallenge,
  type KdcTrust,
  type KeyHint,
  type LoginContext,
  type OpenedReply,
  type OtpQuestion,
  type OtpToken,
  type Pem,
  type PinNotice,
  type PkinitIdentity,
  type PreauthMechanism,
  type PreauthOffer,
  type PreauthReply,
  type PreauthRound,
  type PreauthRun,
  type Prompts,
  type Question,
  type SecretKind,
  type Sign,
  type SignatureAlgorithm,
  type TokenQuestion,
} from "../preauth/index.ts";
export { type FastOptions, fast, type LeanCredentials } from "../remctl-client/index.ts";
export type { Trace, TraceContext, TracedOperation, TraceEvent, TraceListener, TraceStep } from "../trace.ts";
