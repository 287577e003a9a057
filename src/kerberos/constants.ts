// The names and numbers of npm kerberos 7: flags of RFC 2744 appendix A, and its own words for mechanisms.

/** RFC 2744 GSS_C_DELEG_FLAG: hand the service a forwarded ticket. */
export const GSS_C_DELEG_FLAG = 1;
/** RFC 2744 GSS_C_MUTUAL_FLAG: the service proves who it is. */
export const GSS_C_MUTUAL_FLAG = 2;
/** RFC 2744 GSS_C_REPLAY_FLAG: messages that come twice are refused. */
export const GSS_C_REPLAY_FLAG = 4;
/** RFC 2744 GSS_C_SEQUENCE_FLAG: messages out of order are refused. */
export const GSS_C_SEQUENCE_FLAG = 8;
/** RFC 2744 GSS_C_CONF_FLAG: messages can be encrypted. */
export const GSS_C_CONF_FLAG = 16;
/** RFC 2744 GSS_C_INTEG_FLAG: messages can be signed. */
export const GSS_C_INTEG_FLAG = 32;
/** RFC 2744 GSS_C_ANON_FLAG: without effect here. */
export const GSS_C_ANON_FLAG = 64;
/** RFC 2744 GSS_C_PROT_READY_FLAG: without effect in a request. */
export const GSS_C_PROT_READY_FLAG = 128;
/** RFC 2744 GSS_C_TRANS_FLAG: without effect in a request. */
export const GSS_C_TRANS_FLAG = 256;

/** The mechanism that is usual: krb5. */
export const GSS_C_NO_OID = 0;
/** The krb5 mechanism (RFC 4121), by the length of its OID. */
export const GSS_MECH_OID_KRB5 = 9;
/** SPNEGO (RFC 4178), by the length of its OID. */
export const GSS_MECH_OID_SPNEGO = 6;

/** The version of npm `kerberos` whose API this is. */
export const version = "7.0.0";

/**
 * Tells the version of Node-API that the native module is built for; here nothing is native.
 *
 * @returns the number as npm `kerberos` 7 gives it
 * @example
 * ```ts
 * import { definedNapiVersion } from "krb5-remctl/kerberos";
 *
 * console.log(definedNapiVersion()); // 9
 * ```
 */
export function definedNapiVersion(): string {
  return "9";
}
