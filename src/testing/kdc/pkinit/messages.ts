import { createModule, type Decoded, MORE_WORDS, type Module } from "../../../asn1/index.ts";

/** The messages of PKINIT (RFC 4556 Appendix A, RFC 8636 Appendix A, RFC 8070 section 4), as the KDC reads them. */
const TYPES = {
  "PA-PK-AS-REQ": {
    signedAuthPack: "[0] IMPLICIT OCTET STRING",
    trustedCertifiers: "[1] ANY OPTIONAL",
    kdcPkId: "[2] IMPLICIT OCTET STRING OPTIONAL",
  },
  AuthPack: {
    pkAuthenticator: "[0] PKAuthenticator",
    clientPublicValue: "[1] SubjectPublicKeyInfo OPTIONAL",
    supportedCMSTypes: "[2] SEQUENCE OF AlgorithmIdentifier OPTIONAL",
    clientDHNonce: "[3] OCTET STRING OPTIONAL",
    supportedKDFs: "[4] SEQUENCE OF KDFAlgorithmId OPTIONAL",
  },
  PKAuthenticator: {
    cusec: "[0] Microseconds",
    ctime: "[1] KerberosTime",
    nonce: "[2] UInt32",
    paChecksum: "[3] OCTET STRING OPTIONAL",
    freshnessToken: "[4] OCTET STRING OPTIONAL",
    paChecksum2: "[5] PAChecksum2 OPTIONAL",
  },
  PAChecksum2: { checksum: "[0] OCTET STRING", algorithmIdentifier: "[1] AlgorithmIdentifier" },
  KDFAlgorithmId: { kdfId: "[0] OBJECT IDENTIFIER" },
  AlgorithmIdentifier: { algorithm: "OBJECT IDENTIFIER", parameters: "ANY OPTIONAL" },
  SubjectPublicKeyInfo: { algorithm: "AlgorithmIdentifier", subjectPublicKey: "BIT STRING" },
  DomainParameters: {
    p: "INTEGER",
    g: "INTEGER",
    q: "INTEGER",
    j: "INTEGER OPTIONAL",
    validationParms: "ValidationParms OPTIONAL",
  },
  ValidationParms: { seed: "BIT STRING", pgenCounter: "INTEGER" },
  DHPublicKey: "INTEGER",
  "TD-DH-PARAMETERS": "SEQUENCE OF AlgorithmIdentifier",
  dhInfo: "[0] DHRepInfo",
  DHRepInfo: { dhSignedData: "[0] IMPLICIT OCTET STRING", kdf: "[2] KDFAlgorithmId OPTIONAL" },
  encKeyPack: "[1] IMPLICIT OCTET STRING",
  KDCDHKeyInfo: { subjectPublicKey: "[0] BIT STRING", nonce: "[1] UInt32" },
  KRB5PrincipalName: { realm: "[0] KerberosString", principalName: "[1] PrincipalName" },
  PrincipalName: { nameType: "[0] Int32", nameString: "[1] SEQUENCE OF KerberosString" },
  OtherInfo: {
    algorithmID: "AlgorithmIdentifier",
    partyUInfo: "[0] OCTET STRING",
    partyVInfo: "[1] OCTET STRING",
    suppPubInfo: "[2] OCTET STRING",
  },
  PkinitSuppPubInfo: { enctype: "[0] Int32", asREQ: "[1] OCTET STRING", pkAsRep: "[2] OCTET STRING" },
} as const;

/** Codecs of them. */
export const pkinitMessages: Module<typeof TYPES> = /* @__PURE__ */ createModule(TYPES, MORE_WORDS);

/** What a client signs. */
export type AuthPack = Decoded<typeof TYPES, "AuthPack">;
