import { type ProtocolKey, verifyKeyedChecksum } from "../../crypto/index.ts";
import { CHECKSUM, KDC_OPTION, KEY_USAGE, KRB_ERROR, PADATA } from "../../iana/index.ts";
import type { Authenticator, EncTicketPart, KdcReq } from "../../krb5/index.ts";
import { checkTicketTimes, openHeader } from "./ap-req.ts";
import type { Entry } from "./entry.ts";
import { refuse } from "./failure.ts";
import { isSameName, tgsRealm } from "./names.ts";
import type { KdcState } from "./state.ts";

/** Authorization data about FAST (RFC 6113 sections 5.4.1.1 and 5.4.2). */
const AD_FAST_ARMOR = 71;
const AD_FAST_USED = 72;

/** What the authentication header of a TGS request proved. */
export interface Shown {
  /** The AP-REQ as it came. */
  readonly header: Uint8Array;
  readonly ticket: EncTicketPart;
  readonly ticketRealm: string;
  readonly ticketName: readonly string[];
  readonly service: Entry;
  readonly sessionKey: ProtocolKey;
  /** The authenticator's, for the reply and for authorization data; absent: the session key serves. */
  readonly subkey: ProtocolKey | undefined;
  /** The client says that it has sent FAST. */
  readonly saysFastUsed: boolean;
}

/** Checks PA-TGS-REQ (RFC 4120 sections 3.2.3 and 3.3.2); throws KdcFailure. */
export function verifyTgsReq(state: KdcState, request: KdcReq): Shown {
  const header = request.padata?.find(({ padataType }) => padataType === PADATA.tgsReq)?.padataValue;
  if (header === undefined) {
    refuse(KRB_ERROR.KDC_ERR_PADATA_TYPE_NOSUPP, "a TGS request needs PA-TGS-REQ");
  }
  const { apReq, service, ticket, sessionKey, authenticator, subkey } = openHeader(
    state,
    header,
    KEY_USAGE.tgsReqAuthenticator,
  );
  checkTicketTimes(state, ticket, request.reqBody.kdcOptions);
  checkBody(authenticator, sessionKey, request.reqBody.octets);
  const { realm, sname } = apReq.ticket;
  if (realm !== state.realm && ticket.crealm === state.realm) {
    refuse(KRB_ERROR.KDC_ERR_POLICY, "another realm does not vouch for a client of this one");
  }
  const data = [...(authenticator.authorizationData ?? []), ...(ticket.authorizationData ?? [])];
  if (data.some(({ adType }) => adType === AD_FAST_ARMOR)) {
    refuse(KRB_ERROR.KDC_ERR_POLICY, "the ticket or authenticator is good for an armor only");
  }
  const saysFastUsed = data.some(({ adType }) => adType === AD_FAST_USED);
  const { nameString: ticketName } = sname;
  return { header, ticket, ticketRealm: realm, ticketName, service, sessionKey, subkey, saysFastUsed };
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
export function checkPurpose(
  state: KdcState,
  { reqBody }: KdcReq,
  { ticketRealm: realm, ticketName: name }: Shown,
): void {
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
