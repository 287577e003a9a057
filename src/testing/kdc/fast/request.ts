import { type ProtocolKey, verifyKeyedChecksum } from "../../../crypto/index.ts";
import { KEY_USAGE, KRB_ERROR, PADATA } from "../../../iana/index.ts";
import type { Checksum, KdcReq } from "../../../krb5/index.ts";
import { cipherOf, opened } from "../ap-req.ts";
import { refuse } from "../failure.ts";
import type { KdcState } from "../state.ts";
import type { Shown } from "../tgs-request.ts";
import { explicitArmor, openArmor, ticketArmor } from "./armor.ts";
import { draftFast, type FastDraft } from "./draft.ts";
import { fastMessages } from "./messages.ts";

/** Bits 1 to 15 are critical; of these, hide-client-names is known (RFC 6113 section 5.4.2). */
const HIDE_CLIENT_NAMES = 0x4000_0000;
const CRITICAL = 0x7fff_0000;

/** A request as it is inside FAST. */
export interface Inner {
  readonly request: KdcReq;
  readonly fast: FastDraft;
}

/** Opens the FAST of an AS request (RFC 6113 section 5.4.2); undefined where the request or the realm is without it. */
export function openAsFast(state: KdcState, request: KdcReq): Inner | undefined {
  const armored = armoredOf(state, request);
  if (armored === undefined) return undefined;
  if (armored.armor === undefined) refuse(KRB_ERROR.KDC_ERR_PREAUTH_FAILED, "FAST in an AS request needs an armor");
  return open(request, openArmor(state, armored.armor), armored, request.reqBody.octets);
}

/** Opens the FAST of a TGS request, whose armor is what the request shows (RFC 6113 section 5.4.2). */
export function openTgsFast(state: KdcState, request: KdcReq, shown: Shown): Inner | undefined {
  const armored = armoredOf(state, request);
  if (armored === undefined) {
    if (shown.saysFastUsed && state.policy.preauth.includes("fast")) {
      refuse(KRB_ERROR.KRB_AP_ERR_MODIFIED, "the authenticator says that FAST was used, and there is none");
    }
    return undefined;
  }
  const { armor } = armored;
  const { subkey, sessionKey } = shown;
  const key =
    armor === undefined
      ? ticketArmor(state, subkey, sessionKey)
      : explicitArmor(state, openArmor(state, armor), subkey);
  return open(request, key, armored, shown.header);
}

type Armored = ReturnType<typeof fastMessages.decode<"PA-FX-FAST-REQUEST">>;

function armoredOf({ policy }: KdcState, { padata = [] }: KdcReq): Armored | undefined {
  const fast = padata.find(({ padataType }) => padataType === PADATA.fxFast);
  // Unknown data are ignored (RFC 4120 section 3.1.3), as by a KDC of before RFC 6113.
  if (fast === undefined || !policy.preauth.includes("fast")) return undefined;
  return opened("the FAST request", () => fastMessages.decode("PA-FX-FAST-REQUEST", fast.padataValue));
}

function open(
  outer: KdcReq,
  armorKey: ProtocolKey,
  { reqChecksum, encFastReq }: Armored,
  checksummed: Uint8Array,
): Inner {
  checkChecksum(armorKey, reqChecksum, checksummed);
  const { fastOptions, padata, reqBody } = opened("the FAST request", () =>
    fastMessages.decode("KrbFastReq", armorKey.usage(KEY_USAGE.fastEnc).decrypt(cipherOf(encFastReq, armorKey))),
  );
  const unknown = fastOptions & CRITICAL & ~HIDE_CLIENT_NAMES;
  if (unknown !== 0) refuse(KRB_ERROR.KDC_ERR_UNKNOWN_CRITICAL_FAST_OPTION, "a critical FAST option that is unknown");
  return {
    request: { ...outer, padata, reqBody },
    fast: draftFast(armorKey, reqBody.nonce >>> 0, (fastOptions & HIDE_CLIENT_NAMES) !== 0),
  };
}

function checkChecksum(key: ProtocolKey, { cksumtype, checksum }: Checksum, octets: Uint8Array): void {
  try {
    verifyKeyedChecksum(key, KEY_USAGE.fastReqChecksum, cksumtype, checksum, octets);
  } catch {
    refuse(KRB_ERROR.KRB_AP_ERR_MODIFIED, "the FAST request's checksum is not of this request");
  }
}
