/**
 * Kerberos v5 and a remctl client with no native code. {@link remctl} runs one command, {@link createClient} keeps
 * tickets between commands; everything else that speaks Kerberos finds its context in `krb5-remctl/gssapi`.
 *
 * ```ts
 * import { createClient } from "krb5-remctl";
 *
 * const client = createClient({ credentials: { principal: "alice@EXAMPLE.ORG", password } });
 * const { status, stdout } = await client.remctl("server.example.org", ["account", "show", "alice"]);
 * ```
 *
 * @module
 */
export {
  type AnonymousOptions,
  anonymous,
  type CacheChoice,
  type CertificateOptions,
  ccache,
  certificate,
  contentsOfLogin,
  fromEnvironment,
  interactive,
  type KeptTickets,
  type Kerberos,
  keytab,
  type Login,
  type LoginOptions,
  type PacWish,
  type PasswordChangeOptions,
  type PasswordOptions,
  password,
  type RefreshOptions,
  type S4uUser,
  type ServiceTicketOptions,
  type TicketOptions,
  type WalkTicketOptions,
} from "../client/index.ts";
export { type ParseOptions, parseKrb5Conf } from "../config/index.ts";
export type { KeyValueStore, MemoryCaches } from "../credentials/index.ts";
export type { DnsOption } from "../discovery/index.ts";
export {
  ConfigError,
  CredentialError,
  CryptoError,
  DecodeError,
  GssError,
  isKerberosError,
  isSafeToRetry,
  KdcError,
  KerberosError,
  PasswordChangeError,
  PreauthError,
  ProtocolError,
  RemctlError,
  RemctlProtocolError,
  RemctlServerError,
  ServiceError,
  TransportError,
  UnsupportedError,
} from "../errors.ts";
export type { LegacyTokens } from "../gssapi/index.ts";
export {
  type AuthenticatorClock,
  type AuthenticatorTime,
  type Enctypes,
  formatPrincipal,
  type PaData,
  type ParsePrincipalOptions,
  type Principal,
  parsePrincipal,
} from "../krb5/index.ts";
export type {
  ExchangeOptions,
  FastPart,
  KerberosOptions,
  ServerLists,
  VerifiedPassword,
  VerifyPasswordOptions,
} from "../library/index.ts";
export { createKerberos, verifyPassword } from "../library/on-host.ts";
export { encTimestamp, hintFor, longTermReplyKey } from "../preauth/index.ts";
export { streamedArguments, streamedOutput, version1 } from "../remctl/index.ts";
export type {
  ClientOptions,
  Credentials,
  HostsOptions,
  ImpersonateOptions,
  RemctlClient,
  RemctlOptions,
  SessionClient,
  StoreCacheSettings,
  UserCertificate,
} from "../remctl-client/index.ts";
export { createClient, createPool, delegatedCredentials, remctl, runOnHosts } from "../remctl-client/on-host.ts";
export { REMCTL_ERROR, remctlErrorName } from "../remctl-wire/index.ts";
export type * from "./types/caches.ts";
export type * from "./types/commands.ts";
export type * from "./types/config.ts";
export type * from "./types/crypto.ts";
export type * from "./types/errors.ts";
export type * from "./types/files.ts";
export type * from "./types/host.ts";
export type * from "./types/keytabs.ts";
export type * from "./types/mechanisms.ts";
export type * from "./types/secrets.ts";
export type * from "./types/sources.ts";
export type * from "./types/tickets.ts";
export type * from "./types/trace.ts";
