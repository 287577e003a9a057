/**
 * Assigned numbers and their names: one registry a file, `const` objects.
 *
 * Layer 0: it may import no other room.
 */
export { CHECKSUM } from "./checksum-types.ts";
export { DNS_RCODE, DNS_TYPE } from "./dns.ts";
export { ENCTYPES, type EnctypeRow, enctypeName, findEnctype, registeredEnctype } from "./enctypes.ts";
export { KRB_ERROR, krbErrorName } from "./error-codes.ts";
export { AP_OPTION, KDC_OPTION, TICKET_FLAG } from "./flags.ts";
export { GSS_FLAG, KRB5_MECHANISM, TOKEN_ID } from "./gss.ts";
export { KEY_USAGE } from "./key-usages.ts";
export { APPLICATION, MESSAGE_TYPE } from "./message-types.ts";
export { NAME_TYPE } from "./name-types.ts";
export { PADATA, padataName } from "./padata-types.ts";
