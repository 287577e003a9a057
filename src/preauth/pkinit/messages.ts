import { createModule, type Decoded, type Encodable, type Module, PKINIT_WORDS } from "../../asn1/index.ts";

/** The messages of PKINIT (RFC 4556 appendix A, RFC 8636 sections 5 and 6, RFC 8070 section 4, RFC 3279). */
export const PKINIT_TYPES = {
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
  CurveName: "OBJECT IDENTIFIER",
  "TD-DH-PARAMETERS": "SEQUENCE OF AlgorithmIdentifier",
  "PA-PK-AS-REP": { CHOICE: { dhInfo: "[0] DHRepInfo", encKeyPack: "[1] IMPLICIT OCTET STRING" } },
  DHRepInfo: {
    dhSignedData: "[0] IMPLICIT OCTET STRING",
    serverDHNonce: "[1] OCTET STRING OPTIONAL",
    kdf: "[2] KDFAlgorithmId OPTIONAL",
  },
  KDCDHKeyInfo: {
    subjectPublicKey: "[0] BIT STRING",
    nonce: "[1] UInt32",
    dhKeyExpiration: "[2] KerberosTime OPTIONAL",
  },
  KRB5PrincipalName: { realm: "[0] KerberosString", principalName: "[1] PrincipalName" },
  PrincipalName: { nameType: "[0] Int32", nameString: "[1] SEQUENCE OF KerberosString" },
  OtherInfo: {
    algorithmID: "AlgorithmIdentifier",
    partyUInfo: "[0] OCTET STRING",
    partyVInfo: "[1] OCTET STRING",
    suppPubInfo: "[2] OCTET STRING OPTIONAL",
    suppPrivInfo: "[3] OCTET STRING OPTIONAL",
  },
  PkinitSuppPubInfo: { enctype: "[0] Int32", asREQ: "[1] OCTET STRING", pkAsRep: "[2] OCTET STRING" },
} as const;

type Types = typeof PKINIT_TYPES;

const module: Module<Types> = /* @__PURE__ */ createModule(PKINIT_TYPES, PKINIT_WORDS);

/** The key of an agreement, with its group. */
export type SubjectPublicKeyInfo = Encodable<Types, "SubjectPublicKeyInfo">;
/** A group or another algorithm, with its parameters. */
export type AlgorithmIdentifier = Decoded<Types, "AlgorithmIdentifier">;

/** Encodes a message of PKINIT. Throws TypeError or RangeError; the caller is at fault. */
export function encodePkinit<N extends keyof Types & string>(name: N, value: Encodable<Types, N>): Uint8Array {
  return module.encode(name, value);
}

/** Decodes a message of PKINIT. Throws DecodeError. */
export function decodePkinit<N extends keyof Types & string>(name: N, octets: Uint8Array): Decoded<Types, N> {
  return module.decode(name, octets);
}
