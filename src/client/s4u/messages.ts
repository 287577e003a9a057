import { createModule, type Module } from "../../asn1/index.ts";
import { PADATA } from "../../iana/index.ts";
import { EXCHANGE_TYPES, type PaData } from "../../krb5/index.ts";

/** The messages of MS-SFU section 2.2, and PA-PAC-OPTIONS of MS-KILE section 2.2.10. */
const TYPES = {
  "PA-FOR-USER": {
    userName: "[0] PrincipalName",
    userRealm: "[1] Realm",
    cksum: "[2] Checksum",
    authPackage: "[3] KerberosString",
  },
  "PA-S4U-X509-USER": {
    userId: "[0] WITH OCTETS S4UUserID",
    checksum: "[1] Checksum",
  },
  S4UUserID: {
    nonce: "[0] UInt32 ECHOED",
    cname: "[1] PrincipalName OPTIONAL",
    crealm: "[2] Realm",
    subjectCertificate: "[3] OCTET STRING OPTIONAL",
    options: "[4] KerberosFlags OPTIONAL",
  },
  "PA-PAC-OPTIONS": {
    flags: "[0] KerberosFlags",
  },
} as const;

type AllTypes = typeof EXCHANGE_TYPES & typeof TYPES;

/** Codecs of them. */
export const s4uMessages: Module<AllTypes> = /* @__PURE__ */ createModule({ ...EXCHANGE_TYPES, ...TYPES });

/** Bit 2 of the options of S4UUserID: the reply's checksum has key usage 27 (MS-SFU section 2.2.2). */
export const USE_REPLY_KEY_USAGE = 0x20000000;

/** Bit 3 of PA-PAC-OPTIONS: resource-based constrained delegation (MS-KILE section 2.2.10). */
export const RESOURCE_BASED = 0x10000000;

/** Bit 0: claims are asked for. */
export const CLAIMS = 0x80000000;

/** PA-PAC-OPTIONS with these bits. */
export function pacOptions(flags: number): PaData {
  return { padataType: PADATA.pacOptions, padataValue: s4uMessages.encode("PA-PAC-OPTIONS", { flags }) };
}
