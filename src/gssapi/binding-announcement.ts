import { getUint32 } from "../bytes/index.ts";
import { AD_TYPE } from "../iana/index.ts";
import { type AuthorizationData, decodeAuthorizationData, encodeAuthorizationData } from "../krb5/index.ts";

/** KERB_AP_OPTIONS_CBT, four octets, the lowest first (MS-KILE section 3.2.5.8). */
const CHANNEL_BINDINGS = Uint8Array.of(0x00, 0x40, 0x00, 0x00);
/** AD-IF-RELEVANT within AD-IF-RELEVANT: nobody needs more. */
const MAX_DEPTH = 4;

/**
 * What an initiator puts into its authenticator that would send channel bindings wherever it has some: then an acceptor
 * knows that none mean that something stands between.
 */
export function announcement(): AuthorizationData {
  const adData = encodeAuthorizationData([{ adType: AD_TYPE.apOptions, adData: CHANNEL_BINDINGS }]);
  return [{ adType: AD_TYPE.ifRelevant, adData }];
}

/** Whether an authenticator has that. Throws DecodeError for authorization data that is not. */
export function isAnnounced(data: AuthorizationData | undefined, depth = 0): boolean {
  return (data ?? []).some(({ adType, adData }) => {
    if (adType === AD_TYPE.apOptions) return isOption(adData);
    return (
      adType === AD_TYPE.ifRelevant && depth < MAX_DEPTH && isAnnounced(decodeAuthorizationData(adData), depth + 1)
    );
  });
}

function isOption(octets: Uint8Array): boolean {
  // The second octet of a number whose lowest octet is first.
  return octets.length === 4 && (getUint32(octets, 0) & getUint32(CHANNEL_BINDINGS, 0)) !== 0;
}
