import { createModule, type Decoded, IMPLICIT_WORDS, type Module } from "../../asn1/index.ts";

/**
 * The messages of one-time passwords with every field (RFC 6560 Appendix A), a module of IMPLICIT TAGS; EncryptedData
 * is RFC 4120's. Their `flags` are not those of tickets, and have other names: the inspector reads them by name.
 */
export const OTP_TYPES = {
  "PA-OTP-CHALLENGE": {
    nonce: "[0] IMPLICIT OCTET STRING",
    otpService: "[1] IMPLICIT UTF8String OPTIONAL",
    otpTokenInfo: "[2] IMPLICIT SEQUENCE OF OTP-TOKENINFO",
    salt: "[3] IMPLICIT UTF8String OPTIONAL",
    s2kparams: "[4] IMPLICIT OCTET STRING OPTIONAL",
  },
  "OTP-TOKENINFO": {
    otpFlags: "[0] IMPLICIT KerberosFlags",
    otpVendor: "[1] IMPLICIT UTF8String OPTIONAL",
    otpChallenge: "[2] IMPLICIT OCTET STRING OPTIONAL",
    otpLength: "[3] IMPLICIT Int32 OPTIONAL",
    otpFormat: "[4] IMPLICIT Int32 OPTIONAL",
    otpTokenID: "[5] IMPLICIT OCTET STRING OPTIONAL",
    otpAlgID: "[6] IMPLICIT UTF8String OPTIONAL",
    supportedHashAlg: "[7] IMPLICIT SEQUENCE OF AlgorithmIdentifier OPTIONAL",
    iterationCount: "[8] IMPLICIT Int32 OPTIONAL",
  },
  AlgorithmIdentifier: { algorithm: "OBJECT IDENTIFIER", parameters: "ANY OPTIONAL" },
  EncryptedData: { etype: "[0] Int32", kvno: "[1] UInt32 OPTIONAL", cipher: "[2] OCTET STRING" },
  "PA-OTP-REQUEST": {
    otpFlags: "[0] IMPLICIT KerberosFlags",
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
  "PA-OTP-PIN-CHANGE": {
    pinFlags: "[0] IMPLICIT KerberosFlags",
    pin: "[1] IMPLICIT UTF8String OPTIONAL",
    minLength: "[2] IMPLICIT Int32 OPTIONAL",
    maxLength: "[3] IMPLICIT Int32 OPTIONAL",
    lastReq: "[4] IMPLICIT SEQUENCE OF LastReqElement OPTIONAL",
    format: "[5] IMPLICIT Int32 OPTIONAL",
  },
  LastReqElement: { lrType: "[0] Int32", lrValue: "[1] KerberosTime" },
  "PA-OTP-ENC-REQUEST": { nonce: "[0] IMPLICIT OCTET STRING" },
} as const;

/** Codecs of them. */
export const otpMessages: Module<typeof OTP_TYPES> = /* @__PURE__ */ createModule(OTP_TYPES, IMPLICIT_WORDS);

/** What a KDC asks for. */
export type OtpChallenge = Decoded<typeof OTP_TYPES, "PA-OTP-CHALLENGE">;
/** What a KDC says of one token. */
export type TokenInfo = Decoded<typeof OTP_TYPES, "OTP-TOKENINFO">;
