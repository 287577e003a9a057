import { CHECKSUM, ENCTYPE, KRB_ERROR, NAME_TYPE, PADATA, TICKET_FLAG } from "../../iana/index.ts";
import { encodeChecksum, encodeEtypeInfo, encodeEtypeInfo2, encodeMethodData } from "../../krb5/index.ts";
import { draftError } from "./answer.ts";
import { encodeIterations } from "./database.ts";
import { KdcFailure } from "./failure.ts";
import {
  changeEncPaRep,
  changeEntries,
  crc32,
  delivery,
  type FaultRow,
  hints,
  instead,
  octets,
  otherEtype,
  patchHeader,
  refer,
  reply,
  shift,
  shiftTimes,
  withFlags,
} from "./fault-rows.ts";
import { offers, replyKeys } from "./preauth.ts";

/** Which answers a fault is for; default `"any"`. */
export interface FaultTarget {
  /**
   * `"as-rep"` and `"tgs-rep"`: replies with a ticket (and, for faults of pre-authentication hints, the error that asks
   * for it); `"as-req"` and `"tgs-req"`: whatever answers that request; `"error"`: every KRB-ERROR.
   */
  readonly on?: "as-rep" | "tgs-rep" | "as-req" | "tgs-req" | "error" | "any";
  /** How often; default: until it is cleared. */
  readonly count?: number;
}

/** Faults that need nothing but their name; what each does is said in its row of the table in this file. */
export type PlainFaultName =
  | "wrong-application-tag"
  | "wrong-msg-type"
  | "swapped-reply"
  | "wrong-pvno"
  | "kerberos-4"
  | "enc-tgs-rep-part"
  | "etype-downgrade"
  | "enc-part-etype"
  | "wrong-usage"
  | "wrong-key"
  | "session-key-reply"
  | "changed-octet"
  | "wrong-nonce"
  | "other-server-name"
  | "other-server-realm"
  | "ticket-name-mismatch"
  | "ticket-realm-mismatch"
  | "enc-part-name-mismatch"
  | "other-client-name"
  | "other-client-realm"
  | "anonymous-client"
  | "stale-time"
  | "future-time"
  | "already-ended"
  | "endtime-too-late"
  | "renew-till-too-late"
  | "renewable-unasked"
  | "extra-flags"
  | "invalid-ticket"
  | "ok-as-delegate"
  | "unasked-addresses"
  | "unasked-session-etype"
  | "session-key-length"
  | "session-key-empty"
  | "enc-pa-rep-missing"
  | "enc-pa-rep-wrong"
  | "enc-pa-rep-unkeyed"
  | "enc-pa-rep-type"
  | "enc-pa-rep-other-request"
  | "enc-pa-rep-flag-missing"
  | "enc-pa-rep-undecodable"
  | "low-iterations"
  | "zero-iterations"
  | "huge-iterations"
  | "s2kparams-length"
  | "other-salt"
  | "pa-etype-info2-undecodable"
  | "pa-etype-info2-empty"
  | "pa-etype-info2-missing"
  | "pa-etype-info2-unasked"
  | "pa-etype-info2-weak-first"
  | "pa-etype-info2-many"
  | "pa-etype-info-only"
  | "pa-pw-salt-only"
  | "pa-afs3-salt-only"
  | "encrypted-timestamp-missing"
  | "cookie-missing"
  | "cookie-huge"
  | "method-data-undecodable"
  | "preauth-required"
  | "referral-loop"
  | "referral-to-self"
  | "referral-other-issuer"
  | "referral-one-component"
  | "referral-three-components"
  | "referral-not-krbtgt"
  | "truncated"
  | "garbage"
  | "empty"
  | "trailing-octets"
  | "silence"
  | "drop"
  | "half-message"
  | "dribble";

