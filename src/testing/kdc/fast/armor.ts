import { cf2, type ProtocolKey } from "../../../crypto/index.ts";
import { KEY_USAGE, KRB_ERROR } from "../../../iana/index.ts";
import { checkTicketTimes, openHeader } from "../ap-req.ts";
import { refuse } from "../failure.ts";
import { tgsRealm } from "../names.ts";
import type { KdcState } from "../state.ts";

/** FX_FAST_ARMOR_AP_REQUEST (RFC 6113 section 5.4.1.1): the only type there is. */
const AP_REQUEST = 1;

const text = new TextEncoder();

/** The key that an armor of the type AP-REQ stands for (RFC 6113 section 5.4.1.1). */
export function openArmor(
  state: KdcState,
  { armorType, armorValue }: { readonly armorType: number; readonly armorValue: Uint8Array },
): ProtocolKey {
  if (armorType !== AP_REQUEST) refuse(KRB_ERROR.KDC_ERR_PREAUTH_FAILED, "an armor of an unknown type");
  const { apReq, ticket, sessionKey, subkey } = openHeader(state, armorValue, KEY_USAGE.apReqAuthenticator);
  checkTicketTimes(state, ticket, 0);
  if (tgsRealm(apReq.ticket.sname.nameString) !== state.realm) {
    refuse(KRB_ERROR.KDC_ERR_POLICY, "the armor's ticket is not for this realm's ticket-granting service");
  }
  return ticketArmor(state, subkey, sessionKey);
}

/** The armor key of a sub-key and a ticket's session key; also the implicit armor of a TGS request. */
export function ticketArmor(state: KdcState, subkey: ProtocolKey | undefined, sessionKey: ProtocolKey): ProtocolKey {
  if (subkey === undefined) refuse(KRB_ERROR.KDC_ERR_PREAUTH_FAILED, "an authenticator of an armor needs a sub-key");
  return combine(state, subkey, "subkeyarmor", sessionKey, "ticketarmor");
}

/** The armor key of a TGS request that has an armor too (MS-KILE section 3.3.5.7.4: compound identity). */
export function explicitArmor(state: KdcState, armorKey: ProtocolKey, subkey: ProtocolKey | undefined): ProtocolKey {
  if (subkey === undefined)
    refuse(KRB_ERROR.KDC_ERR_PREAUTH_FAILED, "an authenticator beside an armor needs a sub-key");
  return combine(state, armorKey, "explicitarmor", subkey, "tgsarmor");
}

/** KRB-FX-CF2 with peppers that are text. */
export function combine(
  { encTypes }: KdcState,
  key1: ProtocolKey,
  pepper1: string,
  key2: ProtocolKey,
  pepper2: string,
): ProtocolKey {
  return cf2(encTypes.provider, key1, key2, text.encode(pepper1), text.encode(pepper2));
}
