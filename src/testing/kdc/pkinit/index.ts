/**
 * PKINIT of the embedded KDC, a second reading of RFC 4556, RFC 8062, RFC 8070 and RFC 8636: it shares no code with the
 * client's.
 */
export { createAuthority, issueWithKey, pem, validityFrom } from "./authority.ts";

/** The principal of logins without a name (RFC 8062 section 3). */
export const anonymousPrincipal = "WELLKNOWN/ANONYMOUS";
