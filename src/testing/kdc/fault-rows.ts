import { strongEncTypes } from "../../crypto/index.ts";
import { ENCTYPE, KRB_ERROR, NAME_TYPE, PADATA, TICKET_FLAG } from "../../iana/index.ts";
import {
  decodeChecksum,
  decodeEtypeInfo2,
  decodeMethodData,
  type EtypeInfo2Entry,
  encodeEtypeInfo2,
  encodeMethodData,
  type KdcReq,
  type PaData,
} from "../../krb5/index.ts";
import type { Outcome, Received } from "./answer.ts";
import { serviceKey } from "./database.ts";
import type { Delivery } from "./delivery.ts";
import type { KrbErrorDraft } from "./drafts.ts";
import type { ReplyDraft } from "./reply.ts";
import type { KdcState } from "./state.ts";

/** What a fault does, to what is decided or to how it is delivered. */
export interface FaultRow<F = never> {
  /** Pre-authentication hints are in errors too. */
  readonly isHint?: boolean;
  /** Changes what was decided; undefined: there is nothing to change here. */
  readonly decide?: (outcome: Outcome, fault: F, state: KdcState, received: Received) => Outcome | undefined;
  /** Changes the octets of the answer. */
  readonly alter?: (octets: Uint8Array, fault: F) => Uint8Array;
  /** Changes how they are sent. */
  readonly deliver?: (delivery: Delivery, fault: F) => Delivery;
}

/** One thing in a reply with a ticket. */
export function reply<F>(change: (draft: ReplyDraft, fault: F) => void): FaultRow<F> {
  return {
    decide(outcome, fault) {
      if (outcome.type !== "reply") return undefined;
      change(outcome.draft, fault);
      return outcome;
    },
  };
}

/** A KRB-ERROR in place of whatever was decided. */
export function instead<F>(
  make: (fault: F, state: KdcState, request: KdcReq | undefined, outcome: Outcome) => KrbErrorDraft | undefined,
): FaultRow<F> {
  return {
    decide(outcome, fault, state, { request }) {
      const draft = make(fault, state, request, outcome);
      return draft === undefined ? undefined : { type: "error", draft };
    },
  };
}

/** The hints on pre-authentication, in the error that asks for it and in an AS-REP. */
export function hints<F>(
  change: (list: readonly PaData[], fault: F, entries: readonly EtypeInfo2Entry[]) => readonly PaData[],
): FaultRow<F> {
  const changed = (list: readonly PaData[], fault: F): PaData[] => {
    const info = list.find(({ padataType }) => padataType === PADATA.etypeInfo2);
    return [...change(list, fault, info === undefined ? [] : decodeEtypeInfo2(info.padataValue))];
  };
  return {
    isHint: true,
    decide(outcome, fault) {
      if (outcome.type === "reply") {
        if (outcome.draft.exchange !== "as") return undefined;
        outcome.draft.padata = changed(outcome.draft.padata, fault);
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

/** Every entry of PA-ETYPE-INFO2. */
export function changeEntries<F>(
  change: (entry: EtypeInfo2Entry, defaultIterations: number, fault: F) => EtypeInfo2Entry,
): FaultRow<F> {
  return hints((list, fault, entries) =>
    list.map((data) => {
      if (data.padataType !== PADATA.etypeInfo2) return data;
      const changed = entries.map((entry) => {
        const type = strongEncTypes.find(({ etype }) => etype === entry.etype);
        return change(entry, type?.defaultIterations ?? 4096, fault);
      });
      return { ...data, padataValue: encodeEtypeInfo2(changed) };
    }),
  );
}

/** The value of PA-REQ-ENC-PA-REP in the encrypted part. */
export function changeEncPaRep<F>(
  change: (checksum: ReturnType<typeof decodeChecksum>, draft: ReplyDraft) => Uint8Array,
): FaultRow<F> {
  return reply((draft) => {
    draft.part.encryptedPaData = draft.part.encryptedPaData?.map((data) =>
      data.padataType === PADATA.reqEncPaRep
        ? { ...data, padataValue: change(decodeChecksum(data.padataValue), draft) }
        : data,
    );
  });
}

/** The octets of the answer. */
export function octets<F>(alter: (octets: Uint8Array, fault: F) => Uint8Array): FaultRow<F> {
  return { alter };
}

/** How the answer is sent. */
export function delivery<F>(deliver: (delivery: Delivery, fault: F) => Delivery): FaultRow<F> {
  return { deliver };
}

/** `pvno [0]` or `msg-type [1]` of an encoded reply: the encoder would refuse another value. */
export function patchHeader<F>(field: "pvno" | "msgType", change: (value: number) => number): FaultRow<F> {
  return octets((all) => {
    const patched = all.slice();
    // APPLICATION tag and SEQUENCE with their lengths, then a0 03 02 01 05, a1 03 02 01 <msg-type>.
    let at = 0;
    for (let i = 0; i < 2; i++) at += 2 + ((patched[at + 1] ?? 0) > 0x80 ? (patched[at + 1] as number) - 0x80 : 0);
    at += field === "pvno" ? 4 : 9;
    patched[at] = change(patched[at] ?? 0);
    return patched;
  });
}

/** Sets flags in the ticket and in what the client sees of it. */
export function withFlags(draft: ReplyDraft, flags: number): void {
  draft.part.flags = (draft.part.flags | flags) >>> 0;
  draft.ticket.part.flags = (draft.ticket.part.flags | flags) >>> 0;
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

/** Makes the reply one for another service: a TGT that is no answer to what was asked, or a misleading one. */
export function refer(draft: ReplyDraft, components: readonly string[]): void {
  const { state, ticket } = draft;
  const name = { nameType: NAME_TYPE.srvInst, nameString: components };
  const trust = components.length === 2 ? state.trusts.get(components[1] as string) : undefined;
  const key = serviceKey(trust?.outgoing ?? state.database.get(`krbtgt/${state.realm}`));
  if (key !== undefined) ticket.key = key;
  draft.part.sname = name;
  ticket.sname = name;
  draft.part.flags = (draft.part.flags & ~TICKET_FLAG.okAsDelegate) >>> 0;
}

/** One of the etypes that were asked for, but not this one. */
export function otherEtype(etype: number, asked: readonly number[]): number {
  return asked.find((one) => one !== etype) ?? ENCTYPE.rc4Hmac;
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
