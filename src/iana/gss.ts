/** GSS-API context flags as the 0x8003 checksum carries them (RFC 4121 section 4.1.1.1, RFC 2744). */
export const GSS_FLAG = {
  deleg: 1,
  mutual: 2,
  replay: 4,
  sequence: 8,
  conf: 16,
  integ: 32,
  anon: 64,
  dceStyle: 0x1000,
} as const;

/** Token identifiers (RFC 4121 sections 4.1 and 4.2). */
export const TOKEN_ID = {
  apReq: 0x0100,
  apRep: 0x0200,
  error: 0x0300,
  mic: 0x0404,
  wrap: 0x0504,
} as const;

/** The mechanism 1.2.840.113554.1.2.2 (RFC 1964 section 1), its DER contents octets. */
export const KRB5_MECHANISM: readonly number[] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02];
