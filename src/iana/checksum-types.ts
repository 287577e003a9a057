/**
 * Kerberos checksum type numbers (IANA registry; RFC 3961 section 8, RFC 6803 section 9, RFC 8009 section 6, RFC 4757,
 * RFC 4121 section 4.1.1).
 */
export const CHECKSUM = {
  crc32: 1,
  rsaMd4Des: 3,
  rsaMd5: 7,
  rsaMd5Des: 8,
  hmacSha1Des3Kd: 12,
  hmacSha196Aes128: 15,
  hmacSha196Aes256: 16,
  cmacCamellia128: 17,
  cmacCamellia256: 18,
  hmacSha256128Aes128: 19,
  hmacSha384192Aes256: 20,
  hmacMd5: -138,
  /** The checksum field of a GSS-API authenticator: no checksum at all, but flags and bindings. */
  gssApi: 0x8003,
} as const;
