import { createModule, type Decoded, type Encodable, type Module } from "../../asn1/index.ts";
import { EXCHANGE_TYPES } from "./module.ts";

/** The types of RFC 4120 (Appendix A) and later documents beside {@link EXCHANGE_TYPES}. */
export const OTHER_TYPES = {
  // Sections 5.2.6 and 5.2.7: authorization data, pre-authentication
  "AD-IF-RELEVANT": "AuthorizationData",
  "ETYPE-INFO-ENTRY": {
    etype: "[0] Int32",
    salt: "[1] OCTET STRING OPTIONAL",
  },
  "ETYPE-INFO": "SEQUENCE OF ETYPE-INFO-ENTRY",
  // MS-KILE section 2.2.3
  "PA-PAC-REQUEST": {
    includePac: "[0] BOOLEAN",
  },

  // Section 5.3: what is in a ticket
  EncTicketPart: "[APPLICATION 3] EncTicketPartFields",
  EncTicketPartFields: {
    flags: "[0] KerberosFlags",
    key: "[1] EncryptionKey",
    crealm: "[2] Realm",
    cname: "[3] PrincipalName",
    transited: "[4] TransitedEncoding",
    authtime: "[5] KerberosTime",
    starttime: "[6] KerberosTime OPTIONAL",
    endtime: "[7] KerberosTime",
    renewTill: "[8] KerberosTime OPTIONAL",
    caddr: "[9] HostAddresses OPTIONAL",
    authorizationData: "[10] AuthorizationData OPTIONAL",
  },
  TransitedEncoding: {
    trType: "[0] Int32",
    contents: "[1] OCTET STRING",
  },

  // Sections 5.6 to 5.8: KRB-SAFE, KRB-PRIV, KRB-CRED
  "KRB-SAFE": "[APPLICATION 20] KRB-SAFE-Fields",
  "KRB-SAFE-Fields": {
    pvno: "[0] INTEGER (5)",
    msgType: "[1] INTEGER (APPLICATION)",
    safeBody: "[2] WITH OCTETS KRB-SAFE-BODY",
    cksum: "[3] Checksum",
  },
  "KRB-SAFE-BODY": {
    userData: "[0] OCTET STRING",
    timestamp: "[1] KerberosTime OPTIONAL",
    usec: "[2] Microseconds OPTIONAL",
    seqNumber: "[3] UInt32 OR SIGNED OPTIONAL",
    sAddress: "[4] HostAddress",
    rAddress: "[5] HostAddress OPTIONAL",
  },
  "KRB-PRIV": "[APPLICATION 21] KRB-PRIV-Fields",
  "KRB-PRIV-Fields": {
    pvno: "[0] INTEGER (5)",
    msgType: "[1] INTEGER (APPLICATION)",
    // The standard has no [2].
    encPart: "[3] EncryptedData",
  },
  EncKrbPrivPart: "[APPLICATION 28] KRB-SAFE-BODY",
  "KRB-CRED": "[APPLICATION 22] KRB-CRED-Fields",
  "KRB-CRED-Fields": {
    pvno: "[0] INTEGER (5)",
    msgType: "[1] INTEGER (APPLICATION)",
    tickets: "[2] SEQUENCE OF Ticket",
    encPart: "[3] EncryptedData",
  },
  EncKrbCredPart: "[APPLICATION 29] EncKrbCredPartFields",
  EncKrbCredPartFields: {
    ticketInfo: "[0] SEQUENCE OF KrbCredInfo",
    nonce: "[1] UInt32 OR SIGNED OPTIONAL",
    timestamp: "[2] KerberosTime OPTIONAL",
    usec: "[3] Microseconds OPTIONAL",
    sAddress: "[4] HostAddress OPTIONAL",
    rAddress: "[5] HostAddress OPTIONAL",
  },
  KrbCredInfo: {
    key: "[0] EncryptionKey",
    prealm: "[1] Realm OPTIONAL",
    pname: "[2] PrincipalName OPTIONAL",
    flags: "[3] KerberosFlags OPTIONAL",
    authtime: "[4] KerberosTime OPTIONAL",
    starttime: "[5] KerberosTime OPTIONAL",
    endtime: "[6] KerberosTime OPTIONAL",
    renewTill: "[7] KerberosTime OPTIONAL",
    srealm: "[8] Realm OPTIONAL",
    sname: "[9] PrincipalName OPTIONAL",
    caddr: "[10] HostAddresses OPTIONAL",
  },

  // RFC 3244 section 2: set password
  ChangePasswdData: {
    newpasswd: "[0] OCTET STRING",
    targname: "[1] PrincipalName OPTIONAL",
    targrealm: "[2] Realm OPTIONAL",
  },
} as const;

type KerberosTypes = typeof EXCHANGE_TYPES & typeof OTHER_TYPES;

/** What decoding gives. */
export type FromAll<N extends keyof KerberosTypes> = Decoded<KerberosTypes, N>;

/** What encoding takes. */
export type ToAll<N extends keyof KerberosTypes> = Encodable<KerberosTypes, N>;

const module: Module<KerberosTypes> = /* @__PURE__ */ createModule({ ...EXCHANGE_TYPES, ...OTHER_TYPES });

/** Decodes one message of the type `name`. */
export const decodeAny: Module<KerberosTypes>["decode"] = module.decode;

/** Encodes one message of the type `name`. */
export const encodeAny: Module<KerberosTypes>["encode"] = module.encode;
