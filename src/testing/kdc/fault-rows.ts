import { strongEncTypes } from "../../crypto/index.ts";
import { KRB_ERROR, NAME_TYPE, PADATA, registeredEnctype, TICKET_FLAG } from "../../iana/index.ts";
import {
  type Checksum,
  decodeChecksum,
  decodeEtypeInfo2,
  decodeMethodData,
  type EtypeInfo2Entry,
  encodeEtypeInfo2,
  encodeMethodData,
  type KdcReq,
  type PaData,
  type PrincipalName,
} from "../../krb5/index.ts";
import { fastOf, type Outcome, type Received } from "./answer.ts";
import { serviceKey } from "./database.ts";
import type { Delivery } from "./delivery.ts";
import type { KrbErrorDraft } from "./drafts.ts";
import type { FastDraft } from "./fast/draft.ts";
import type { PacDraft } from "./pac/sign.ts";
import type { ReplyDraft } from "./reply.ts";
import type { KdcState } from "./state.ts";

/** An enctype that no client here permits. */
export const RC4_ETYPE: number = registeredEnctype("arcfour-hmac").etype;

/** What a fault does, to what is decided or to how it is delivered. */
export interface FaultRow<F = never> {
  /** It changes hints on pre-authentication, which are in errors too. */
  readonly isHint?: boolean;
  /** Changes what was decided; undefined: there is nothing to change here. */
  readonly decide?: (outcome: Outcome, fault: F, state: KdcState, received: Received) => Outcome | undefined;
  /** Changes the octets of the answer. */
  readonly alter?: (octets: Uint8Array) => Uint8Array;
  /** Changes how they are sent. */
  readonly deliver?: (fault: F) => Partial<Delivery>;
}

/** One thing in a reply with a ticket. */
export function changeReply<F>(change: (draft: ReplyDraft, fault: F) => unknown): FaultRow<F> {
  return {
    decide(outcome, fault) {
      if (outcome.type !== "reply") return undefined;
      change(outcome.draft, fault);
      return outcome;
    },
  };
}

/** The PAC of a ticket that has one, before or after it is signed. */
export function changePac<F>(change: (pac: PacDraft, ticket: ReplyDraft["ticket"]) => void): FaultRow<F> {
  return {
    decide(outcome) {
      if (outcome.type !== "reply" || outcome.draft.ticket.pac === undefined) return undefined;
      change(outcome.draft.ticket.pac, outcome.draft.ticket);
      return outcome;
    },
  };
}

/** A KRB-ERROR in place of whatever was decided. */
export function instead<F>(
  make: (
    fault: F,
    state: KdcState,
    request: KdcReq | undefined,
    fast: FastDraft | undefined,
    octets: Uint8Array,
  ) => KrbErrorDraft | undefined,
): FaultRow<F> {
  return {
    decide(outcome, fault, state, { request, octets }) {
      const fast = fastOf(outcome);
      const draft = make(fault, state, request, fast, octets);
      return draft === undefined ? undefined : { type: "error", draft, fast };
    },
  };
}

/** One of the hints on pre-authentication, in the error that asks for it and in an AS-REP; undefined takes it out. */
export function replaceHint<F>(
  type: number,
  change: (data: PaData, fault: F) => Partial<PaData> | undefined,
): FaultRow<F> {
  const changed = (list: readonly PaData[], fault: F): PaData[] =>
    list.flatMap((data) => {
      if (data.padataType !== type) return data;
      const other = change(data, fault);
      return other === undefined ? [] : { ...data, ...other };
    });
  return {
    isHint: true,
    decide(outcome, fault) {
      if (outcome.type === "reply") {
        const { draft } = outcome;
        if (!draft.padata.some(({ padataType }) => padataType === type)) return undefined;
        draft.padata = changed(draft.padata, fault);
        return outcome;
      }
      const { errorCode, eData } = outcome.draft;
      const hasHints =
        errorCode === KRB_ERROR.KDC_ERR_PREAUTH_REQUIRED || errorCode === KRB_ERROR.KDC_ERR_PREAUTH_FAILED;
      if (!hasHints || eData === undefined) return undefined;
      outcome.draft.eData = encodeMethodData(changed(decodeMethodData(eData), fault));
      return outcome;
    },
  };
}

/** PA-ETYPE-INFO2 as a whole. */
export function replaceInfo2<F>(
  change: (entries: readonly EtypeInfo2Entry[], fault: F) => Partial<PaData> | undefined,
): FaultRow<F> {
  return replaceHint(PADATA.etypeInfo2, ({ padataValue }, fault) => change(decodeEtypeInfo2(padataValue), fault));
}

/** Every entry of PA-ETYPE-INFO2. `usual` is the enctype's default number of iterations. */
export function changeEntries<F>(change: (fault: F, usual: number) => Partial<EtypeInfo2Entry>): FaultRow<F> {
  return replaceInfo2((entries, fault) => ({
    padataValue: encodeEtypeInfo2(
      entries.map((entry) => {
        const type = strongEncTypes.find(({ etype }) => etype === entry.etype);
        return { ...entry, ...change(fault, type?.defaultIterations ?? 4096) };
      }),
    ),
  }));
}

/** The value of PA-REQ-ENC-PA-REP in the encrypted part. */
export function changeChecksum<F>(change: (was: Checksum, draft: ReplyDraft) => Uint8Array): FaultRow<F> {
  return changeReply((draft) => {
    draft.part.encryptedPaData = draft.part.encryptedPaData?.map((data) =>
      data.padataType === PADATA.reqEncPaRep
        ? { ...data, padataValue: change(decodeChecksum(data.padataValue), draft) }
        : data,
    );
  });
}

