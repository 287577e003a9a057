/** OBJECT IDENTIFIERs as the hexadecimal of their contents octets. */
export const OIDS = {
  // Signatures and keys (RFC 8017, RFC 5480, RFC 5754)
  rsaEncryption: "2a864886f70d010101",
  sha1WithRsa: "2a864886f70d010105",
  sha256WithRsa: "2a864886f70d01010b",
  sha384WithRsa: "2a864886f70d01010c",
  sha512WithRsa: "2a864886f70d01010d",
  mgf1: "2a864886f70d010108",
  rsaPss: "2a864886f70d01010a",
  ecPublicKey: "2a8648ce3d0201",
  ecdsaWithSha1: "2a8648ce3d0401",
  ecdsaWithSha256: "2a8648ce3d040302",
  ecdsaWithSha384: "2a8648ce3d040303",
  ecdsaWithSha512: "2a8648ce3d040304",
  p256: "2a8648ce3d030107",
  p384: "2b81040022",
  p521: "2b81040023",
  // Digests
  sha1: "2b0e03021a",
  sha256: "608648016503040201",
  sha384: "608648016503040202",
  sha512: "608648016503040203",
  // CMS (RFC 5652)
  data: "2a864886f70d010701",
  signedData: "2a864886f70d010702",
  encryptedData: "2a864886f70d010706",
  contentType: "2a864886f70d010903",
  messageDigest: "2a864886f70d010904",
  // Extensions of certificates, and an attribute of names (RFC 5280)
  emailAddress: "2a864886f70d010901",
  subjectKeyIdentifier: "551d0e",
  keyUsage: "551d0f",
  subjectAltName: "551d11",
  basicConstraints: "551d13",
  nameConstraints: "551d1e",
  extendedKeyUsage: "551d25",
  serverAuth: "2b06010505070301",
  anyExtendedKeyUsage: "551d2500",
  // PKINIT (RFC 4556)
  pkinitSan: "2b0601050202",
  upnSan: "2b060104018237140203",
  kpKdc: "2b060105020305",
  // Encrypted keys (RFC 8018)
  pbes2: "2a864886f70d01050d",
  pbkdf2: "2a864886f70d01050c",
  scrypt: "2b06010401da47040b",
  hmacSha1: "2a864886f70d0207",
  hmacSha256: "2a864886f70d0209",
  hmacSha384: "2a864886f70d020a",
  hmacSha512: "2a864886f70d020b",
  aes128Cbc: "608648016503040102",
  aes192Cbc: "608648016503040116",
  aes256Cbc: "60864801650304012a",
  desEde3Cbc: "2a864886f70d0307",
  // PKCS#12 (RFC 7292)
  pbeSha1DesEde3: "2a864886f70d010c0103",
  keyBag: "2a864886f70d010c0a0101",
  shroudedKeyBag: "2a864886f70d010c0a0102",
  certBag: "2a864886f70d010c0a0103",
  x509Certificate: "2a864886f70d01091601",
} as const;

/** The names of hash functions as WebCrypto has them. */
export type Digest = "SHA-1" | "SHA-256" | "SHA-384" | "SHA-512";

/** The digest algorithms. */
export const DIGESTS: Readonly<Record<string, Digest>> = {
  [OIDS.sha1]: "SHA-1",
  [OIDS.sha256]: "SHA-256",
  [OIDS.sha384]: "SHA-384",
  [OIDS.sha512]: "SHA-512",
};

/** An OBJECT IDENTIFIER in dotted form, for messages. */
export function dotted(oid: string): string {
  const arcs: number[] = [];
  let arc = 0;
  for (let i = 0; i < oid.length; i += 2) {
    const octet = Number.parseInt(oid.slice(i, i + 2), 16);
    arc = arc * 128 + (octet & 0x7f);
    if (octet >= 0x80) continue;
    if (arcs.length > 0) arcs.push(arc);
    else arcs.push(...(arc < 80 ? [Math.floor(arc / 40), arc % 40] : [2, arc - 80]));
    arc = 0;
  }
  return arcs.join(".");
}