/** One thing that the KDC does wrong, everything else right and under the right key. */
export type Fault = FaultTarget &
  (
    | { readonly name: PlainFaultName }
    /** A KRB-ERROR in place of the answer; `seconds` shifts its time. */
    | {
        readonly name: "krb-error";
        readonly code: number;
        readonly text?: string;
        readonly eData?: Uint8Array;
        readonly seconds?: number;
      }
    /** KDC_ERR_WRONG_REALM that names a realm. */
    | { readonly name: "wrong-realm"; readonly realm: string }
    /** A TGT for a realm in place of the ticket; under the shared key, if there is one. */
    | { readonly name: "referral"; readonly realm: string }
    /** PBKDF2 rounds in ETYPE-INFO2. */
    | { readonly name: "iterations"; readonly iterations: number }
    /** The answer comes late. */
    | { readonly name: "slow"; readonly ms: number }
    /** Another length word before the answer on TCP. */
    | { readonly name: "length-word"; readonly value: number }
  );

/** The name of a fault. */
export type FaultName = Fault["name"];

/** Parameters of a fault, by its name. */
type Named<N extends FaultName> = Fault & { readonly name: N };

/**
 * What each fault does: one row a fault. The letters are the rules of SECURITY.md that a client needs to see through it.
 * Names that are not given are those of replies to either exchange.
 */