/** The octets of the answer. */
export function changeOctets<F>(
  alter: (octets: Uint8Array) => Uint8Array,
): FaultRow<F> & { readonly alter: (octets: Uint8Array) => Uint8Array } {
  return { alter };
}

/** How the answer is sent. */
export function deliverAs<F>(deliver: (fault: F) => Partial<Delivery>): FaultRow<F> {
  return { deliver };
}

/** `pvno [0]` or `msg-type [1]` of an encoded reply: the encoder would refuse another value. */
export function patchHeader<F>(
  field: "pvno" | "msgType",
  change: (value: number) => number,
): FaultRow<F> & { readonly alter: (octets: Uint8Array) => Uint8Array } {
  return changeOctets((all) => {
    const patched = all.slice();
    // APPLICATION tag and SEQUENCE with their lengths, then a0 03 02 01 05, a1 03 02 01 <msg-type>.
    let at = 0;
    for (let i = 0; i < 2; i++) at += 2 + ((patched[at + 1] ?? 0) > 0x80 ? (patched[at + 1] as number) - 0x80 : 0);
    at += field === "pvno" ? 4 : 9;
    patched[at] = change(patched[at] ?? 0);
    return patched;
  });
}

/** What another service would have. */
export const otherService: { readonly sname: PrincipalName } = {
  sname: { nameType: NAME_TYPE.srvHst, nameString: ["host", "other.example"] },
};

/** The octets with bits of one of them changed. */
export function flip(all: Uint8Array, at: number, bits: number): Uint8Array {
  return all.map((octet, i) => (i === at ? octet ^ bits : octet));
}

/** Sets flags in the ticket and in what the client sees of it. */
export function addFlags(draft: ReplyDraft, flags: number): void {
  for (const part of [draft.part, draft.ticket.part]) part.flags = (part.flags | flags) >>> 0;
}

/** Neither the flag nor the checksum of RFC 6806 section 11. */
export function clearEncPaRep(draft: ReplyDraft): void {
  for (const part of [draft.part, draft.ticket.part]) part.flags = (part.flags & ~TICKET_FLAG.encPaRep) >>> 0;
  draft.part.encryptedPaData = undefined;
}

/** Moves times of the ticket and of what the client sees of it. */
export function shiftTimes(
  draft: ReplyDraft,
  seconds: number,
  fields: readonly ("authtime" | "starttime" | "endtime")[],
): void {
  for (const part of [draft.part, draft.ticket.part]) {
    for (const field of fields) part[field] = shift(part[field] ?? part.authtime, seconds);
  }
}

export function shift(time: Date, seconds: number): Date {
  return new Date(time.getTime() + seconds * 1000);
}

export function addHour(time: Date): Date {
  return shift(time, 3600);
}

/** Makes the ticket renewable until a time. */
export function addRenewTill(draft: ReplyDraft, time: Date): void {
  addFlags(draft, TICKET_FLAG.renewable);
  for (const part of [draft.part, draft.ticket.part]) part.renewTill = time;
}

/** Another client, in the ticket too. */
export function setClient(draft: ReplyDraft, cname: PrincipalName): void {
  draft.cname = cname;
  draft.ticket.part.cname = cname;
}

/** Another session key, in the ticket too. */
export function setSessionKey(draft: ReplyDraft, keytype: number, keyvalue: Uint8Array): void {
  for (const part of [draft.part, draft.ticket.part]) part.key = { keytype, keyvalue };
}

/** Makes the reply one for another service: a TGT that does not answer the request, or a misleading one. */
export function refer({ state, ticket, part }: ReplyDraft, ...components: readonly string[]): void {
  const trust = components.length === 2 ? state.trusts.get(components[1] as string) : undefined;
  ticket.key = serviceKey(trust?.outgoing ?? state.database.get(`krbtgt/${state.realm}`)) ?? ticket.key;
  ticket.sname = { nameType: NAME_TYPE.srvInst, nameString: components };
  part.sname = ticket.sname;
}

/** A realm to refer to: the first that trusts this one, if any does. */
export function neighbour({ state }: ReplyDraft): string {
  return [...state.trusts.keys()][0] ?? "OTHER.EXAMPLE";
}

/** A key of the client that its request did not ask for; if it has none, the number of RC4 all the same. */
export function unaskedKey(draft: ReplyDraft): Pick<ReplyDraft, "replyKey" | "replyEtype"> {
  const unasked = draft.clientKeys.find(({ etype }) => !draft.request.reqBody.etype.includes(etype));
  return { replyKey: unasked?.key ?? draft.replyKey, replyEtype: unasked?.etype ?? RC4_ETYPE };
}

/** One of the etypes that were asked for, but not that of the reply key. */
export function otherEtype({ replyEtype, request }: ReplyDraft): number {
  return request.reqBody.etype.find((one) => one !== replyEtype) ?? RC4_ETYPE;
}

/** CRC-32 as RFC 3961 section 6.1.3 has it, least significant octet first: an unkeyed checksum. */
export function crc32(all: Uint8Array): Uint8Array {
  let remainder = 0;
  for (const octet of all) {
    remainder ^= octet;
    for (let i = 0; i < 8; i++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0xedb88320 : 0);
  }
  const result = new Uint8Array(4);
  new DataView(result.buffer).setInt32(0, remainder, true);
  return result;
}
