import { KEY_USAGE, KRB_ERROR, PADATA, TICKET_FLAG } from "../../iana/index.ts";
import { encodeEtypeInfo2, encodeMethodData, type KdcReq } from "../../krb5/index.ts";
import type { Entry } from "./entry.ts";
import { etypeInfo2 } from "./etype-info2.ts";
import { refuse } from "./failure.ts";
import type { FastDraft } from "./fast/draft.ts";
import { anonymousName, anonymousRealm } from "./fast/reply.ts";
import { grantInitial } from "./grant.ts";
import { findClient, findInitialService } from "./lookup.ts";
import { buffersOf } from "./pac/buffers.ts";
import { pacRequestOf } from "./pac/elements.ts";
import { isPasswordService } from "./password-service.ts";
import { loginOf, mustProve, verifyPreauth } from "./preauth.ts";
import { draftReply, type ReplyDraft } from "./reply.ts";
import { type KdcState, wholeSecond } from "./state.ts";

/** Answers an AS-REQ (RFC 4120 section 3.1.3); throws KdcFailure. */
export function answerAsReq(
  state: KdcState,
  request: KdcReq,
  requestOctets: Uint8Array,
  fast: FastDraft | undefined,
): ReplyDraft {
  const { reqBody } = request;
  if (reqBody.realm !== state.realm) {
    refuse(KRB_ERROR.KDC_ERR_C_PRINCIPAL_UNKNOWN, `this is the KDC of ${state.realm}, not of ${reqBody.realm}`);
  }
  if (reqBody.cname === undefined) refuse(KRB_ERROR.KDC_ERR_C_PRINCIPAL_UNKNOWN, "the request names no client");
  const client = findClient(state, reqBody.cname, reqBody.kdcOptions);
  const now = wholeSecond(state.now());
  const service = findInitialService(state, reqBody.sname);
  checkClient(state, client.entry, service.entry, now);
  checkService(service.entry, now);
  const { policy } = state;
  const login = loginOf(state, client.entry, request, requestOctets, fast);
  const { keys } = login;
  if (keys.length === 0) {
    refuse(KRB_ERROR.KDC_ERR_ETYPE_NOSUPP, "the client has no key of a requested encryption type");
  }
  const proven = verifyPreauth(login);
  if (proven === undefined && mustProve(login)) {
    refuse(KRB_ERROR.KDC_ERR_PREAUTH_REQUIRED, "pre-authentication is required", {
      eData: encodeMethodData(login.offers()),
    });
  }
  const grant = grantInitial(policy, reqBody, now);
  if (proven !== undefined) grant.flags |= TICKET_FLAG.preAuthent;
  const isAnonymous = proven?.isAnonymous === true;
  if (isAnonymous) grant.flags |= TICKET_FLAG.anonymous;
  if (service.entry.options.isTrustedForDelegation === true) grant.flags |= TICKET_FLAG.okAsDelegate;
  // The first of the client's enctypes, whatever key the proof was made with (RFC 4120 section 3.1.3).
  const key = keys[0] as (typeof keys)[number];
  const { replyKey = key.key, replyKvno = proven?.replyKey === undefined ? key.kvno : undefined } = proven ?? {};
  const includePac = pacRequestOf(request);
  const pac =
    includePac === false ? undefined : buffersOf(state, client.entry, client.name, grant.authTime, includePac === true);
  const { expires, passwordExpires } = client.entry.options;
  const expirations = [expires, passwordExpires].filter((date) => date !== undefined).map(Number);
  return draftReply(state, {
    exchange: "as",
    request,
    requestOctets,
    // The salt of the key that the reply is under, for a client that has not asked (RFC 4120 section 5.2.7.5).
    padata: [
      { padataType: PADATA.etypeInfo2, padataValue: encodeEtypeInfo2(etypeInfo2([key])) },
      ...(proven?.padata ?? []),
    ],
    crealm: isAnonymous ? anonymousRealm : state.realm,
    cname: isAnonymous ? anonymousName : client.name,
    service,
    grant,
    transited: "",
    caddr: reqBody.addresses,
    authorizationData: undefined,
    pac,
    keyExpiration: expirations.length === 0 ? undefined : wholeSecond(new Date(Math.min(...expirations))),
    replyKey,
    replyUsage: KEY_USAGE.asRepEncPart,
    replyKvno,
    clientKeys: client.entry.keys,
    sessionKey: undefined,
    shownRealm: undefined,
    makeSessionKey: proven?.sessionKey,
    fast,
  });
}

function checkClient({ policy }: KdcState, { options, failures }: Entry, service: Entry, now: Date): void {
  if (options.expires !== undefined && options.expires <= now) {
    refuse(KRB_ERROR.KDC_ERR_NAME_EXP, "the client's entry has expired");
  }
  if (options.isLocked === true || (policy.maxFailures > 0 && failures >= policy.maxFailures)) {
    refuse(KRB_ERROR.KDC_ERR_CLIENT_REVOKED, "the client is locked");
  }
  // Who has to change a password needs a ticket for the service that changes it (RFC 3244): without it, Heimdal's
  // kinit asks forever.
  if (options.passwordExpires !== undefined && options.passwordExpires <= now && !isPasswordService(service)) {
    refuse(KRB_ERROR.KDC_ERR_KEY_EXPIRED, "the client's password has expired");
  }
}

/** What both exchanges check of a service. */
export function checkService({ options }: Entry, now: Date): void {
  if (options.expires !== undefined && options.expires <= now) {
    refuse(KRB_ERROR.KDC_ERR_SERVICE_EXP, "the service's entry has expired");
  }
  if (options.isLocked === true) refuse(KRB_ERROR.KDC_ERR_SERVICE_REVOKED, "the service is locked");
  if (options.allowTickets === false) refuse(KRB_ERROR.KDC_ERR_POLICY, "the policy gives no tickets for this service");
}
