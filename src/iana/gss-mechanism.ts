/** The mechanism 1.2.840.113554.1.2.2 (RFC 1964 section 1), its DER contents octets. */
export const KRB5_MECHANISM: readonly number[] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02];

/** The same as text. */
export const KRB5_MECHANISM_OID = "1.2.840.113554.1.2.2";
