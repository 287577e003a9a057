import { createModule, type Module } from "../../../asn1/index.ts";

/** The messages of PA-SPAKE (RFC 9588 Appendix A); each alternative of the CHOICE is a type by its tag. */
const TYPES = {
  EncryptedData: { etype: "[0] Int32", kvno: "[1] UInt32 OPTIONAL", cipher: "[2] OCTET STRING" },
  SecondFactor: { type: "[0] Int32", data: "[1] OCTET STRING OPTIONAL" },
  support: "[0] Support",
  Support: { groups: "[0] SEQUENCE OF Int32" },
  challenge: "[1] Challenge",
  Challenge: { group: "[0] Int32", pubkey: "[1] OCTET STRING", factors: "[2] SEQUENCE OF SecondFactor" },
  response: "[2] Response",
  Response: { pubkey: "[0] OCTET STRING", factor: "[1] EncryptedData" },
} as const;

/** Codecs of them. */
export const spakeMessages: Module<typeof TYPES> = /* @__PURE__ */ createModule(TYPES);

/** The identifier octets of the alternatives. */
export const SUPPORT_TAG = 0xa0;
export const RESPONSE_TAG = 0xa2;
