export { AsExchange, type AsExchangeOptions, type AsStep } from "./as-exchange.ts";
export {
  type CredentialHost,
  type CredentialSource,
  isCredentialSource,
  type OpenedCredential,
} from "./credential-source.ts";
export {
  ccache,
  type Deferred,
  fromEnvironment,
  keytab,
  openNamed,
  password,
  resolvePrincipal,
} from "./credentials.ts";
export { Exchanges, type ExchangesOptions } from "./exchanges.ts";
export type { TicketOptions } from "./kdc-request.ts";
export type { Kerberos, PasswordChangeOptions, RefreshOptions, ServiceTicketOptions } from "./kerberos.ts";
export { KerberosClient, type KerberosClientOptions, type TicketDefaults } from "./kerberos-client.ts";
export { contentsOfLogin, type Login, type LoginOptions } from "./login.ts";
export { checkClientOptions } from "./option-checks.ts";
export {
  acceptPasswordReply,
  classifyPasswordReply,
  createPasswordRequest,
  type PasswordRequestOptions,
  type PendingPassword,
} from "./password-change.ts";
export { decodePolicy } from "./password-result.ts";
export { RejectedSecret } from "./rejection.ts";
export { keytabSecret, passwordSecret, type Secret } from "./secret.ts";
export type { TgsOptions } from "./tgs-exchange.ts";
export { TgsWalk } from "./tgs-walk.ts";
export { TicketCache } from "./ticket-cache.ts";
