/**
 * Getting tickets: the AS and TGS exchanges, referrals, delegation, password changes, and the sources of credentials.
 *
 * Layer 5: it may import `preauth`, `discovery`, `transport`, `credentials`, `config` and what is below them; it does
 * not know `gssapi`.
 */
export { armorOf } from "./as/armor-source.ts";
export { AsExchange } from "./as/as-exchange.ts";
export type { AsExchangeOptions, AsStep } from "./as/as-options.ts";
export { usableMechanisms } from "./as/as-options.ts";
export { explicitArmor } from "./as/computer-armor.ts";
export { contentsOfLogin, type Login, type LoginOptions } from "./as/login.ts";
export type { ComputerArmor, ExplicitArmor, LoginArmor } from "./as/login-armor.ts";
export { askPrimary } from "./as/primary.ts";
export { Asking } from "./asking.ts";
export {
  type AnonymousOptions,
  anonymous,
  type CertificateOptions,
  certificate,
  type SecretCredentials,
} from "./credentials/certificate.ts";
export { ChosenClients } from "./credentials/chosen.ts";
export {
  type CredentialHost,
  type CredentialSource,
  isCredentialSource,
  type OpenedCredentials,
  openSource,
} from "./credentials/credential-source.ts";
export {
  type CacheChoice,
  ccache,
  checkCache,
  fromEnvironment,
  keytab,
  openNamed,
  type PasswordOptions,
  password,
  resolvePrincipal,
} from "./credentials/credentials.ts";
export type { Deferred } from "./credentials/deferred.ts";
export { cachesNamed, type FoundCache, findCacheOf } from "./credentials/find-cache.ts";
export { interactive } from "./credentials/interactive.ts";
export {
  checkSalt,
  keytabSecret,
  type PasswordSecretOptions,
  passwordSecret,
  type Secret,
} from "./credentials/secret.ts";
export { checkPassword, keytabLoader, passwordLoader } from "./credentials/secret-loaders.ts";
export { Exchanges, type ExchangesOptions } from "./exchanges.ts";
export type { TicketOptions } from "./kdc-request.ts";
export type {
  KeptTickets,
  Kerberos,
  PasswordChangeOptions,
  RefreshOptions,
  ServiceTicketOptions,
  WalkTicketOptions,
} from "./kerberos.ts";
export {
  type ClientTickets,
  KerberosClient,
  type KerberosClientOptions,
  type OpenedClient,
  type TicketDefaults,
} from "./kerberos-client.ts";
export {
  checkNewPassword,
  forwardedTicketChecks,
  loginChecks,
  passwordChangeChecks,
  refreshChecks,
  serviceTicketChecks,
  ticketChecks,
} from "./option-checks.ts";
export { checkPacWish, type PacWish } from "./pac-wish.ts";
export {
  acceptPasswordReply,
  classifyPasswordReply,
  createPasswordRequest,
  type PasswordRequestOptions,
  type PendingPassword,
} from "./password/password-change.ts";
export { decodePolicy } from "./password/password-result.ts";
export { ActingClient, type Evidence, impersonate } from "./s4u/acting-client.ts";
export { selfTicket } from "./s4u/impersonate.ts";
export { proxyTicket } from "./s4u/proxy.ts";
export type { S4uUser } from "./s4u/x509-user.ts";
export { validateTicket } from "./tgs/one-request.ts";
export type { TgsOptions } from "./tgs/tgs-exchange.ts";
export { TgsWalk } from "./tgs/tgs-walk.ts";
export { cacheShelf } from "./tickets/cache-shelf.ts";
