/**
 * HTTP Negotiate (RFC 4559), which browsers call integrated authentication: a `fetch` that has a ticket for the servers
 * that you list, and the server's side for `Request` and `Response`, `node:http`, Express, Fastify, Hono and Passport.
 *
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { negotiateFetch } from "krb5-remctl/http";
 *
 * const credential = createClient({ credentials: { principal: "alice@EXAMPLE.ORG", password } });
 * const fetch = negotiateFetch({ credential, origins: ["https://intranet.example.org"] });
 * const answer = await fetch("https://intranet.example.org/report");
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
  LegacyTokens,
  SealingContext,
  SecurityContext,
  UnwrapOptions,
  WrapOptions,
} from "../gssapi/index.ts";
export type {
  ByteStream,
  Connection,
  ConnectOptions,
  DatagramSocket,
  Dial,
  Fetch,
  FileOpenOptions,
  FileStatus,
  Files,
  HostEnvironment,
  HttpConnection,
  Listener,
  ListenOptions,
  OpenedFile,
  PeerAddress,
  Runtime,
} from "../host/index.ts";
export {
  type AnswerFields,
  type AnswerHeaders,
  type Authenticated,
  type Authentication,
  type BeginOptions,
  type CreateContext,
  createNegotiator,
  expressNegotiate,
  type FastifyReply,
  type FindUser,
  fastifyNegotiate,
  type HonoContext,
  type HttpConnections,
  honoNegotiate,
  type IncomingRequest,
  type KdcMessage,
  type KdcProxyOptions,
  type NegotiateExchange,
  type NegotiateFetchOptions,
  type NegotiateInterceptorOptions,
  type NegotiateOptions,
  type NegotiateServer,
  type NegotiateServerOptions,
  NegotiateStrategy,
  type Negotiator,
  type NodeMiddleware,
  type NodeResponse,
  type NotAuthenticated,
  negotiateFetch,
  negotiateInterceptor,
  type Origins,
  type ProxiedRealm,
  type ProxyOptions,
  type RequestHandler,
} from "../http/index.ts";
export {
  createKdcProxy,
  createNegotiateServer,
  type NodeConnectionsOptions,
  nodeConnections,
  type ProxyAgentOptions,
  proxyAgents,
  proxyConnector,
} from "../http/on-host.ts";
export type {
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
export type { TraceChannel, TraceContext, TracedOperation, TraceEvent, TraceListener, TraceStep } from "../trace.ts";
