/**
 * APOptions (RFC 4120 section 5.5.1). Bit n of KerberosFlags is a mask of an unsigned number of
 * 32 bits: bit 0 is the highest (RFC 4120 section 5.2.8).
 */

export const useSessionKey = 0x40000000;
export const mutualRequired = 0x20000000;
