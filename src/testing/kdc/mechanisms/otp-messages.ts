import { createModule, MORE_WORDS, type Module } from "../../../asn1/index.ts";

/** The messages of OTP (RFC 6560 Appendix A), a module of IMPLICIT TAGS; EncryptedData is RFC 4120's. */
const TYPES = {
  EncryptedData: { etype: "[0] Int32", kvno: "[1] UInt32 OPTIONAL", cipher: "[2] OCTET STRING" },
  "PA-OTP-CHALLENGE": {
    nonce: "[0] IMPLICIT OCTET STRING",
    otpService: "[1] IMPLICIT UTF8String OPTIONAL",
    otpTokenInfo: "[2] IMPLICIT SEQUENCE OF OTP-TOKENINFO",
  },
  "OTP-TOKENINFO": {
    flags: "[0] IMPLICIT KerberosFlags",
    otpVendor: "[1] IMPLICIT UTF8String OPTIONAL",
    otpTokenID: "[5] IMPLICIT OCTET STRING OPTIONAL",
  },
  "PA-OTP-REQUEST": {
    flags: "[0] IMPLICIT KerberosFlags",
    nonce: "[1] IMPLICIT OCTET STRING OPTIONAL",
    encData: "[2] IMPLICIT EncryptedData",
    // This KDC does not hash: a request with hashAlg or iterationCount is one with no value.
    hashAlg: "[3] IMPLICIT ANY-SEQUENCE OPTIONAL",
    iterationCount: "[4] IMPLICIT Int32 OPTIONAL",
    otpValue: "[5] IMPLICIT OCTET STRING OPTIONAL",
    otpPin: "[6] IMPLICIT UTF8String OPTIONAL",
    otpChallenge: "[7] IMPLICIT OCTET STRING OPTIONAL",
    otpTime: "[8] IMPLICIT KerberosTime OPTIONAL",
    otpCounter: "[9] IMPLICIT OCTET STRING OPTIONAL",
    otpFormat: "[10] IMPLICIT Int32 OPTIONAL",
    otpTokenID: "[11] IMPLICIT OCTET STRING OPTIONAL",
  },
  "ANY-SEQUENCE": { algorithm: "OBJECT IDENTIFIER" },
  "PA-OTP-PIN-CHANGE": {
    flags: "[0] IMPLICIT KerberosFlags",
    pin: "[1] IMPLICIT UTF8String OPTIONAL",
    minLength: "[2] IMPLICIT Int32 OPTIONAL",
    maxLength: "[3] IMPLICIT Int32 OPTIONAL",
    format: "[5] IMPLICIT Int32 OPTIONAL",
  },
  "PA-OTP-ENC-REQUEST": { nonce: "[0] IMPLICIT OCTET STRING" },
} as const;

/** Codecs of them. */
export const otpMessages: Module<typeof TYPES> = /* @__PURE__ */ createModule(TYPES, MORE_WORDS);
