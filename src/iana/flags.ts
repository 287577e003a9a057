/* Bit n of KerberosFlags as a mask of an unsigned number of 32 bits: bit 0 is the highest (RFC 4120 section 5.2.8). */

/** KDCOptions (RFC 4120 section 5.4.1, RFC 6806 section 3, RFC 6112). */
export const KDC_OPTION = {
  forwardable: 0x40000000,
  forwarded: 0x20000000,
  proxiable: 0x10000000,
  proxy: 0x08000000,
  allowPostdate: 0x04000000,
  postdated: 0x02000000,
  renewable: 0x00800000,
  canonicalize: 0x00010000,
  requestAnonymous: 0x00008000,
  disableTransitedCheck: 0x00000020,
  renewableOk: 0x00000010,
  encTktInSkey: 0x00000008,
  renew: 0x00000002,
  validate: 0x00000001,
} as const;

/** TicketFlags (RFC 4120 section 5.3, RFC 6806 section 11). */
export const TICKET_FLAG = {
  forwardable: 0x40000000,
  forwarded: 0x20000000,
  proxiable: 0x10000000,
  proxy: 0x08000000,
  mayPostdate: 0x04000000,
  postdated: 0x02000000,
  invalid: 0x01000000,
  renewable: 0x00800000,
  initial: 0x00400000,
  preAuthent: 0x00200000,
  hwAuthent: 0x00100000,
  transitedPolicyChecked: 0x00080000,
  okAsDelegate: 0x00040000,
  encPaRep: 0x00010000,
  anonymous: 0x00008000,
} as const;

/** APOptions (RFC 4120 section 5.5.1). */
export const AP_OPTION = {
  useSessionKey: 0x40000000,
  mutualRequired: 0x20000000,
} as const;
