/** Kerberos encryption type numbers (IANA registry; RFC 3961 section 8, RFC 8009 section 5). */
export const ENCTYPE = {
  des3CbcSha1: 16,
  aes128CtsHmacSha196: 17,
  aes256CtsHmacSha196: 18,
  aes128CtsHmacSha256128: 19,
  aes256CtsHmacSha384192: 20,
  rc4Hmac: 23,
  rc4HmacExp: 24,
  camellia128CtsCmac: 25,
  camellia256CtsCmac: 26,
} as const;

const names: Readonly<Record<number, string>> = {
  1: "des-cbc-crc",
  2: "des-cbc-md4",
  3: "des-cbc-md5",
  16: "des3-cbc-sha1",
  17: "aes128-cts-hmac-sha1-96",
  18: "aes256-cts-hmac-sha1-96",
  19: "aes128-cts-hmac-sha256-128",
  20: "aes256-cts-hmac-sha384-192",
  23: "arcfour-hmac",
  24: "arcfour-hmac-exp",
  25: "camellia128-cts-cmac",
  26: "camellia256-cts-cmac",
};

/** The registered name of an encryption type, or `etype <number>`. */
export function enctypeName(etype: number): string {
  return names[etype] ?? `etype ${etype}`;
}
