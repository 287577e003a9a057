import type { ProtocolKey } from "../../crypto/index.ts";
import { verifyKeyedChecksum } from "../../crypto/index.ts";
import { hasCode, hasName } from "../../errors.ts";
import { AP_OPTION, CHECKSUM, KDC_OPTION, KEY_USAGE, KRB_ERROR, PADATA, TICKET_FLAG } from "../../iana/index.ts";
import {
  type ApReq,
  type Authenticator,
  decodeApReq,
  decodeAuthenticator,
  decodeEncTicketPart,
  type EncTicketPart,
  type KdcReq,
} from "../../krb5/index.ts";
import type { Entry } from "./entry.ts";
import { refuse } from "./failure.ts";
import { formatComponents, isSameName, tgsRealm } from "./names.ts";
import { findServiceKey, type KdcState } from "./state.ts";

/** What the authentication header of a TGS request proved. */
export interface Shown {
  readonly ticket: EncTicketPart;
  readonly ticketRealm: string;
  readonly ticketName: readonly string[];
  readonly service: Entry;
  readonly sessionKey: ProtocolKey;
  /** The authenticator's, for the reply and for authorization data; absent: the session key serves. */
  readonly subkey: ProtocolKey | undefined;
}

/** Checks PA-TGS-REQ (RFC 4120 sections 3.2.3 and 3.3.2); throws KdcFailure. */
export function verifyTgsReq(state: KdcState, request: KdcReq): Shown {
  const header = request.padata?.find(({ padataType }) => padataType === PADATA.tgsReq);
  if (header === undefined) {
    refuse(KRB_ERROR.KDC_ERR_PADATA_TYPE_NOSUPP, "a TGS request needs PA-TGS-REQ");
  }
  const apReq = opened("the AP-REQ", () => decodeApReq(header.padataValue));
  if ((apReq.apOptions & AP_OPTION.useSessionKey) !== 0) {
    refuse(KRB_ERROR.KDC_ERR_BADOPTION, "a ticket under a session key is of no use to the TGS");
  }
  const { service, ticket } = openTicket(state, apReq);
  const sessionKey = importKey(state, ticket.key);
  const authenticator = opened("the authenticator", () =>
    decodeAuthenticator(
      sessionKey.usage(KEY_USAGE.tgsReqAuthenticator).decrypt(cipherOf(apReq.authenticator, sessionKey)),
    ),
  );
  checkAuthenticator(state, authenticator, ticket);
  checkTicketTimes(state, ticket, request.reqBody.kdcOptions);
  checkBody(authenticator, sessionKey, request.reqBody.octets);
  const { realm, sname } = apReq.ticket;
  checkPurpose(state, request, realm, sname.nameString);
  if (realm !== state.realm && ticket.crealm === state.realm) {
    refuse(KRB_ERROR.KDC_ERR_POLICY, "another realm does not vouch for a client of this one");
  }
  const subkey = authenticator.subkey === undefined ? undefined : importKey(state, authenticator.subkey);
  return { ticket, ticketRealm: realm, ticketName: sname.nameString, service, sessionKey, subkey };
}

function openTicket(state: KdcState, { ticket }: ApReq): { readonly service: Entry; readonly ticket: EncTicketPart } {
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

function checkTicketTimes(state: KdcState, ticket: EncTicketPart, kdcOptions: number): void {
  const now = state.now().getTime();
  const skewMs = state.policy.clockSkewSeconds * 1000;
  const isValidation = (kdcOptions & KDC_OPTION.validate) !== 0;
  const start = ticket.starttime ?? ticket.authtime;
  if (start.getTime() - now > skewMs || ((ticket.flags & TICKET_FLAG.invalid) !== 0 && !isValidation)) {
    refuse(KRB_ERROR.KRB_AP_ERR_TKT_NYV, "the ticket is not valid yet");
  }
  if (ticket.endtime.getTime() <= now) refuse(KRB_ERROR.KRB_AP_ERR_TKT_EXPIRED, "the ticket has expired");
}

/** The authenticator's checksum over the request's body, keyed (RFC 4120 section 3.3.2). */
function checkBody({ cksum }: Authenticator, sessionKey: ProtocolKey, body: Uint8Array): void {
  if (cksum === undefined) refuse(KRB_ERROR.KRB_AP_ERR_INAPP_CKSUM, "the authenticator has no checksum");
  const { cksumtype, checksum } = cksum;
  if (cksumtype !== sessionKey.encType.checksumType) {
    const isKnown = Object.values(CHECKSUM).some((type) => type === cksumtype);
    refuse(
      isKnown ? KRB_ERROR.KRB_AP_ERR_INAPP_CKSUM : KRB_ERROR.KDC_ERR_SUMTYPE_NOSUPP,
      "the authenticator's checksum is not of the session key's type",
    );
  }
  try {
    verifyKeyedChecksum(sessionKey, KEY_USAGE.tgsReqAuthenticatorChecksum, cksumtype, checksum, body);
  } catch {
    refuse(KRB_ERROR.KRB_AP_ERR_MODIFIED, "the authenticator's checksum is not of this request's body");
  }
}

/**
 * RFC 4120 section 3.3.2: only a TGT gets new tickets; another ticket can be renewed, validated or proxied by its own
 * name.
 */
function checkPurpose(state: KdcState, { reqBody }: KdcReq, realm: string, name: readonly string[]): void {
  const sname = reqBody.sname?.nameString ?? [];
  const ownPurposes = KDC_OPTION.renew | KDC_OPTION.validate;
  const isOwnPurpose = (reqBody.kdcOptions & ownPurposes) !== 0;
  if (isOwnPurpose && !(realm === state.realm && isSameName(sname, name))) {
    refuse(KRB_ERROR.KDC_ERR_SERVER_NOMATCH, "only the ticket that is shown can be renewed or validated");
  }
  if (!isOwnPurpose && tgsRealm(name) !== state.realm) {
    refuse(KRB_ERROR.KRB_AP_ERR_NOT_US, "the ticket shown is not for this realm's ticket-granting service");
  }
}

function importKey(
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
