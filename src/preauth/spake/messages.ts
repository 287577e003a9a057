import { createModule, type Decoded, type Module } from "../../asn1/index.ts";

/**
 * The messages of PA-SPAKE (RFC 9588 Appendix A). The CHOICE is one type for each alternative: a client writes two of
 * them and reads one.
 */
const TYPES = {
  EncryptedData: { etype: "[0] Int32", kvno: "[1] UInt32 OPTIONAL", cipher: "[2] OCTET STRING" },
  support: "[0] SPAKESupport",
  challenge: "[1] SPAKEChallenge",
  response: "[2] SPAKEResponse",
  encdata: "[3] EncryptedData",
  SPAKESupport: { groups: "[0] SEQUENCE OF Int32" },
  SPAKEChallenge: { group: "[0] Int32", pubkey: "[1] OCTET STRING", factors: "[2] SEQUENCE OF SPAKESecondFactor" },
  SPAKESecondFactor: { type: "[0] Int32", data: "[1] OCTET STRING OPTIONAL" },
  SPAKEResponse: { pubkey: "[0] OCTET STRING", factor: "[1] EncryptedData" },
} as const;

/** Codecs of them. */
export const spakeMessages: Module<typeof TYPES> = /* @__PURE__ */ createModule(TYPES);

const ALTERNATIVES = ["support", "challenge", "response", "encdata"] as const;

/** Decodes a message of either side for people: an object with one property, the alternative's name. */
export function decodePaSpake(octets: Uint8Array): object {
  const name = ALTERNATIVES[(octets[0] ?? 0) - 0xa0] ?? "support";
  return { [name]: spakeMessages.decode(name, octets) };
}

/** The KDC's public key, in the group that it chose, and the second factors that it takes. */
export type SpakeChallenge = Decoded<typeof TYPES, "challenge">;
