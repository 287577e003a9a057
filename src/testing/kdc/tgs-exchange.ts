import { KDC_OPTION, KEY_USAGE, KRB_ERROR, TICKET_FLAG } from "../../iana/index.ts";
import { decodeAuthorizationData, type KdcReq } from "../../krb5/index.ts";
import { cipherOf, opened } from "./ap-req.ts";
import { checkService } from "./as-exchange.ts";
import type { EncTicketPartDraft } from "./drafts.ts";
import { refuse } from "./failure.ts";
import type { FastDraft } from "./fast/draft.ts";
import { openTgsFast } from "./fast/request.ts";
import { type Grant, grantDerived, grantRenewal, grantValidation, type Parent } from "./grant.ts";
import { type Found, findService } from "./lookup.ts";
import { tgsRealm } from "./names.ts";
import { draftReply, type ReplyDraft, refuseUserToUser } from "./reply.ts";
import { type KdcState, wholeSecond } from "./state.ts";
import { checkPurpose, type Shown, verifyTgsReq } from "./tgs-request.ts";
import { addTransited } from "./transited.ts";

/** A TGS request, opened; inside FAST, the inner one. */
export interface ShownRequest {
  readonly request: KdcReq;
  readonly shown: Shown;
  readonly fast: FastDraft | undefined;
}

/** Opens a TGS-REQ and its FAST; throws KdcFailure. */
export function openTgsReq(state: KdcState, request: KdcReq): ShownRequest {
  refuseUserToUser(request.reqBody.kdcOptions);
  const shown = verifyTgsReq(state, request);
  return { fast: undefined, request, ...openTgsFast(state, request, shown), shown };
}

/** Answers a TGS-REQ (RFC 4120 section 3.3); throws KdcFailure. */
export function answerTgsReq(
  state: KdcState,
  { request, shown, fast }: ShownRequest,
  requestOctets: Uint8Array,
): ReplyDraft {
  const { reqBody } = request;
  const { kdcOptions } = reqBody;
  checkPurpose(state, request, shown);
  if (reqBody.realm !== state.realm) {
    refuse(KRB_ERROR.KDC_ERR_S_PRINCIPAL_UNKNOWN, `this is the KDC of ${state.realm}, not of ${reqBody.realm}`);
  }
  const now = wholeSecond(state.now());
  const service = serviceOf(state, request, shown);
  checkService(service.entry, now);
  if ((kdcOptions & KDC_OPTION.proxy) !== 0 && tgsRealm(service.name.nameString) !== undefined) {
    refuse(KRB_ERROR.KDC_ERR_BADOPTION, "a TGT is forwarded, not proxied");
  }
  const { ticket, subkey, sessionKey } = shown;
  const grant = grantOf(state, request, ticket, now);
  if (service.entry.options.isTrustedForDelegation === true) grant.flags |= TICKET_FLAG.okAsDelegate;
  const transited = transitedOf(state, shown);
  // Every realm of a test is trusted on the way to every other.
  if ((kdcOptions & KDC_OPTION.disableTransitedCheck) === 0) grant.flags |= TICKET_FLAG.transitedPolicyChecked;
  const mayReplaceAddresses = (kdcOptions & (KDC_OPTION.forwarded | KDC_OPTION.proxy)) !== 0;
  return draftReply(state, {
    exchange: "tgs",
    request,
    requestOctets,
    padata: [],
    crealm: ticket.crealm,
    cname: ticket.cname,
    service,
    grant,
    transited,
    caddr: mayReplaceAddresses ? reqBody.addresses : ticket.caddr,
    authorizationData: authorizationDataOf(request, shown),
    replyKey: subkey ?? sessionKey,
    replyUsage: subkey === undefined ? KEY_USAGE.tgsRepEncPartSessionKey : KEY_USAGE.tgsRepEncPartSubkey,
    clientKeys: [],
    sessionKey,
    shownRealm: shown.ticketRealm,
    fast,
  });
}

function serviceOf(state: KdcState, { reqBody }: KdcReq, shown: Shown): Found {
  const { kdcOptions, sname } = reqBody;
  const isSame = (kdcOptions & (KDC_OPTION.renew | KDC_OPTION.validate)) !== 0;
  if (isSame && sname !== undefined) return { entry: shown.service, name: sname };
  return findService(state, sname, kdcOptions);
}

function grantOf(state: KdcState, { reqBody }: KdcReq, ticket: Shown["ticket"], now: Date): Grant {
  const parent: Parent = {
    flags: ticket.flags,
    authTime: ticket.authtime,
    startTime: ticket.starttime ?? ticket.authtime,
    endTime: ticket.endtime,
    renewTill: ticket.renewTill,
  };
  if ((reqBody.kdcOptions & KDC_OPTION.validate) !== 0) return grantValidation(parent, now);
  if ((reqBody.kdcOptions & KDC_OPTION.renew) !== 0) return grantRenewal(parent, now);
  return grantDerived(state.policy, reqBody, parent, now);
}

/**
 * The realm that issued the ticket shown is added, unless it is the client's or this one (RFC 4120 section 3.3.3.2).
 */
function transitedOf(state: KdcState, { ticket, ticketRealm }: Shown): string {
  const { trType, contents } = ticket.transited;
  const before = new TextDecoder().decode(contents);
  if (ticketRealm === state.realm || ticketRealm === ticket.crealm) return before;
  if (trType !== 1) refuse(KRB_ERROR.KDC_ERR_TRTYPE_NOSUPP, "transited realms in an unknown encoding");
  return addTransited(before, ticketRealm);
}

/** What the ticket shown has, and what the client adds for the service (RFC 4120 section 3.3.1). */
function authorizationDataOf({ reqBody }: KdcReq, shown: Shown): EncTicketPartDraft["authorizationData"] {
  const inherited = shown.ticket.authorizationData ?? [];
  const { encAuthorizationData } = reqBody;
  if (encAuthorizationData === undefined) return inherited.length === 0 ? undefined : inherited;
  const key = shown.subkey ?? shown.sessionKey;
  const usage = shown.subkey === undefined ? KEY_USAGE.tgsReqAuthDataSessionKey : KEY_USAGE.tgsReqAuthDataSubkey;
  const added = opened("the authorization data", () =>
    decodeAuthorizationData(key.usage(usage).decrypt(cipherOf(encAuthorizationData, key))),
  );
  return [...added, ...inherited];
}
