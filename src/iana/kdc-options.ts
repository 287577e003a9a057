/**
 * KDCOptions (RFC 4120 section 5.4.1, RFC 6806 section 3, RFC 6112). Bit n of KerberosFlags is a mask of an unsigned
 * number of 32 bits: bit 0 is the highest (RFC 4120 section 5.2.8).
 */

export const forwardable = 0x40000000;
export const forwarded = 0x20000000;
export const proxiable = 0x10000000;
export const proxy = 0x08000000;
export const allowPostdate = 0x04000000;
export const postdated = 0x02000000;
export const renewable = 0x00800000;
/** S4U2Proxy (MS-SFU section 2.2.3): the additional ticket says who the client is. */
export const cnameInAddlTkt = 0x00020000;
export const canonicalize = 0x00010000;
export const requestAnonymous = 0x00008000;
export const disableTransitedCheck = 0x00000020;
export const renewableOk = 0x00000010;
export const encTktInSkey = 0x00000008;
export const renew = 0x00000002;
export const validate = 0x00000001;
