import type { ProtocolKey } from "../../crypto/index.ts";
import { hasCode, hasName } from "../../errors.ts";
import { AP_OPTION, KDC_OPTION, KEY_USAGE, KRB_ERROR, TICKET_FLAG } from "../../iana/index.ts";
import {
  type ApReq,
  type Authenticator,
  decodeApReq,
  decodeAuthenticator,
  decodeEncTicketPart,
  type EncTicketPart,
} from "../../krb5/index.ts";
import type { Entry } from "./entry.ts";
import { refuse } from "./failure.ts";
import { formatComponents, isSameName } from "./names.ts";
import { findServiceKey, type KdcState } from "./state.ts";

/** What an AP-REQ to the TGS says, its authenticator fresh and by the ticket's client. */
export interface Header {
  readonly apReq: ApReq;
  readonly service: Entry;
  readonly ticket: EncTicketPart;
  readonly sessionKey: ProtocolKey;
  readonly authenticator: Authenticator;
  readonly subkey: ProtocolKey | undefined;
}

/**
 * Opens an AP-REQ: the header of a TGS request (RFC 4120 section 3.2.3) or the armor of FAST (RFC 6113 section
 * 5.4.1.1). The ticket's times are not looked at yet.
 */
export function openHeader(state: KdcState, octets: Uint8Array, authenticatorUsage: number): Header {
  const apReq = opened("the AP-REQ", () => decodeApReq(octets));
  if ((apReq.apOptions & AP_OPTION.useSessionKey) !== 0) {
    refuse(KRB_ERROR.KDC_ERR_BADOPTION, "a ticket under a session key is of no use to the TGS");
  }
  const { service, ticket } = openTicket(state, apReq);
  const sessionKey = importKey(state, ticket.key);
  const authenticator = opened("the authenticator", () =>
    decodeAuthenticator(sessionKey.usage(authenticatorUsage).decrypt(cipherOf(apReq.authenticator, sessionKey))),
  );
  checkAuthenticator(state, authenticator, ticket);
  const subkey = authenticator.subkey === undefined ? undefined : importKey(state, authenticator.subkey);
  return { apReq, service, ticket, sessionKey, authenticator, subkey };
}

/** Opens a ticket of this realm, or one of another for its ticket-granting service. Throws KdcFailure. */
export function openTicket(
  state: KdcState,
  { ticket }: Pick<ApReq, "ticket">,
): { readonly service: Entry; readonly ticket: EncTicketPart } {
  const { realm, sname, encPart } = ticket;
  const { entry, key } = findServiceKey(state, realm, sname.nameString, encPart.etype, encPart.kvno);
  if (entry === undefined) {
    refuse(KRB_ERROR.KRB_AP_ERR_NOT_US, `the ticket is for ${formatComponents(sname.nameString)}@${realm}`);
  }
  if (key === undefined) {
    refuse(
      entry.keys.some(({ etype }) => etype === encPart.etype)
        ? KRB_ERROR.KRB_AP_ERR_BADKEYVER
        : KRB_ERROR.KRB_AP_ERR_NOKEY,
      "the ticket is under a key that the service does not have",
    );
  }
  const part = opened("the ticket", () => decodeEncTicketPart(key.key.usage(KEY_USAGE.ticket).decrypt(encPart.cipher)));
  return { service: entry, ticket: part };
}

/** RFC 4120 section 3.2.3: the authenticator is by the ticket's client, and fresh. */
function checkAuthenticator(state: KdcState, authenticator: Authenticator, ticket: EncTicketPart): void {
  const { crealm, cname, ctime, cusec } = authenticator;
  if (crealm !== ticket.crealm || !isSameName(cname.nameString, ticket.cname.nameString)) {
    refuse(KRB_ERROR.KRB_AP_ERR_BADMATCH, "the authenticator is not by the ticket's client");
  }
  const skewMs = Math.abs(ctime.getTime() + cusec / 1000 - state.now().getTime());
  if (skewMs > state.policy.clockSkewSeconds * 1000) {
    refuse(KRB_ERROR.KRB_AP_ERR_SKEW, "the client's clock is too far from the KDC's");
  }
}

/** RFC 4120 section 3.2.3: the ticket is valid now, or is to be validated. */
export function checkTicketTimes(state: KdcState, ticket: EncTicketPart, kdcOptions: number): void {
  const now = state.now().getTime();
  const skewMs = state.policy.clockSkewSeconds * 1000;
  const isValidation = (kdcOptions & KDC_OPTION.validate) !== 0;
  const start = ticket.starttime ?? ticket.authtime;
  if (start.getTime() - now > skewMs || ((ticket.flags & TICKET_FLAG.invalid) !== 0 && !isValidation)) {
    refuse(KRB_ERROR.KRB_AP_ERR_TKT_NYV, "the ticket is not valid yet");
  }
  if (ticket.endtime.getTime() <= now) refuse(KRB_ERROR.KRB_AP_ERR_TKT_EXPIRED, "the ticket has expired");
}

/** A key of a ticket or authenticator. Throws KdcFailure. */
export function importKey(
  state: KdcState,
  { keytype, keyvalue }: { readonly keytype: number; readonly keyvalue: Uint8Array },
): ProtocolKey {
  try {
    return state.encTypes.importKey(keytype, keyvalue);
  } catch {
    return refuse(KRB_ERROR.KDC_ERR_ETYPE_NOSUPP, "a key of an encryption type that this realm does not permit");
  }
}

/** EncryptedData under a key whose enctype it must name. */
export function cipherOf(
  { etype, cipher }: { readonly etype: number; readonly cipher: Uint8Array },
  key: ProtocolKey,
): Uint8Array {
  if (etype !== key.encType.etype) refuse(KRB_ERROR.KRB_AP_ERR_BAD_INTEGRITY, "not of the key's encryption type");
  return cipher;
}

/** Decrypts and decodes; what fails is KRB_AP_ERR_BAD_INTEGRITY (RFC 4120 section 3.3.2). */
export function opened<T>(what: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    if (!hasCode(error, "DECODE") && !hasName(error, "CryptoError")) throw error;
    return refuse(KRB_ERROR.KRB_AP_ERR_BAD_INTEGRITY, `${what} does not open or decode`);
  }
}
