/**
 * SPNEGO (RFC 4178, MS-SPNG): the negotiation that HTTP Negotiate, LDAP's GSS-SPNEGO and SMB put before a context, both
 * sides. A negotiated context is used as one of `krb5-remctl/gssapi` is; what is agreed on is krb5.
 *
 * ```ts
 * import { createSpnegoAcceptor } from "krb5-remctl/spnego";
 *
 * const context = createSpnegoAcceptor({ keytab: octets, service: "HTTP" });
 * const reply = await context.step(await receive());
 * if (context.isEstablished) console.log(context.peer, context.wasReselected);
 * ```
 *
 * @module
 */
export type { Keytab, KeytabEntry, KeytabQuery, KeytabText, KeyValueStore, RawKey } from "../credentials/index.ts";
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
  GssError,
  isKerberosError,
  type KdcError,
  KerberosError,
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
export {
  type AuthenticatorClock,
  type AuthenticatorTime,
  type Enctypes,
  type ForwardedTicketOptions,
  formatPrincipal,
  type GetTicketOptions,
  type KeySource,
  type Principal,
  type ReplayAnswer,
  type ReplayCache,
  type ReplayEntry,
  type ServiceKey,
  type ServiceTicket,
  type TicketElement,
  type TicketSource,
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
  createNegotiationHints,
  createSpnegoInitiator,
  describeToken,
  type SpnegoAcceptorOptions,
  type SpnegoContext,
  type SpnegoInitiatorOptions,
  type TokenDescription,
  type TokenMechanism,
} from "../spnego/index.ts";
export { createSpnegoAcceptor } from "../spnego/on-host.ts";
export type {
  Trace,
  TraceChannel,
  TraceContext,
  TracedOperation,
  TraceEvent,
  TraceListener,
  TraceStep,
} from "../trace.ts";
