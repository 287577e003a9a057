/**
 * Logging in with a certificate (PKINIT, RFC 4556), or as nobody (RFC 8062). The main entry loads this by itself where
 * a KDC offers it and the credentials are those of `certificate()` or `anonymous()`; `krb5-remctl/lean` takes it as a
 * value.
 *
 * ```ts
 * import { createClient } from "krb5-remctl/lean";
 * import { certificate, pkinit } from "krb5-remctl/pkinit";
 *
 * const client = createClient({
 *   credentials: certificate("robot@EXAMPLE.ORG", { certificate: pem, sign, anchors: caPem }),
 *   kdc: ["tcp://kdc.example.org:88"],
 *   preauth: [pkinit()],
 * });
 * ```
 *
 * The KDC proves itself by a certificate that leads to the `anchors` and to no others, is in its time, and names the
 * KDC of the realm. Certificates are not looked up in lists of revoked ones.
 *
 * @module
 */
export {
  type AnonymousOptions,
  anonymous,
  type CertificateOptions,
  type CredentialHost,
  type CredentialSource,
  certificate,
  type Deferred,
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
  type Pem,
  type PinNotice,
  type PkinitIdentity,
  type PreauthMechanism,
  type PreauthOffer,
  type PreauthReply,
  type PreauthRound,
  type PreauthRun,
  type Prompts,
  pkinit,
  type Question,
  type SecretKind,
  type Sign,
  type SignatureAlgorithm,
  type TokenQuestion,
} from "../preauth/index.ts";
export type { Trace, TraceContext, TracedOperation, TraceEvent, TraceListener, TraceStep } from "../trace.ts";
