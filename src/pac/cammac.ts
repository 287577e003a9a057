import { createModule, decodeDer, type Module, sequenceOf, utf8String } from "../asn1/index.ts";
import { type ProtocolKey, verifyKeyedChecksum } from "../crypto/index.ts";
import { decodeAuthorizationData, EXCHANGE_TYPES, encodeAuthorizationData } from "../krb5/index.ts";
import type { AdElement } from "./authorization-data.ts";

/** AD-IF-RELEVANT, AD-CAMMAC and AD-AUTHENTICATION-INDICATOR (RFC 4120 section 5.2.6.1, RFC 7751, RFC 8129). */
const IF_RELEVANT = 1;
const CAMMAC = 96;
const INDICATOR = 97;

/** KU_CAMMAC (RFC 7751 section 8). */
const USAGE = 64;

/** RFC 7751 section 3, without what no service verifies. */
const TYPES = {
  "AD-CAMMAC": {
    elements: "[0] AuthorizationData",
    kdcVerifier: "[1] VerifierMAC OPTIONAL",
    svcVerifier: "[2] VerifierMAC OPTIONAL",
  },
  VerifierMAC: {
    identifier: "[0] PrincipalName OPTIONAL",
    kvno: "[1] UInt32 OPTIONAL",
    enctype: "[2] Int32 OPTIONAL",
    mac: "[3] Checksum",
  },
} as const;

type AllTypes = typeof EXCHANGE_TYPES & typeof TYPES;

const messages: Module<AllTypes> = /* @__PURE__ */ createModule({ ...EXCHANGE_TYPES, ...TYPES });

/**
 * The authorization data for which the KDC vouches to the service (RFC 7751 section 4): what is in a CAMMAC whose
 * verifier for the service is right. One without such a verifier says nothing: the client may have put it there.
 * Throws CryptoError `INTEGRITY` for a verifier that is wrong, DecodeError for octets that are not a CAMMAC.
 */
export function vouchedElements(data: readonly AdElement[] | undefined, key: ProtocolKey): readonly AdElement[] {
  const inner = (data ?? []).flatMap((element) =>
    element.adType === IF_RELEVANT ? decodeAuthorizationData(element.adData) : [],
  );
  return inner.flatMap(({ adType, adData }) => {
    if (adType !== CAMMAC) return [];
    const { elements, svcVerifier } = messages.decode("AD-CAMMAC", adData);
    if (svcVerifier === undefined) return [];
    const { cksumtype, checksum } = svcVerifier.mac;
    // DER has one encoding of a value: these are the octets that came.
    verifyKeyedChecksum(key, USAGE, cksumtype, checksum, encodeAuthorizationData(elements));
    return elements;
  });
}

/** The authentication indicators among them (RFC 8129 section 2): how the client logged in, in words of its KDC. */
export function indicatorsOf(elements: readonly AdElement[]): readonly string[] {
  const lists = elements
    .filter(({ adType }) => adType === INDICATOR)
    .map(({ adData }) => decodeDer(sequenceOf(utf8String), "AD-AUTHENTICATION-INDICATOR", adData));
  return [...new Set(lists.flat())];
}
