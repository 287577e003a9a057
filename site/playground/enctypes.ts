/** The encryption types that the page offers: number, and name with the document that defines it. */
export const ENCTYPES: readonly (readonly [number: number, name: string])[] = [
  [18, "aes256-cts-hmac-sha1-96 (RFC 3962)"],
  [17, "aes128-cts-hmac-sha1-96 (RFC 3962)"],
  [20, "aes256-cts-hmac-sha384-192 (RFC 8009)"],
  [19, "aes128-cts-hmac-sha256-128 (RFC 8009)"],
];
