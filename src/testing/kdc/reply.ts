import type { ProtocolKey } from "../../crypto/index.ts";
import { KEY_USAGE, KRB_ERROR, MESSAGE_TYPE, PADATA } from "../../iana/index.ts";
import {
  encodeAsRep,
  encodeChecksum,
  encodeEncAsRepPart,
  encodeEncTgsRepPart,
  encodeEncTicketPart,
  encodeTgsRep,
  encodeTicket,
  type KdcReq,
  type PaData,
  type PrincipalName,
} from "../../krb5/index.ts";
import { serviceKey } from "./database.ts";
import type { EncKdcRepPartDraft, EncTicketPartDraft } from "./drafts.ts";
import type { Entry, StoredKey } from "./entry.ts";
import { refuse } from "./failure.ts";
import { type FastDraft, strengthen } from "./fast/draft.ts";
import { anonymousName, anonymousRealm, sealFastReply } from "./fast/reply.ts";
import type { Grant } from "./grant.ts";
import type { PacBuffer } from "./pac/buffers.ts";
import { draftPac } from "./pac/elements.ts";
import { type PacDraft, withPac } from "./pac/sign.ts";
import type { KdcState } from "./state.ts";

/**
 * An AS-REP or TGS-REP that is not sealed yet: a fault can change any one thing in it, and it is still under the right
 * key.
 */
export interface ReplyDraft {
  readonly state: KdcState;
  readonly exchange: "as" | "tgs";
  readonly request: KdcReq;
  readonly requestOctets: Uint8Array;
  padata: PaData[];
  crealm: string;
  cname: PrincipalName;
  ticket: { realm: string; sname: PrincipalName; part: EncTicketPartDraft; key: StoredKey; pac?: PacDraft | undefined };
  part: EncKdcRepPartDraft;
  partType: "EncASRepPart" | "EncTGSRepPart";
  replyKey: ProtocolKey;
  replyUsage: number;
  /** What EncryptedData says of the key: of an AS-REP, the version of the client's key too. */
  replyEtype: number;
  replyKvno: number | undefined;
  /** The client's keys, in an AS-REP. */
  readonly clientKeys: readonly StoredKey[];
  /** The session key of the ticket shown, in a TGS-REP. */
  readonly sessionKey: ProtocolKey | undefined;
  /** The realm that issued the ticket shown, in a TGS-REP. */
  readonly shownRealm: string | undefined;
  /** What is around it of FAST. */
  readonly fast: FastDraft | undefined;
}

/** What both exchanges tell {@link draftReply}. */
export interface Issue
  extends Pick<
    ReplyDraft,
    "exchange" | "request" | "requestOctets" | "clientKeys" | "sessionKey" | "shownRealm" | "padata" | "fast"
  > {
  readonly crealm: string;
  readonly cname: PrincipalName;
  readonly service: { readonly entry: Entry; readonly name: PrincipalName };
  readonly grant: Grant;
  readonly transited: string;
  readonly caddr: EncTicketPartDraft["caddr"];
  readonly authorizationData: EncTicketPartDraft["authorizationData"];
  /** What the PAC has; undefined: the ticket has none. */
  readonly pac?: readonly PacBuffer[] | undefined;
  /** The key that the ticket is sealed with. Default: the service's own. */
  readonly ticketKey?: StoredKey | undefined;
  /** More PA-DATA for the encrypted part. Default: none. */
  readonly encryptedPaData?: readonly PaData[];
  readonly keyExpiration?: Date | undefined;
  readonly replyKey: ProtocolKey;
  readonly replyUsage: number;
  readonly replyKvno?: number | undefined;
  /** Where a mechanism has a part in the session key. */
  readonly makeSessionKey?:
    | ((etype: number) => { readonly key: ProtocolKey; readonly padata: readonly PaData[] })
    | undefined;
}

