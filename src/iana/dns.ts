/** DNS resource record types (RFC 1035, RFC 3596, RFC 2782, RFC 6891, RFC 7553). */
export const DNS_TYPE = {
  a: 1,
  cname: 5,
  soa: 6,
  ptr: 12,
  txt: 16,
  aaaa: 28,
  srv: 33,
  opt: 41,
  uri: 256,
} as const;

/** DNS response codes (RFC 1035 section 4.1.1). */
export const DNS_RCODE = {
  noError: 0,
  formErr: 1,
  servFail: 2,
  nxDomain: 3,
  notImp: 4,
  refused: 5,
} as const;
