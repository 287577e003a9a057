/**
 * Kerberos itself (RFC 4120), without I/O: principals, messages and their codecs, EncryptedData, the AP exchange,
 * replay cache. `client` and `gssapi` meet here, in `TicketSource`.
 *
 * Layer 2: it may import `asn1`, `crypto` and what is below them.
 */
export { ApReqError, createKrbError, refusalOf } from "./ap-error.ts";
export {
  type ApRepExpectation,
  type ApReqOptions,
  createApReq,
  randomSequenceNumber,
  type SentApReq,
  type VerifiedApRep,
  verifyApRep,
} from "./ap-exchange.ts";
export {
  type ApRepOptions,
  createApRep,
  type VerifiedApReq,
  type VerifyApReqOptions,
  verifyApReq,
} from "./ap-exchange-acceptor.ts";
export { type AuthenticatorClock, type AuthenticatorTime, createAuthenticatorClock } from "./authenticator-clock.ts";
export { CERTIFICATE_REFUSALS } from "./certificate-refusals.ts";
export { DEFAULT_SKEW_SECONDS } from "./clock-skew.ts";
export { importEncryptionKey, openData, sealData } from "./encrypted-data.ts";
export { type Enctypes, etypeOf, etypesOf, permittedTypes, weakEtypesOf } from "./enctypes.ts";
export { mayTake } from "./fair-share.ts";
export { type KrbErrorContext, krbErrorDetails, krbErrorToError } from "./kdc-error.ts";
export type { KeySource, ServiceKey } from "./key-source.ts";
export { versionFit } from "./key-version.ts";
export { openCred, sealCred } from "./krb-cred.ts";
export { openPriv, sealPriv } from "./krb-priv.ts";
export * from "./messages/index.ts";
export { type KeyLack, noCommonEnctype } from "./no-common-enctype.ts";
export { mayProveKey } from "./no-proof.ts";
export { ntStatusIn } from "./nt-status.ts";
export {
  checkEnctypes,
  checkParsedPrincipal,
  checkPrincipal,
  checkTicket,
  personOf,
  principalOf,
} from "./option-checks.ts";
export {
  ANONYMOUS,
  equalPrincipals,
  type Principal,
  principal,
  servicePrincipal,
  tgsPrincipal,
  toPrincipal,
  toPrincipalName,
} from "./principal.ts";
export { formatPrincipal, type ParsePrincipalOptions, parsePrincipal, printableName } from "./principal-text.ts";
export { numbersAsNames, type RegisteredNames, registeredNames } from "./registered-names.ts";
export {
  createReplayCache,
  type ReplayAnswer,
  type ReplayCache,
  type ReplayCacheOptions,
  type ReplayEntry,
} from "./replay-cache.ts";
export { checkServiceName, serviceNameOf, serviceOrAnyHost } from "./service-name.ts";
export { isByNameOnly, type OpenedTicket, openTicket, type TicketOpening } from "./ticket-opening.ts";
export type { SealedTicket } from "./ticket-refusal.ts";
export {
  type ForwardedTicketOptions,
  type GetTicketOptions,
  hideTicket,
  type ServiceTicket,
  type TicketElement,
  type TicketSource,
} from "./ticket-source.ts";
export type { WantedServices } from "./wanted-services.ts";
