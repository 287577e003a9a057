/** Principal name types (RFC 4120 section 6.2, RFC 6111, RFC 6806 section 5). */
export const NAME_TYPE = {
  unknown: 0,
  principal: 1,
  srvInst: 2,
  srvHst: 3,
  srvXhst: 4,
  uid: 5,
  x500Principal: 6,
  smtpName: 7,
  enterprise: 10,
  wellKnown: 11,
} as const;
