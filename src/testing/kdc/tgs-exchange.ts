import { KDC_OPTION, KEY_USAGE, KRB_ERROR, TICKET_FLAG } from "../../iana/index.ts";
import { decodeAuthorizationData, type KdcReq, type PaData, type PrincipalName } from "../../krb5/index.ts";
import { cipherOf, opened } from "./ap-req.ts";
import { checkService } from "./as-exchange.ts";
import type { EncTicketPartDraft } from "./drafts.ts";
import { refuse } from "./failure.ts";
import type { FastDraft } from "./fast/draft.ts";
import { openTgsFast } from "./fast/request.ts";
import { type Grant, grantDerived, grantRenewal, grantValidation, type Parent } from "./grant.ts";
import { type Found, findService } from "./lookup.ts";
import { formatComponents, tgsRealm } from "./names.ts";
import { buffersOf, DELEGATION_INFO, delegationInfo, type PacBuffer } from "./pac/buffers.ts";
import { pacOf, withoutPac } from "./pac/elements.ts";
import { draftReply, type ReplyDraft } from "./reply.ts";
import { knownPacOptions, proxyRequest } from "./s4u/proxy.ts";
import { selfRequest } from "./s4u/self.ts";
import { userToUserKey } from "./s4u/user-to-user.ts";
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
  const ticketKey = userToUserKey(state, request, service.entry);
  const client = clientOf(state, request, shown, service);
  const grant = grantOf(state, request, client.parent, now);
  if (client.isForwardable === false) grant.flags = (grant.flags & ~TICKET_FLAG.forwardable) >>> 0;
  const pacOptions = knownPacOptions(request);
  if (service.entry.options.isTrustedForDelegation === true) grant.flags |= TICKET_FLAG.okAsDelegate;
  const transited = transitedOf(state, shown);
  // Every realm of a test is trusted on the way to every other.
  if ((kdcOptions & KDC_OPTION.disableTransitedCheck) === 0) grant.flags |= TICKET_FLAG.transitedPolicyChecked;
  const mayReplaceAddresses = (kdcOptions & (KDC_OPTION.forwarded | KDC_OPTION.proxy)) !== 0;
  return draftReply(state, {
    exchange: "tgs",
    request,
    requestOctets,
    padata: [...client.padata],
    crealm: client.crealm,
    cname: client.cname,
    service,
    grant,
    transited,
    caddr: mayReplaceAddresses ? reqBody.addresses : ticket.caddr,
    authorizationData: authorizationDataOf(request, shown),
    pac: client.pac,
    ticketKey,
    ...(pacOptions === undefined ? {} : { encryptedPaData: [pacOptions] }),
    replyKey: subkey ?? sessionKey,
    replyUsage: subkey === undefined ? KEY_USAGE.tgsRepEncPartSessionKey : KEY_USAGE.tgsRepEncPartSubkey,
    clientKeys: [],
    sessionKey,
    shownRealm: shown.ticketRealm,
    fast,
  });
}

/** Whose ticket it will be, and what the flags and times are taken from. */
interface Client {
  readonly crealm: string;
  readonly cname: PrincipalName;
  readonly parent: Shown["ticket"];
  readonly padata: readonly PaData[];
  readonly pac: readonly PacBuffer[] | undefined;
  /** Whether a ticket of S4U2Self may be forwardable; undefined: it is not one. */
  readonly isForwardable?: boolean;
}

/** The client of the ticket shown, or the user whom a service asks about or acts for (MS-SFU). */
function clientOf(state: KdcState, request: KdcReq, shown: Shown, service: Found): Client {
  const { ticket } = shown;
  const self = selfRequest(state, request, shown);
  if (self !== undefined) {
    const { entry, name } = self.user;
    const pac = buffersOf(state, entry, name, ticket.authtime);
    const isForwardable =
      service.entry.options.isTrustedToAuthenticate === true && entry.options.isNotDelegated !== true;
    return { crealm: state.realm, cname: name, parent: ticket, padata: self.padata, pac, isForwardable };
  }
  const proxy = proxyRequest(state, request, shown, service.entry);
  if (proxy === undefined) {
    const { crealm, cname } = ticket;
    return { crealm, cname, parent: ticket, padata: [], pac: pacOf(ticket.authorizationData) };
  }
  const { evidence } = proxy;
  const before = pacOf(evidence.authorizationData);
  const info = delegationInfo(formatComponents(service.name.nameString), [`${proxy.service}@${state.realm}`]);
  const pac = before && [...before, { type: DELEGATION_INFO, data: info }];
  const { crealm, cname } = evidence;
  // The ticket is as good as the service's own, and of the user's login (MS-SFU section 3.2.5.2.3).
  return { crealm, cname, parent: { ...ticket, authtime: evidence.authtime }, padata: [], pac };
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
  const inherited = withoutPac(shown.ticket.authorizationData ?? []);
  const { encAuthorizationData } = reqBody;
  if (encAuthorizationData === undefined) return inherited.length === 0 ? undefined : inherited;
  const key = shown.subkey ?? shown.sessionKey;
  const usage = shown.subkey === undefined ? KEY_USAGE.tgsReqAuthDataSessionKey : KEY_USAGE.tgsReqAuthDataSubkey;
  const added = opened("the authorization data", () =>
    decodeAuthorizationData(key.usage(usage).decrypt(cipherOf(encAuthorizationData, key))),
  );
  return [...withoutPac(added), ...inherited];
}