/** Makes the ticket and the reply around it (RFC 4120 sections 3.1.3, 3.3.3, 5.3 and 5.4.2). */
export function draftReply(state: KdcState, issue: Issue): ReplyDraft {
  const { request, grant, service } = issue;
  const key = issue.ticketKey ?? serviceKey(service.entry);
  if (key === undefined) return refuse(KRB_ERROR.KDC_ERR_NULL_KEY, "the service has no key");
  const etype = sessionEtype(state, request.reqBody.etype, service.entry);
  const { key: session, padata: ofSession } = issue.makeSessionKey?.(etype) ?? {
    key: state.encTypes.generateKey(etype),
    padata: [],
  };
  const encryptionKey = { keytype: session.encType.etype, keyvalue: session.octets };
  const times = {
    flags: grant.flags,
    authtime: grant.authTime,
    starttime: grant.startTime,
    endtime: grant.endTime,
    renewTill: grant.renewTill,
    caddr: issue.caddr,
  };
  const { crealm, cname, authorizationData, fast } = issue;
  const replyKey = fast === undefined ? issue.replyKey : strengthen(state, fast, issue.replyKey);
  const { name: sname } = service;
  const draft: ReplyDraft = {
    state,
    exchange: issue.exchange,
    request,
    requestOctets: issue.requestOctets,
    padata: [...issue.padata, ...ofSession],
    crealm,
    cname,
    ticket: {
      realm: state.realm,
      sname,
      key,
      pac: draftPac(state, sname.nameString, issue.pac),
      part: {
        ...times,
        key: encryptionKey,
        crealm,
        cname,
        transited: { trType: 1, contents: new TextEncoder().encode(issue.transited) },
        authorizationData,
      },
    },
    part: {
      ...times,
      key: encryptionKey,
      lastReq: [{ lrType: 0, lrValue: grant.authTime }],
      nonce: request.reqBody.nonce,
      keyExpiration: issue.keyExpiration,
      srealm: state.realm,
      sname,
    },
    partType: issue.exchange === "as" ? "EncASRepPart" : "EncTGSRepPart",
    replyKey,
    replyUsage: issue.replyUsage,
    replyEtype: issue.replyKey.encType.etype,
    replyKvno: issue.replyKvno,
    clientKeys: issue.clientKeys,
    sessionKey: issue.sessionKey,
    shownRealm: issue.shownRealm,
    fast,
  };
  const encryptedPaData = [...(encPaRep(draft) ?? []), ...(issue.encryptedPaData ?? [])];
  if (encryptedPaData.length > 0) draft.part.encryptedPaData = encryptedPaData;
  return draft;
}

/** The ticket of a draft, sealed with the service's key: its DER octets. */
export function sealTicket({ realm, sname, part, key, pac }: ReplyDraft["ticket"]): Uint8Array {
  const plaintext = encodeEncTicketPart(pac === undefined ? part : withPac(part, pac, key.key));
  const cipher = key.key.usage(KEY_USAGE.ticket).encrypt(plaintext);
  plaintext.fill(0);
  return encodeTicket({
    tktVno: 5,
    realm,
    sname,
    encPart: { etype: key.etype, ...(key.kvno === 0 ? {} : { kvno: key.kvno }), cipher },
  });
}

/** Seals a draft. */
export function encodeReply(draft: ReplyDraft): Uint8Array {
  const plaintext =
    draft.partType === "EncASRepPart" ? encodeEncAsRepPart(draft.part) : encodeEncTgsRepPart(draft.part);
  const cipher = draft.replyKey.usage(draft.replyUsage).encrypt(plaintext);
  plaintext.fill(0);
  const ticket = sealTicket(draft.ticket);
  const { padata, ...names } = outside(draft, ticket);
  const message = {
    pvno: 5,
    msgType: draft.exchange === "as" ? MESSAGE_TYPE.asRep : MESSAGE_TYPE.tgsRep,
    padata: padata.length === 0 ? undefined : padata,
    ...names,
    ticket: { octets: ticket },
    encPart: { etype: draft.replyEtype, kvno: draft.replyKvno, cipher },
  };
  return draft.exchange === "as" ? encodeAsRep(message) : encodeTgsRep(message);
}

/** What of a reply anybody can read; FAST moves the padata inside (RFC 6113 section 5.4.3). */
function outside(
  { state, fast, padata, crealm, cname }: ReplyDraft,
  ticket: Uint8Array,
): Pick<ReplyDraft, "padata" | "crealm" | "cname"> {
  if (fast === undefined || fast.isStripped) return { padata, crealm, cname };
  const inside = sealFastReply(fast, { padata, ticket, crealm, cname, now: state.now() });
  const names = fast.hidesNames ? { crealm: anonymousRealm, cname: anonymousName } : { crealm, cname };
  return { ...names, ...fast.outerNames, padata: [inside] };
}

/**
 * The session key's enctype (RFC 4120 section 3.1.3): the first of the client's that this realm permits and the service
 * has a key of.
 */
function sessionEtype({ encTypes }: KdcState, wanted: readonly number[], service: Entry): number {
  const etype = wanted.find((one) => encTypes.has(one) && service.keys.some((key) => key.etype === one));
  return (
    etype ??
    refuse(KRB_ERROR.KDC_ERR_ETYPE_NOSUPP, "no requested encryption type is permitted and known to the service")
  );
}

/**
 * The checksum over the request, exactly as it came, under the reply key (RFC 6806 section 11). Nothing is sent to a
 * client that asked for neither this nor canonicalization.
 */
function encPaRep({ state, exchange, request, requestOctets, replyKey }: ReplyDraft): PaData[] | undefined {
  const isAsked = request.padata?.some(({ padataType }) => padataType === PADATA.reqEncPaRep) ?? false;
  if (!isAsked) return undefined;
  const checksum = {
    cksumtype: replyKey.encType.checksumType,
    checksum: replyKey.usage(KEY_USAGE.asReqChecksum).checksum(requestOctets),
  };
  const proof = { padataType: PADATA.reqEncPaRep, padataValue: encodeChecksum(checksum) };
  // It is here that a client can believe it (RFC 6113 section 5.4.2).
  const hasFast = exchange === "as" && state.policy.preauth.includes("fast");
  return hasFast ? [proof, { padataType: PADATA.fxFast, padataValue: new Uint8Array(0) }] : [proof];
}
