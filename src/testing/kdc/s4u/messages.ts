import { createModule, type Module } from "../../../asn1/index.ts";
import { EXCHANGE_TYPES } from "../../../krb5/index.ts";

/** The messages of MS-SFU section 2.2, and PA-PAC-OPTIONS of MS-KILE section 2.2.10. */
const TYPES = {
  "PA-FOR-USER": {
    userName: "[0] PrincipalName",
    userRealm: "[1] Realm",
    cksum: "[2] Checksum",
    authPackage: "[3] KerberosString",
  },
  "PA-S4U-X509-USER": { userId: "[0] WITH OCTETS S4UUserID", checksum: "[1] Checksum" },
  S4UUserID: {
    nonce: "[0] UInt32 ECHOED",
    cname: "[1] PrincipalName OPTIONAL",
    crealm: "[2] Realm",
    subjectCertificate: "[3] OCTET STRING OPTIONAL",
    options: "[4] KerberosFlags OPTIONAL",
  },
  "PA-PAC-OPTIONS": { flags: "[0] KerberosFlags" },
} as const;

/** Codecs of them. */
export const s4uMessages: Module<typeof EXCHANGE_TYPES & typeof TYPES> = /* @__PURE__ */ createModule({
  ...EXCHANGE_TYPES,
  ...TYPES,
});
