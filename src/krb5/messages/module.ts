import { createModule, type Decoded, type Encodable, type Module } from "../../asn1/index.ts";

/**
 * The types of RFC 4120 (Appendix A) that a client's exchanges need, with what later documents add. Names of types are
 * the RFC's; names of fields are the RFC's in camelCase. All others are in all-types.ts: a bundle of a client does not
 * have them.
 */
export const EXCHANGE_TYPES = {
  // Section 5.2: basic types
  Realm: "KerberosString",
  PrincipalName: {
    nameType: "[0] Int32",
    nameString: "[1] SEQUENCE OF KerberosString",
  },
  HostAddress: {
    addrType: "[0] Int32",
    address: "[1] OCTET STRING",
  },
  HostAddresses: "SEQUENCE OF HostAddress",
  AuthorizationDataElement: {
    adType: "[0] Int32",
    adData: "[1] OCTET STRING",
  },
  AuthorizationData: "SEQUENCE OF AuthorizationDataElement",
  "PA-DATA": {
    padataType: "[1] Int32",
    padataValue: "[2] OCTET STRING",
  },
  "METHOD-DATA": "SEQUENCE OF PA-DATA",
  "TYPED-DATA-Element": {
    dataType: "[0] Int32",
    dataValue: "[1] OCTET STRING OPTIONAL",
  },
  "TYPED-DATA": "SEQUENCE OF TYPED-DATA-Element",
  EncryptedData: {
    etype: "[0] Int32",
    kvno: "[1] UInt32 OR SIGNED OPTIONAL",
    cipher: "[2] OCTET STRING",
  },
  EncryptionKey: {
    keytype: "[0] Int32",
    keyvalue: "[1] OCTET STRING",
  },
  Checksum: {
    cksumtype: "[0] Int32",
    checksum: "[1] OCTET STRING",
  },

  // Section 5.2.7: pre-authentication
  "PA-ENC-TS-ENC": {
    patimestamp: "[0] KerberosTime",
    pausec: "[1] Microseconds OPTIONAL",
  },
  "ETYPE-INFO2-ENTRY": {
    etype: "[0] Int32",
    salt: "[1] KerberosString OPTIONAL",
    s2kparams: "[2] OCTET STRING OPTIONAL",
  },
  "ETYPE-INFO2": "SEQUENCE OF ETYPE-INFO2-ENTRY",

  // Section 5.3: tickets
  Ticket: "WITH OCTETS [APPLICATION 1] TicketFields",
  TicketFields: {
    tktVno: "[0] INTEGER (5)",
    realm: "[1] Realm",
    sname: "[2] PrincipalName",
    encPart: "[3] EncryptedData",
  },

  // Section 5.4: the AS and TGS exchanges
  "AS-REQ": "[APPLICATION 10] KDC-REQ",
  "TGS-REQ": "[APPLICATION 12] KDC-REQ",
  "KDC-REQ": {
    pvno: "[1] INTEGER (5)",
    msgType: "[2] INTEGER (APPLICATION)",
    padata: "[3] SEQUENCE OF PA-DATA OPTIONAL",
    reqBody: "[4] WITH OCTETS KDC-REQ-BODY",
  },
  "KDC-REQ-BODY": {
    kdcOptions: "[0] KerberosFlags",
    cname: "[1] PrincipalName OPTIONAL",
    realm: "[2] Realm",
    sname: "[3] PrincipalName OPTIONAL",
    from: "[4] KerberosTime OPTIONAL",
    till: "[5] KerberosTime",
    rtime: "[6] KerberosTime OPTIONAL",
    nonce: "[7] Int32 OR UInt32",
    etype: "[8] SEQUENCE OF Int32",
    addresses: "[9] HostAddresses OPTIONAL",
    encAuthorizationData: "[10] EncryptedData OPTIONAL",
    additionalTickets: "[11] SEQUENCE OF Ticket OPTIONAL",
  },
  "AS-REP": "[APPLICATION 11] KDC-REP",
  "TGS-REP": "[APPLICATION 13] KDC-REP",
  "KDC-REP": {
    pvno: "[0] INTEGER (5)",
    msgType: "[1] INTEGER (APPLICATION)",
    padata: "[2] SEQUENCE OF PA-DATA OPTIONAL",
    crealm: "[3] Realm",
    cname: "[4] PrincipalName",
    ticket: "[5] Ticket",
    encPart: "[6] EncryptedData",
  },
  EncASRepPart: "[APPLICATION 25] EncKDCRepPart",
  EncTGSRepPart: "[APPLICATION 26] EncKDCRepPart",
  EncKDCRepPart: {
    key: "[0] EncryptionKey",
    lastReq: "[1] LastReq",
    nonce: "[2] UInt32 ECHOED",
    keyExpiration: "[3] KerberosTime OPTIONAL",
    flags: "[4] KerberosFlags",
    authtime: "[5] KerberosTime",
    starttime: "[6] KerberosTime OPTIONAL",
    endtime: "[7] KerberosTime",
    renewTill: "[8] KerberosTime OPTIONAL",
    srealm: "[9] Realm",
    sname: "[10] PrincipalName",
    caddr: "[11] HostAddresses OPTIONAL",
    // RFC 6806 section 11
    encryptedPaData: "[12] SEQUENCE OF PA-DATA OPTIONAL",
  },
  LastReqElement: {
    lrType: "[0] Int32",
    lrValue: "[1] KerberosTime",
  },
  LastReq: "SEQUENCE OF LastReqElement",

  // Section 5.5: the AP exchange
  "AP-REQ": "[APPLICATION 14] AP-REQ-Fields",
  "AP-REQ-Fields": {
    pvno: "[0] INTEGER (5)",
    msgType: "[1] INTEGER (APPLICATION)",
    apOptions: "[2] KerberosFlags",
    ticket: "[3] Ticket",
    authenticator: "[4] EncryptedData",
  },
  Authenticator: "[APPLICATION 2] AuthenticatorFields",
  AuthenticatorFields: {
    authenticatorVno: "[0] INTEGER (5)",
    crealm: "[1] Realm",
    cname: "[2] PrincipalName",
    cksum: "[3] Checksum OPTIONAL",
    cusec: "[4] Microseconds",
    ctime: "[5] KerberosTime",
    subkey: "[6] EncryptionKey OPTIONAL",
    seqNumber: "[7] UInt32 OR SIGNED OPTIONAL",
    authorizationData: "[8] AuthorizationData OPTIONAL",
  },
  "AP-REP": "[APPLICATION 15] AP-REP-Fields",
  "AP-REP-Fields": {
    pvno: "[0] INTEGER (5)",
    msgType: "[1] INTEGER (APPLICATION)",
    encPart: "[2] EncryptedData",
  },
  EncAPRepPart: "[APPLICATION 27] EncAPRepPartFields",
  EncAPRepPartFields: {
    ctime: "[0] KerberosTime",
    cusec: "[1] Microseconds",
    subkey: "[2] EncryptionKey OPTIONAL",
    seqNumber: "[3] UInt32 OR SIGNED OPTIONAL",
  },

  // Section 5.9: errors
  "KRB-ERROR": "[APPLICATION 30] KRB-ERROR-Fields",
  "KRB-ERROR-Fields": {
    pvno: "[0] INTEGER (5)",
    msgType: "[1] INTEGER (APPLICATION)",
    ctime: "[2] KerberosTime OPTIONAL",
    cusec: "[3] Microseconds OPTIONAL",
    stime: "[4] KerberosTime",
    susec: "[5] Microseconds",
    errorCode: "[6] Int32",
    crealm: "[7] Realm OPTIONAL",
    cname: "[8] PrincipalName OPTIONAL",
    realm: "[9] Realm",
    sname: "[10] PrincipalName",
    eText: "[11] KerberosString OPTIONAL",
    eData: "[12] OCTET STRING OPTIONAL",
  },
} as const;

type ExchangeTypes = typeof EXCHANGE_TYPES;

/** What decoding gives. */
export type From<N extends keyof ExchangeTypes> = Decoded<ExchangeTypes, N>;

/** What encoding takes. */
export type To<N extends keyof ExchangeTypes> = Encodable<ExchangeTypes, N>;

const module: Module<ExchangeTypes> = /* @__PURE__ */ createModule(EXCHANGE_TYPES);

/** Decodes one message of the type `name`. */
export const decode: Module<ExchangeTypes>["decode"] = module.decode;

/** Encodes one message of the type `name`. */
export const encode: Module<ExchangeTypes>["encode"] = module.encode;