export const faultRows: { readonly [N in FaultName]: FaultRow<Named<N>> } = {
  // A1, A2, T1: what message it is
  "wrong-application-tag": octets((all) => Uint8Array.of((all[0] ?? 0) ^ 0x06, ...all.subarray(1))), // 6b <-> 6d
  "wrong-msg-type": patchHeader("msgType", (value) => value ^ 0x06),
  "swapped-reply": octets((all, fault) =>
    faultRows["wrong-application-tag"].alter!(faultRows["wrong-msg-type"].alter!(all, fault as never), fault as never),
  ),
  "wrong-pvno": patchHeader("pvno", () => 4),
  "kerberos-4": octets(() => Uint8Array.of(4, 10 << 1, ...new Uint8Array(62))),
  // A3, A4, A5, T2: the key of the reply
  "etype-downgrade": reply((draft) => {
    const key = draft.clientKeys.find(({ etype }) => !draft.request.reqBody.etype.includes(etype));
    if (key !== undefined) draft.replyKey = key.key;
    draft.replyEtype = key?.etype ?? ENCTYPE.rc4Hmac;
  }),
  "enc-part-etype": reply((draft) => {
    draft.replyEtype = otherEtype(draft.replyEtype, draft.request.reqBody.etype);
  }),
  "wrong-usage": reply((draft) => {
    draft.replyUsage = draft.replyUsage === 8 ? 9 : 8;
  }),
  "wrong-key": reply((draft) => {
    draft.replyKey = draft.state.allEncTypes.generateKey(draft.replyEtype);
  }),
  "session-key-reply": reply((draft) => {
    if (draft.sessionKey !== undefined) {
      draft.replyKey = draft.sessionKey;
      draft.replyEtype = draft.sessionKey.encType.etype;
      draft.replyUsage = 8;
    }
  }),
  "enc-tgs-rep-part": reply((draft) => {
    draft.partType = "EncTGSRepPart";
  }), // no fault, but an old KDC's habit (A5)
  "changed-octet": octets((all) => Uint8Array.of(...all.subarray(0, -1), (all.at(-1) ?? 0) ^ 1)),
  // A6, T6: the nonce
  "wrong-nonce": reply((draft) => {
    draft.part.nonce = (draft.part.nonce + 1) % 0x80000000;
  }),
  // A7, T4, T5: the service; in the first two the whole reply agrees on another name
  "other-server-name": reply((draft) => {
    draft.part.sname = draft.ticket.sname = { nameType: NAME_TYPE.srvInst, nameString: ["host", "other.example"] };
  }),
  "other-server-realm": reply((draft) => {
    draft.part.srealm = draft.ticket.realm = "OTHER.EXAMPLE";
  }),
  "ticket-name-mismatch": reply((draft) => {
    draft.ticket.sname = { nameType: NAME_TYPE.srvInst, nameString: ["host", "other.example"] };
  }),
  "ticket-realm-mismatch": reply((draft) => {
    draft.ticket.realm = "OTHER.EXAMPLE";
  }),
  "enc-part-name-mismatch": reply((draft) => {
    draft.part.sname = { nameType: NAME_TYPE.srvInst, nameString: ["host", "other.example"] };
  }),
  // A8, A9, T3: the client
  "other-client-name": reply((draft) => {
    draft.cname = { nameType: NAME_TYPE.principal, nameString: ["mallory"] };
  }),
  "other-client-realm": reply((draft) => {
    draft.crealm = "OTHER.EXAMPLE";
  }),
  "anonymous-client": reply((draft) => {
    draft.crealm = "WELLKNOWN:ANONYMOUS";
    draft.cname = { nameType: NAME_TYPE.wellKnown, nameString: ["WELLKNOWN", "ANONYMOUS"] };
    withFlags(draft, TICKET_FLAG.anonymous);
  }),
  // A10, A11, T6: times
  "stale-time": reply((draft) => shiftTimes(draft, -3600, ["authtime", "starttime"])),
  "future-time": reply((draft) => shiftTimes(draft, 3600, ["authtime", "starttime"])),
  "already-ended": reply((draft) => shiftTimes(draft, -7 * 86_400, ["starttime", "endtime"])),
  "endtime-too-late": reply((draft) => {
    draft.part.endtime = draft.ticket.part.endtime = shift(draft.request.reqBody.till, 86_400);
  }),
  "renew-till-too-late": reply((draft) => {
    withFlags(draft, TICKET_FLAG.renewable);
    draft.part.renewTill = draft.ticket.part.renewTill = shift(
      draft.request.reqBody.rtime ?? draft.request.reqBody.till,
      86_400,
    );
  }),
  "renewable-unasked": reply((draft) => {
    withFlags(draft, TICKET_FLAG.renewable);
    draft.part.renewTill = draft.ticket.part.renewTill = shift(draft.part.endtime, 3600);
  }),
  // A16, A17, T7: flags, addresses, the session key
  "extra-flags": reply((draft) =>
    withFlags(draft, TICKET_FLAG.forwardable | TICKET_FLAG.proxiable | TICKET_FLAG.mayPostdate),
  ),
  "invalid-ticket": reply((draft) => withFlags(draft, TICKET_FLAG.invalid | TICKET_FLAG.postdated)),
  "ok-as-delegate": reply((draft) => withFlags(draft, TICKET_FLAG.okAsDelegate)),
  "unasked-addresses": reply((draft) => {
    draft.part.caddr = draft.ticket.part.caddr = [{ addrType: 2, address: Uint8Array.of(192, 0, 2, 1) }];
  }),
  "unasked-session-etype": reply((draft) => {
    const etype = draft.state.allEncTypes.etypes.find((one) => !draft.request.reqBody.etype.includes(one));
    const keyvalue =
      etype === undefined ? new Uint8Array(16).fill(0x5a) : draft.state.allEncTypes.generateKey(etype).octets;
    draft.part.key = draft.ticket.part.key = { keytype: etype ?? ENCTYPE.rc4Hmac, keyvalue };
  }),
  "session-key-length": reply((draft) => {
    draft.part.key = { ...draft.part.key, keyvalue: draft.part.key.keyvalue.slice(0, -1) };
  }),
  "session-key-empty": reply((draft) => {
    draft.part.key = { ...draft.part.key, keyvalue: new Uint8Array(0) };
  }),
  // A12: the proof that our request came unchanged (RFC 6806 section 11)
  "enc-pa-rep-missing": reply((draft) => {
    draft.part.encryptedPaData = undefined;
  }),
  "enc-pa-rep-wrong": changeEncPaRep((checksum) =>
    encodeChecksum({ ...checksum, checksum: checksum.checksum.map((octet, i) => (i === 0 ? octet ^ 1 : octet)) }),
  ),
  "enc-pa-rep-unkeyed": changeEncPaRep((_, draft) =>
    encodeChecksum({ cksumtype: CHECKSUM.crc32, checksum: crc32(draft.requestOctets) }),
  ),
  "enc-pa-rep-type": changeEncPaRep((checksum) =>
    encodeChecksum({ ...checksum, cksumtype: checksum.cksumtype === 16 ? 15 : 16 }),
  ),
  "enc-pa-rep-other-request": changeEncPaRep((checksum, draft) =>
    encodeChecksum({ ...checksum, checksum: draft.replyKey.usage(56).checksum(draft.requestOctets.subarray(1)) }),
  ),
  "enc-pa-rep-undecodable": changeEncPaRep(() => Uint8Array.of(0x30, 0x03, 0xa0)),
  "enc-pa-rep-flag-missing": reply((draft) => {
    draft.part.flags = draft.ticket.part.flags = (draft.part.flags & ~TICKET_FLAG.encPaRep) >>> 0;
    draft.part.encryptedPaData = undefined;
  }),
  // P2 to P4: PA-ETYPE-INFO2 (RFC 4120 section 5.2.7.5)
  "low-iterations": changeEntries((entry, defaultIterations) => ({
    ...entry,
    s2kparams: encodeIterations(defaultIterations - 1),
  })),
  "zero-iterations": changeEntries((entry) => ({ ...entry, s2kparams: encodeIterations(0) })),
  "huge-iterations": changeEntries((entry) => ({ ...entry, s2kparams: encodeIterations(0xffffffff) })),
  iterations: changeEntries((entry, _, { iterations }) => ({ ...entry, s2kparams: encodeIterations(iterations) })),
  "s2kparams-length": changeEntries((entry) => ({ ...entry, s2kparams: Uint8Array.of(0, 16, 0) })),
  "other-salt": changeEntries((entry) => ({ ...entry, salt: "other-salt" })),
  "pa-etype-info2-undecodable": hints((list) =>
    list.map((data) =>
      data.padataType === PADATA.etypeInfo2 ? { ...data, padataValue: Uint8Array.of(0x30, 0x80, 0, 0) } : data,
    ),
  ),
  "pa-etype-info2-empty": hints((list) =>
    list.map((data) =>
      data.padataType === PADATA.etypeInfo2 ? { ...data, padataValue: Uint8Array.of(0x30, 0) } : data,
    ),
  ),
  "pa-etype-info2-missing": hints((list) => list.filter(({ padataType }) => padataType !== PADATA.etypeInfo2)),
  "pa-etype-info2-unasked": changeEntries((entry) => ({ ...entry, etype: ENCTYPE.rc4Hmac })),
  "pa-etype-info2-weak-first": hints((list, _, entries) =>
    list.map((data) =>
      data.padataType === PADATA.etypeInfo2
        ? { ...data, padataValue: encodeEtypeInfo2([{ etype: ENCTYPE.rc4Hmac, salt: "" }, ...entries]) }
        : data,
    ),
  ),
  "pa-etype-info2-many": hints((list, _, entries) =>
    list.map((data) =>
      data.padataType === PADATA.etypeInfo2
        ? {
            ...data,
            padataValue: encodeEtypeInfo2(Array.from({ length: 10_000 }, (_x, i) => entries[i % entries.length]!)),
          }
        : data,
    ),
  ),
  "pa-etype-info-only": hints((list, _, entries) =>
    list.map((data) =>
      data.padataType === PADATA.etypeInfo2
        ? {
            padataType: PADATA.etypeInfo,
            padataValue: encodeEtypeInfo(
              entries.map(({ etype, salt = "" }) => ({ etype, salt: new TextEncoder().encode(salt) })),
            ),
          }
        : data,
    ),
  ),
  "pa-pw-salt-only": hints((list, _, entries) =>
    list.map((data) =>
      data.padataType === PADATA.etypeInfo2
        ? { padataType: PADATA.pwSalt, padataValue: new TextEncoder().encode(entries[0]?.salt ?? "") }
        : data,
    ),
  ),
  "pa-afs3-salt-only": hints((list) =>
    list.map((data) =>
      data.padataType === PADATA.etypeInfo2
        ? { padataType: 10, padataValue: new TextEncoder().encode("test.example") }
        : data,
    ),
  ),
  // P5, P8, P11: other hints
  "encrypted-timestamp-missing": hints((list) =>
    list.map((data) =>
      data.padataType === PADATA.encTimestamp ? { padataType: PADATA.pkAsReq, padataValue: new Uint8Array(0) } : data,
    ),
  ),
  "cookie-missing": hints((list) => list.filter(({ padataType }) => padataType !== PADATA.fxCookie)),
  "cookie-huge": hints((list) =>
    list.map((data) =>
      data.padataType === PADATA.fxCookie ? { ...data, padataValue: new Uint8Array(0xffff).fill(0x43) } : data,
    ),
  ),
  "method-data-undecodable": instead((_, state, request, outcome) =>
    outcome.type === "error"
      ? { ...outcome.draft, eData: Uint8Array.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff) }
      : draftError(
          state,
          request,
          new KdcFailure(KRB_ERROR.KDC_ERR_PREAUTH_REQUIRED, "", { eData: Uint8Array.of(0x30, 0x01) }),
        ),
  ),
  "preauth-required": instead((_, state, request) => {
    const entry =
      request?.reqBody.cname === undefined ? undefined : state.database.find(request.reqBody.cname.nameString);
    if (request === undefined || entry === undefined) return undefined;
    const eData = encodeMethodData(offers(state, entry, replyKeys(entry, request.reqBody.etype)));
    return draftError(state, request, new KdcFailure(KRB_ERROR.KDC_ERR_PREAUTH_REQUIRED, "once more", { eData }));
  }),
  // P1, A14, A15, X4: errors in place of answers
  "krb-error": instead(({ code, text = "", eData, seconds = 0 }, state, request) => {
    const draft = draftError(state, request, new KdcFailure(code, text, eData === undefined ? {} : { eData }));
    return { ...draft, stime: shift(draft.stime, seconds) };
  }),
  "wrong-realm": instead(({ realm }, state, request) =>
    draftError(state, request, new KdcFailure(KRB_ERROR.KDC_ERR_WRONG_REALM, "", { crealm: realm })),
  ),
  // X1 to X5, T5: referrals
  referral: reply((draft, { realm }) => refer(draft, ["krbtgt", realm])),
  "referral-loop": reply((draft) =>
    refer(draft, [
      "krbtgt",
      draft.shownRealm !== undefined && draft.shownRealm !== draft.state.realm
        ? draft.shownRealm
        : ([...draft.state.trusts.keys()][0] ?? draft.state.realm),
    ]),
  ),
  "referral-to-self": reply((draft) => refer(draft, ["krbtgt", draft.state.realm])),
  "referral-other-issuer": reply((draft) => {
    refer(draft, ["krbtgt", [...draft.state.trusts.keys()][0] ?? "OTHER.EXAMPLE"]);
    draft.part.srealm = draft.ticket.realm = "ELSEWHERE.EXAMPLE";
  }),
  "referral-one-component": reply((draft) => refer(draft, ["krbtgt"])),
  "referral-three-components": reply((draft) =>
    refer(draft, ["krbtgt", [...draft.state.trusts.keys()][0] ?? "OTHER.EXAMPLE", "more"]),
  ),
  "referral-not-krbtgt": reply((draft) => refer(draft, ["afs", [...draft.state.trusts.keys()][0] ?? "OTHER.EXAMPLE"])),
  // octets and their way
  truncated: octets((all) => all.subarray(0, all.length - 7)),
  garbage: octets((all) => all.map((_, i) => (i * 151 + 0xa5) & 0xff)),
  empty: octets(() => new Uint8Array(0)),
  "trailing-octets": octets((all) => Uint8Array.of(...all, 0, 0, 0, 0)),
  silence: delivery((way) => ({ ...way, octets: undefined })),
  drop: delivery((way) => ({ ...way, octets: undefined, manner: "drop" })),
  "half-message": delivery((way) => ({ ...way, manner: "half" })),
  dribble: delivery((way) => ({ ...way, manner: "dribble" })),
  slow: delivery((way, { ms }) => ({ ...way, delayMs: way.delayMs + ms })),
  "length-word": delivery((way, { value }) => ({ ...way, lengthWord: value })),
};
