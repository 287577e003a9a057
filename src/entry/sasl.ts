/**
 * SASL with Kerberos, both sides: GSSAPI (RFC 4752), GSS-SPNEGO, GS2-KRB5 and GS2-KRB5-PLUS (RFC 5801), and the
 * security layer after them. The protocol that carries the octets is the caller's.
 *
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { createSaslClient } from "krb5-remctl/sasl";
 *
 * const credential = createClient({ credentials: { principal: "alice@EXAMPLE.ORG", password } });
 * const sasl = createSaslClient({ service: "ldap", host: "ldap.example.org", credential });
 * const initialResponse = await sasl.step();
 * ```
 *
 * @module
 */
export type { Keytab, KeytabEntry, KeytabQuery, KeytabText, RawKey } from "../credentials/index.ts";
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
export type {
  AcceptorKeys,
  AcceptorOptions,
  AcceptorService,
  BindingAddress,
  ChannelBindings,
  ChannelBindingsOption,
  ContextFlags,
  ContextOptions,
  InitiatorOptions,
  LegacyTokens,
  SealingContext,
  SecurityContext,
  UnwrapOptions,
  WrapOptions,
} from "../gssapi/index.ts";
export type { ByteStream } from "../host/index.ts";
export type {
  AuthenticatorClock,
  AuthenticatorTime,
  Enctypes,
  ForwardedTicketOptions,
  GetTicketOptions,
  KeySource,
  Principal,
  ReplayAnswer,
  ReplayCache,
  ReplayEntry,
  ServiceKey,
  ServiceTicket,
  TicketElement,
  TicketSource,
} from "../krb5/index.ts";
export type {
  AdElement,
  AuthorizationReader,
  Claim,
  ClaimName,
  ClientInfo,
  DelegationInfo,
  DeviceInfo,
  DomainGroups,
  GroupMembership,
  LogonInfo,
  OpenedAuthorization,
  Pac,
  PacAttributes,
  PacBuffer,
  PacCredentials,
  SidAndAttributes,
  TicketAuthorization,
  UpnDnsInfo,
  VerifiedPac,
} from "../pac/index.ts";
export {
  type Authorize,
  createSaslClient,
  type Deframer,
  type Layer,
  type LayerOptions,
  type SaslClient,
  type SaslClientOptions,
  type SaslMechanism,
  type SaslServer,
  type SaslServerOptions,
  type SaslStepOptions,
  type SecurityLayer,
  saslDuplex,
} from "../sasl/index.ts";
export { createSaslServer } from "../sasl/on-host.ts";
export type { Trace, TraceContext, TracedOperation, TraceEvent, TraceListener, TraceStep } from "../trace.ts";
