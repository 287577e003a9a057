import { createModule, type Decoded, type Encodable, MORE_WORDS, type Module } from "../../src/asn1/index.ts";

/**
 * The ASN.1 modules of documents that add to RFC 4120, in the notation of `src/asn1`: the notation can say all of them.
 * Names of fields are the documents' in camelCase. A type moves to `src` with the code that needs it.
 */
export const LATER_TYPES = {
  // RFC 4120 section 5.2
  Realm: "KerberosString",
  PrincipalName: { nameType: "[0] Int32", nameString: "[1] SEQUENCE OF KerberosString" },
  AuthorizationDataElement: { adType: "[0] Int32", adData: "[1] OCTET STRING" },
  AuthorizationData: "SEQUENCE OF AuthorizationDataElement",
  "PA-DATA": { padataType: "[1] Int32", padataValue: "[2] OCTET STRING" },
  EncryptedData: { etype: "[0] Int32", kvno: "[1] UInt32 OPTIONAL", cipher: "[2] OCTET STRING" },
  EncryptionKey: { keytype: "[0] Int32", keyvalue: "[1] OCTET STRING" },
  Checksum: { cksumtype: "[0] Int32", checksum: "[1] OCTET STRING" },
  LastReqElement: { lrType: "[0] Int32", lrValue: "[1] KerberosTime" },
  "AD-KDCIssued": {
    adChecksum: "[0] Checksum",
    iRealm: "[1] Realm OPTIONAL",
    iSname: "[2] PrincipalName OPTIONAL",
    elements: "[3] AuthorizationData",
  },
  "AD-AND-OR": { conditionCount: "[0] Int32", elements: "[1] AuthorizationData" },

  // RFC 6113: the pre-authentication framework, FAST
  "PA-AUTHENTICATION-SET-ELEM": {
    paType: "[0] Int32",
    paHint: "[1] OCTET STRING OPTIONAL",
    paValue: "[2] OCTET STRING OPTIONAL",
  },
  "PA-AUTHENTICATION-SET": "SEQUENCE OF PA-AUTHENTICATION-SET-ELEM",
  KrbFastArmor: { armorType: "[0] Int32", armorValue: "[1] OCTET STRING" },
  "PA-FX-FAST-REQUEST": { CHOICE: { armoredData: "[0] KrbFastArmoredReq" } },
  KrbFastArmoredReq: {
    armor: "[0] KrbFastArmor OPTIONAL",
    reqChecksum: "[1] Checksum",
    encFastReq: "[2] EncryptedData",
  },
  KrbFastReq: { fastOptions: "[0] KerberosFlags", padata: "[1] SEQUENCE OF PA-DATA", reqBody: "[2] ANY" },
  "PA-FX-FAST-REPLY": { CHOICE: { armoredData: "[0] KrbFastArmoredRep" } },
  KrbFastArmoredRep: { encFastRep: "[0] EncryptedData" },
  KrbFastResponse: {
    padata: "[0] SEQUENCE OF PA-DATA",
    strengthenKey: "[1] EncryptionKey OPTIONAL",
    finished: "[2] KrbFastFinished OPTIONAL",
    nonce: "[3] UInt32",
  },
  KrbFastFinished: {
    timestamp: "[0] KerberosTime",
    usec: "[1] Microseconds",
    crealm: "[2] Realm",
    cname: "[3] PrincipalName",
    ticketChecksum: "[4] Checksum",
  },

  // RFC 9588: SPAKE
  "PA-SPAKE": {
    CHOICE: {
      support: "[0] SPAKESupport",
      challenge: "[1] SPAKEChallenge",
      response: "[2] SPAKEResponse",
      encdata: "[3] EncryptedData",
    },
  },
  SPAKESupport: { groups: "[0] SEQUENCE OF Int32" },
  SPAKEChallenge: {
    group: "[0] Int32",
    pubkey: "[1] OCTET STRING",
    factors: "[2] SEQUENCE OF SPAKESecondFactor",
  },
  SPAKESecondFactor: { type: "[0] Int32", data: "[1] OCTET STRING OPTIONAL" },
  SPAKEResponse: { pubkey: "[0] OCTET STRING", factor: "[1] EncryptedData" },
  "PA-SPAKE-HINT": { groups: "[0] SEQUENCE OF Int32", factors: "[1] SEQUENCE OF SPAKESecondFactor" },

  // RFC 6560: one-time passwords; its module has IMPLICIT TAGS
  "PA-OTP-CHALLENGE": {
    nonce: "[0] IMPLICIT OCTET STRING",
    otpService: "[1] IMPLICIT UTF8String OPTIONAL",
    otpTokenInfo: "[2] IMPLICIT SEQUENCE OF OTP-TOKENINFO",
    salt: "[3] IMPLICIT KerberosString OPTIONAL",
    s2kparams: "[4] IMPLICIT OCTET STRING OPTIONAL",
  },
  "OTP-TOKENINFO": {
    flags: "[0] IMPLICIT KerberosFlags",
    otpVendor: "[1] IMPLICIT UTF8String OPTIONAL",
    otpChallenge: "[2] IMPLICIT OCTET STRING OPTIONAL",
    otpLength: "[3] IMPLICIT Int32 OPTIONAL",
    otpFormat: "[4] IMPLICIT Int32 OPTIONAL",
    otpTokenID: "[5] IMPLICIT OCTET STRING OPTIONAL",
    otpAlgID: "[6] IMPLICIT UTF8String OPTIONAL",
    supportedHashAlg: "[7] IMPLICIT SEQUENCE OF AlgorithmIdentifier OPTIONAL",
    iterationCount: "[8] IMPLICIT Int32 OPTIONAL",
  },
  "PA-OTP-REQUEST": {
    flags: "[0] IMPLICIT KerberosFlags",
    nonce: "[1] IMPLICIT OCTET STRING OPTIONAL",
    encData: "[2] IMPLICIT EncryptedData",
    hashAlg: "[3] IMPLICIT AlgorithmIdentifier OPTIONAL",
    iterationCount: "[4] IMPLICIT Int32 OPTIONAL",
    otpValue: "[5] IMPLICIT OCTET STRING OPTIONAL",
    otpPin: "[6] IMPLICIT UTF8String OPTIONAL",
    otpChallenge: "[7] IMPLICIT OCTET STRING OPTIONAL",
    otpTime: "[8] IMPLICIT KerberosTime OPTIONAL",
    otpCounter: "[9] IMPLICIT OCTET STRING OPTIONAL",
    otpFormat: "[10] IMPLICIT Int32 OPTIONAL",
    otpTokenID: "[11] IMPLICIT OCTET STRING OPTIONAL",
    otpAlgID: "[12] IMPLICIT UTF8String OPTIONAL",
    otpVendor: "[13] IMPLICIT UTF8String OPTIONAL",
  },
  "PA-OTP-ENC-REQUEST": { nonce: "[0] IMPLICIT OCTET STRING" },
  "PA-OTP-PIN-CHANGE": {
    flags: "[0] IMPLICIT KerberosFlags",
    pin: "[1] IMPLICIT UTF8String OPTIONAL",
    minLength: "[2] IMPLICIT INTEGER OPTIONAL",
    maxLength: "[3] IMPLICIT INTEGER OPTIONAL",
    lastReq: "[4] IMPLICIT SEQUENCE OF LastReqElement OPTIONAL",
    format: "[5] IMPLICIT Int32 OPTIONAL",
  },

  // RFC 4556, RFC 8636, RFC 8070 and MS-PKCA section 2.2.3: PKINIT
  "PA-PK-AS-REQ": {
    signedAuthPack: "[0] IMPLICIT OCTET STRING",
    trustedCertifiers: "[1] SEQUENCE OF ExternalPrincipalIdentifier OPTIONAL",
    kdcPkId: "[2] IMPLICIT OCTET STRING OPTIONAL",
  },
  ExternalPrincipalIdentifier: {
    subjectName: "[0] IMPLICIT OCTET STRING OPTIONAL",
    issuerAndSerialNumber: "[1] IMPLICIT OCTET STRING OPTIONAL",
    subjectKeyIdentifier: "[2] IMPLICIT OCTET STRING OPTIONAL",
  },
  AuthPack: {
    pkAuthenticator: "[0] PKAuthenticator",
    // A SubjectPublicKeyInfo; MIT's figure has none such.
    clientPublicValue: "[1] ANY OPTIONAL",
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
  "TD-TRUSTED-CERTIFIERS": "SEQUENCE OF ExternalPrincipalIdentifier",
  "TD-DH-PARAMETERS": "SEQUENCE OF AlgorithmIdentifier",
  "TD-CERT-DIGEST-ALGORITHMS-DATA": {
    allowedAlgorithms: "[0] SEQUENCE OF AlgorithmIdentifier",
    rejectedAlgorithm: "[1] AlgorithmIdentifier OPTIONAL",
  },
  KRB5PrincipalName: { realm: "[0] Realm", principalName: "[1] PrincipalName" },
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
  ReplyKeyPack: { replyKey: "[0] EncryptionKey", asChecksum: "[1] Checksum" },
  OtherInfo: {
    algorithmID: "AlgorithmIdentifier",
    partyUInfo: "[0] OCTET STRING",
    partyVInfo: "[1] OCTET STRING",
    suppPubInfo: "[2] OCTET STRING OPTIONAL",
    suppPrivInfo: "[3] OCTET STRING OPTIONAL",
  },
  PkinitSuppPubInfo: { enctype: "[0] Int32", asREQ: "[1] OCTET STRING", pkAsRep: "[2] OCTET STRING" },

  // RFC 7751 and RFC 8129: authorization data
  "AD-CAMMAC": {
    elements: "[0] AuthorizationData",
    kdcVerifier: "[1] Verifier-MAC OPTIONAL",
    svcVerifier: "[2] Verifier-MAC OPTIONAL",
    otherVerifiers: "[3] SEQUENCE OF Verifier OPTIONAL",
  },
  Verifier: { CHOICE: { mac: "Verifier-MAC", other: "ANY" } },
  "Verifier-MAC": {
    identifier: "[0] PrincipalName OPTIONAL",
    kvno: "[1] UInt32 OPTIONAL",
    enctype: "[2] Int32 OPTIONAL",
    mac: "[3] Checksum",
  },
  "AD-AUTHENTICATION-INDICATOR": "SEQUENCE OF UTF8String",

  // MS-SFU sections 2.2.1 and 2.2.2
  "PA-FOR-USER": {
    userName: "[0] PrincipalName",
    userRealm: "[1] Realm",
    cksum: "[2] Checksum",
    authPackage: "[3] KerberosString",
  },
  "PA-S4U-X509-USER": { userId: "[0] S4UUserID", checksum: "[1] Checksum" },
  S4UUserID: {
    nonce: "[0] UInt32",
    cname: "[1] PrincipalName OPTIONAL",
    crealm: "[2] Realm",
    subjectCertificate: "[3] OCTET STRING OPTIONAL",
    options: "[4] KerberosFlags OPTIONAL",
  },

  // draft-ietf-kitten-iakerb; MIT's cookie of PA-FX-COOKIE, which has untagged fields
  "IAKERB-HEADER": { targetRealm: "[1] UTF8String", cookie: "[2] OCTET STRING OPTIONAL" },
  "KRB-FINISHED": { gssMic: "[1] Checksum" },
  SecureCookie: { time: "Int32", data: "SEQUENCE OF PA-DATA" },

  // RFC 4178 and MS-SPNG section 2.2.1: SPNEGO
  InitialContextToken: "[APPLICATION 0] IMPLICIT InitialContextTokenFields",
  InitialContextTokenFields: { thisMech: "OBJECT IDENTIFIER", innerContextToken: "NegotiationToken" },
  NegotiationToken: { CHOICE: { negTokenInit: "[0] NegTokenInit", negTokenResp: "[1] NegTokenResp" } },
  NegTokenInit: {
    mechTypes: "[0] SEQUENCE OF OBJECT IDENTIFIER",
    reqFlags: "[1] BIT STRING OPTIONAL",
    mechToken: "[2] OCTET STRING OPTIONAL",
    mechListMIC: "[3] OCTET STRING OPTIONAL",
  },
  NegTokenResp: {
    negState: "[0] ENUMERATED OPTIONAL",
    supportedMech: "[1] OBJECT IDENTIFIER OPTIONAL",
    responseToken: "[2] OCTET STRING OPTIONAL",
    mechListMIC: "[3] OCTET STRING OPTIONAL",
  },

  // RFC 5652: what PKINIT uses of CMS; its module has IMPLICIT TAGS
  ContentInfo: { contentType: "OBJECT IDENTIFIER", content: "[0] ANY" },
  SignedContentInfo: { contentType: "OBJECT IDENTIFIER", content: "[0] SignedData" },
  SignedData: {
    version: "Int32",
    digestAlgorithms: "SET OF AlgorithmIdentifier",
    encapContentInfo: "EncapsulatedContentInfo",
    certificates: "[0] IMPLICIT SET OF CertificateChoices OPTIONAL",
    crls: "[1] IMPLICIT SET OF ANY OPTIONAL",
    signerInfos: "SET OF SignerInfo",
  },
  EncapsulatedContentInfo: { eContentType: "OBJECT IDENTIFIER", eContent: "[0] OCTET STRING OPTIONAL" },
  SignerInfo: {
    version: "Int32",
    sid: "SignerIdentifier",
    digestAlgorithm: "AlgorithmIdentifier",
    signedAttrs: "[0] IMPLICIT SET OF Attribute OPTIONAL",
    signatureAlgorithm: "AlgorithmIdentifier",
    signature: "OCTET STRING",
    unsignedAttrs: "[1] IMPLICIT SET OF Attribute OPTIONAL",
  },
  SignerIdentifier: {
    CHOICE: {
      issuerAndSerialNumber: "IssuerAndSerialNumber",
      subjectKeyIdentifier: "[0] IMPLICIT OCTET STRING",
    },
  },
  IssuerAndSerialNumber: { issuer: "Name", serialNumber: "INTEGER" },
  Attribute: { attrType: "OBJECT IDENTIFIER", attrValues: "SET OF ANY" },
  CertificateChoices: { CHOICE: { certificate: "Certificate", other: "ANY" } },

  // RFC 5280 section 4.1, RFC 3279 section 2.3.3
  AlgorithmIdentifier: { algorithm: "OBJECT IDENTIFIER", parameters: "ANY OPTIONAL" },
  SubjectPublicKeyInfo: { algorithm: "AlgorithmIdentifier", subjectPublicKey: "BIT STRING" },
  Certificate: {
    tbsCertificate: "WITH OCTETS TBSCertificate",
    signatureAlgorithm: "AlgorithmIdentifier",
    signatureValue: "BIT STRING",
  },
  TBSCertificate: {
    version: "[0] Int32 DEFAULT 0",
    serialNumber: "INTEGER",
    signature: "AlgorithmIdentifier",
    issuer: "Name",
    validity: "Validity",
    subject: "Name",
    subjectPublicKeyInfo: "SubjectPublicKeyInfo",
    issuerUniqueID: "[1] IMPLICIT BIT STRING OPTIONAL",
    subjectUniqueID: "[2] IMPLICIT BIT STRING OPTIONAL",
    extensions: "[3] SEQUENCE OF Extension OPTIONAL",
  },
  Validity: { notBefore: "Time", notAfter: "Time" },
  Time: { CHOICE: { generalTime: "KerberosTime", utcTime: "ANY" } },
  Extension: { extnID: "OBJECT IDENTIFIER", critical: "BOOLEAN DEFAULT FALSE", extnValue: "OCTET STRING" },
  Name: "SEQUENCE OF RelativeDistinguishedName",
  RelativeDistinguishedName: "SET OF AttributeTypeAndValue",
  AttributeTypeAndValue: { type: "OBJECT IDENTIFIER", value: "ANY" },
  "DH-PublicKeyInfo": { algorithm: "DH-AlgorithmIdentifier", subjectPublicKey: "BIT STRING" },
  "DH-AlgorithmIdentifier": { algorithm: "OBJECT IDENTIFIER", parameters: "DomainParameters" },
  DomainParameters: {
    p: "INTEGER",
    g: "INTEGER",
    q: "INTEGER",
    j: "INTEGER OPTIONAL",
    validationParms: "ValidationParms OPTIONAL",
  },
  ValidationParms: { seed: "BIT STRING", pgenCounter: "INTEGER" },
  DHPublicKey: "INTEGER",
} as const;

/** Codecs of {@link LATER_TYPES}. */
export const later: Module<typeof LATER_TYPES> = createModule(LATER_TYPES, MORE_WORDS);

/** A value that decoding a type of {@link LATER_TYPES} gives. */
export type FromLater<N extends keyof typeof LATER_TYPES> = Decoded<typeof LATER_TYPES, N>;

/** A value that a type of {@link LATER_TYPES} is encoded from. */
export type ToLater<N extends keyof typeof LATER_TYPES> = Encodable<typeof LATER_TYPES, N>;
