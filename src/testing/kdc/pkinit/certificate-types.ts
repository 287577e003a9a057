import { createModule, type Decoded, MORE_WORDS, type Module } from "../../../asn1/index.ts";

/**
 * Certificates (RFC 5280 section 4.1), signed data (RFC 5652 section 5) and keys, as far as this KDC makes and reads
 * them.
 */
const TYPES = {
  Certificate: {
    tbsCertificate: "WITH OCTETS TBSCertificate",
    signatureAlgorithm: "AlgorithmIdentifier",
    signature: "BIT STRING",
  },
  TBSCertificate: {
    version: "[0] INTEGER (2)",
    serialNumber: "INTEGER",
    signature: "AlgorithmIdentifier",
    issuer: "ANY",
    validity: "Validity",
    subject: "ANY",
    subjectPublicKeyInfo: "SubjectPublicKeyInfo",
    extensions: "[3] SEQUENCE OF Extension OPTIONAL",
  },
  Validity: { notBefore: "ANY", notAfter: "ANY" },
  Extension: { extnID: "OBJECT IDENTIFIER", critical: "BOOLEAN DEFAULT FALSE", extnValue: "OCTET STRING" },
  AlgorithmIdentifier: { algorithm: "OBJECT IDENTIFIER", parameters: "ANY OPTIONAL" },
  SubjectPublicKeyInfo: { algorithm: "AlgorithmIdentifier", subjectPublicKey: "BIT STRING" },
  Name: "SEQUENCE OF RelativeDistinguishedName",
  RelativeDistinguishedName: "SET OF AttributeTypeAndValue",
  AttributeTypeAndValue: { type: "OBJECT IDENTIFIER", value: "UTF8String" },
  BasicConstraints: { cA: "BOOLEAN DEFAULT FALSE" },
  BitString: "BIT STRING",
  ExtKeyUsage: "SEQUENCE OF OBJECT IDENTIFIER",
  GeneralNames: "SEQUENCE OF ANY",
  OtherNameInGeneralName: "[0] IMPLICIT OtherName",
  OtherName: { typeId: "OBJECT IDENTIFIER", value: "[0] ANY" },

  ContentInfo: { contentType: "OBJECT IDENTIFIER", content: "[0] SignedData" },
  SignedData: {
    version: "INTEGER",
    digestAlgorithms: "SET OF AlgorithmIdentifier",
    encapContentInfo: "EncapsulatedContentInfo",
    certificates: "[0] IMPLICIT SET OF ANY OPTIONAL",
    crls: "[1] IMPLICIT SET OF ANY OPTIONAL",
    signerInfos: "SET OF SignerInfo",
  },
  EncapsulatedContentInfo: { eContentType: "OBJECT IDENTIFIER", eContent: "[0] OCTET STRING" },
  SignerInfo: {
    version: "INTEGER",
    sid: "ANY",
    digestAlgorithm: "AlgorithmIdentifier",
    signedAttrs: "[0] IMPLICIT SET OF Attribute OPTIONAL",
    signatureAlgorithm: "AlgorithmIdentifier",
    signature: "OCTET STRING",
    unsignedAttrs: "[1] IMPLICIT SET OF Attribute OPTIONAL",
  },
  IssuerAndSerialNumber: { issuer: "ANY", serialNumber: "INTEGER" },
  Attribute: { attrType: "OBJECT IDENTIFIER", attrValues: "SET OF ANY" },
  Attributes: "SET OF Attribute",
  ObjectIdentifier: "OBJECT IDENTIFIER",
  Octets: "OCTET STRING",

  "Ecdsa-Sig-Value": { r: "INTEGER", s: "INTEGER" },
  RSAPublicKey: { modulus: "INTEGER", publicExponent: "INTEGER" },
  DigestInfo: { digestAlgorithm: "AlgorithmIdentifier", digest: "OCTET STRING" },
} as const;

/** Codecs of them. */
export const certificateTypes: Module<typeof TYPES> = /* @__PURE__ */ createModule(TYPES, MORE_WORDS);

/** A certificate as it decodes. */
export type ClientCertificate = Decoded<typeof TYPES, "Certificate">;
