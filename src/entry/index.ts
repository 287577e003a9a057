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
  type CertificateOptions,
  certificate,
  interactive,
  type KeptTickets,
  type Kerberos,
  type LoginOptions,
  type PacWish,
  type PasswordChangeOptions,
  type RefreshOptions,
  type S4uUser,
  type ServiceTicketOptions,
  type TicketOptions,
  type WalkTicketOptions,
} from "../client/index.ts";
export { type ParseOptions, parseKrb5Conf } from "../config/index.ts";
export type { KeyValueStore, MemoryCaches } from "../credentials/index.ts";
export type { DnsOption } from "../discovery/index.ts";
export { isKerberosError, isSafeToRetry } from "../errors.ts";
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
export type * from "./lists/caches.ts";
export type * from "./lists/commands.ts";
export type * from "./lists/config.ts";
export type * from "./lists/crypto.ts";
export * from "./lists/errors.ts";
export type * from "./lists/files.ts";
export type * from "./lists/host.ts";
export type * from "./lists/keytabs.ts";
export * from "./lists/logins.ts";
export type * from "./lists/mechanisms.ts";
export type * from "./lists/secrets.ts";
export type * from "./lists/sources.ts";
export type * from "./lists/tickets.ts";
export type * from "./lists/trace.ts";
