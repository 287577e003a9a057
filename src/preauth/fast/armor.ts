import { encodeText } from "../../bytes/index.ts";
import { cf2, type EncTypeSet, type ProtocolKey } from "../../crypto/index.ts";
import { type AuthenticatorClock, createApReq, type ServiceTicket } from "../../krb5/index.ts";
import type { Armor } from "../envelope.ts";

/** Explicit armor: the KDC makes its key of the AP-REQ that goes with the request (RFC 6113 section 5.4.1.1). */
export interface FastArmor extends Armor {
  /** The DER of the AP-REQ. */
  readonly apReq: Uint8Array;
}

/** What armor is made of. */
export interface ArmorParts {
  /** A ticket-granting ticket of the realm whose KDC is asked. */
  readonly ticket: ServiceTicket;
  readonly encTypes: EncTypeSet;
  readonly clock: AuthenticatorClock;
}

/** Armor of a ticket-granting ticket, with a fresh sub-key. */
export function createArmor({ ticket, encTypes, clock }: ArmorParts): FastArmor {
  const subkey = encTypes.generateKey(ticket.sessionKey.encType.etype);
  const { octets: apReq } = createApReq({ ticket, encTypes, clock, subkey });
  return { apReq, key: armorKey(encTypes, subkey, ticket.sessionKey) };
}

/** The armor key (RFC 6113 section 5.4.1.1): of the sub-key's enctype. */
export function armorKey({ provider }: EncTypeSet, subkey: ProtocolKey, sessionKey: ProtocolKey): ProtocolKey {
  return cf2(provider, subkey, sessionKey, encodeText("subkeyarmor"), encodeText("ticketarmor"));
}
