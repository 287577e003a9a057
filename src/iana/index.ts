/**
 * Assigned numbers and their names: one registry a file. Each registry is a module of constants, so that
 * a bundle has the numbers that it uses and no others.
 *
 * Layer 0: it may import no other room.
 */
export * as AD_TYPE from "./ad-types.ts";
export * as AP_OPTION from "./ap-options.ts";
export * as APPLICATION from "./application-tags.ts";
export * as CHECKSUM from "./checksum-types.ts";
export * as DNS_RCODE from "./dns-rcodes.ts";
export * as DNS_TYPE from "./dns-types.ts";
export { ENCTYPES, type EnctypeRow, enctypeName, enctypeOf, findEnctype, registeredEnctype } from "./enctypes.ts";
export * as KRB_ERROR from "./error-codes.ts";
export { krbErrorName } from "./error-names.ts";
export * as GSS_FLAG from "./gss-flags.ts";
export { KRB5_MECHANISM, KRB5_MECHANISM_OID } from "./gss-mechanism.ts";
export * as KDC_OPTION from "./kdc-options.ts";
export * as KEY_USAGE from "./key-usages.ts";
export * as LAST_REQ from "./last-req-types.ts";
export * as MESSAGE_TYPE from "./message-types.ts";
export * as NAME_TYPE from "./name-types.ts";
export * as NT_STATUS from "./nt-status.ts";
export { padataName } from "./padata-names.ts";
export * as PADATA from "./padata-types.ts";
export * as TICKET_FLAG from "./ticket-flags.ts";
export * as TOKEN_ID from "./token-ids.ts";
