import { createModule, type Module } from "../../../asn1/index.ts";
import { EXCHANGE_TYPES } from "../../../krb5/index.ts";

/**
 * The messages of FAST (RFC 6113 section 5.4). Each CHOICE has one alternative, and is its tag here. The tags are
 * explicit, as in RFC 4120.
 */
const FAST_TYPES = {
  "PA-FX-FAST-REQUEST": "[0] KrbFastArmoredReq",
  KrbFastArmoredReq: {
    armor: "[0] KrbFastArmor OPTIONAL",
    reqChecksum: "[1] Checksum",
    encFastReq: "[2] EncryptedData",
  },
  KrbFastArmor: { armorType: "[0] Int32", armorValue: "[1] OCTET STRING" },
  KrbFastReq: {
    fastOptions: "[0] KerberosFlags",
    padata: "[1] SEQUENCE OF PA-DATA",
    reqBody: "[2] WITH OCTETS KDC-REQ-BODY",
  },
  "PA-FX-FAST-REPLY": "[0] KrbFastArmoredRep",
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
} as const;

type FastTypes = typeof EXCHANGE_TYPES & typeof FAST_TYPES;

/** Codecs of them. */
export const fastMessages: Module<FastTypes> = /* @__PURE__ */ createModule({ ...EXCHANGE_TYPES, ...FAST_TYPES });
