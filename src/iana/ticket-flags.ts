/**
 * TicketFlags (RFC 4120 section 5.3, RFC 6806 section 11). Bit n of KerberosFlags is a mask of an unsigned number of
 * 32 bits: bit 0 is the highest (RFC 4120 section 5.2.8).
 */

export const forwardable = 0x40000000;
export const forwarded = 0x20000000;
export const proxiable = 0x10000000;
export const proxy = 0x08000000;
export const mayPostdate = 0x04000000;
export const postdated = 0x02000000;
export const invalid = 0x01000000;
export const renewable = 0x00800000;
export const initial = 0x00400000;
export const preAuthent = 0x00200000;
export const hwAuthent = 0x00100000;
export const transitedPolicyChecked = 0x00080000;
export const okAsDelegate = 0x00040000;
export const encPaRep = 0x00010000;
export const anonymous = 0x00008000;
