/**
 * Kerberos checksum type numbers (IANA registry; RFC 3961 section 8, RFC 6803 section 9, RFC 8009 section 6, RFC 4757,
 * RFC 4121 section 4.1.1).
 */

export const crc32 = 1;
export const rsaMd4Des = 3;
export const rsaMd5 = 7;
export const rsaMd5Des = 8;
export const hmacSha1Des3Kd = 12;
export const hmacSha196Aes128 = 15;
export const hmacSha196Aes256 = 16;
export const cmacCamellia128 = 17;
export const cmacCamellia256 = 18;
export const hmacSha256128Aes128 = 19;
export const hmacSha384192Aes256 = 20;
export const hmacMd5 = -138;
/** The checksum field of a GSS-API authenticator: no checksum at all, but flags and bindings. */
export const gssApi = 0x8003;
