/**
 * One-time passwords (RFC 6560) for the small client, inside FAST. The main entry loads this by itself where a KDC
 * offers it.
 *
 * ```ts
 * import { fast } from "krb5-remctl/fast";
 * import { createClient } from "krb5-remctl/lean";
 * import { interactive, otp } from "krb5-remctl/otp";
 *
 * const client = createClient({
 *   credentials: interactive("alice@EXAMPLE.ORG"),
 *   armor: fast({ principal: "host/laptop.example.org@EXAMPLE.ORG", keytab: octets }),
 *   ask: { otp: async ({ text }) => await readLine(text) },
 *   kdc: ["tcp://kdc.example.org:88"],
 *   preauth: [otp()],
 * });
 * ```
 *
 * @module
 */
export {
  type CredentialHost,
  type CredentialSource,
  type Deferred,
  interactive,
  type OpenedCredentials,
  type Secret,
  type SecretCredentials,
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
export type { PaData, Principal } from "../krb5/index.ts";
export {
  type Armor,
  type Ask,
  type CompletePrompts,
  type KdcTrust,
  type KeyHint,
  type LoginContext,
  type OpenedReply,
  type OtpQuestion,
  type OtpToken,
  otp,
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
export type { Trace, TraceContext, TracedOperation, TraceEvent, TraceListener, TraceStep } from "../trace.ts";
