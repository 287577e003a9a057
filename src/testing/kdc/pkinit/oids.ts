import { decodeHex } from "../../../bytes/index.ts";

/** OBJECT IDENTIFIERs as the hexadecimal of their contents octets. */
export const OID = {
  // RFC 4556 section 3
  authData: "2b060105020301",
  dhKeyData: "2b060105020302",
  clientUsage: "2b060105020304",
  kdcUsage: "2b060105020305",
  principalName: "2b0601050202",
  // RFC 8636 section 4
  kdfSha1: "2b06010502030601",
  kdfSha256: "2b06010502030602",
  kdfSha512: "2b06010502030603",
  // RFC 3279
  dhPublicNumber: "2a8648ce3e0201",
  rsa: "2a864886f70d010101",
  ecPublicKey: "2a8648ce3d0201",
  p256: "2a8648ce3d030107",
  p384: "2b81040022",
  ecdsaWithSha256: "2a8648ce3d040302",
  // RFC 5754
  sha1: "2b0e03021a",
  sha256: "608648016503040201",
  sha384: "608648016503040202",
  sha512: "608648016503040203",
  // RFC 5652
  signedData: "2a864886f70d010702",
  contentType: "2a864886f70d010903",
  messageDigest: "2a864886f70d010904",
  // RFC 5280
  commonName: "550403",
  keyUsage: "551d0f",
  subjectAltName: "551d11",
  basicConstraints: "551d13",
  extendedKeyUsage: "551d25",
} as const;

/** The contents octets of one. */
export function oid(name: keyof typeof OID): Uint8Array {
  return decodeHex(OID[name]);
}
