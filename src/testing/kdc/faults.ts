import { CHECKSUM, KRB_ERROR, NAME_TYPE, PADATA, TICKET_FLAG } from "../../iana/index.ts";
import { encodeChecksum, encodeEtypeInfo, encodeEtypeInfo2, encodeMethodData } from "../../krb5/index.ts";
import { draftError } from "./answer.ts";
import { encodeIterations } from "./database.ts";
import { KdcFailure } from "./failure.ts";
import {
  addFlags,
  addHour,
  addRenewTill,
  changeChecksum,
  changeEntries,
  changeOctets,
  changePac,
  changeReply,
  clearEncPaRep,
  crc32,
  deliverAs,
  type FaultRow,
  flip,
  instead,
  neighbour,
  otherEtype,
  otherService,
  patchHeader,
  RC4_ETYPE,
  refer,
  replaceHint,
  replaceInfo2,
  setClient,
  setSessionKey,
  shift,
  shiftTimes,
  unaskedKey,
} from "./fault-rows.ts";
import type { Fault, FaultName } from "./fault-types.ts";
import { fastFaults } from "./faults-of-fast.ts";
import { pkinitFaults } from "./faults-of-pkinit.ts";
import { CLIENT_INFO, clientInfo } from "./pac/buffers.ts";
import { loginOf } from "./preauth.ts";

const otherRealm = "OTHER.EXAMPLE";
const text = new TextEncoder();

/** What each fault does: one row a fault. The letters are the rules of SECURITY.md that let a client see through it. */
export const faultRows: { readonly [N in FaultName]: FaultRow<Fault & { readonly name: N }> } = {
  // A1, A2, T1
  "wrong-application-tag": changeOctets((all) => flip(all, 0, 0x06)), // 6b <-> 6d
  "wrong-msg-type": patchHeader("msgType", (type) => type ^ 0x06), // 11 <-> 13
  "swapped-reply": changeOctets((all) => flip(patchHeader("msgType", (type) => type ^ 0x06).alter(all), 0, 0x06)),
  "wrong-pvno": patchHeader("pvno", () => 4),
  "kerberos-4": changeOctets(() => Uint8Array.of(4, 10 << 1, ...new Uint8Array(62))),
  // A3, A4, A5, T2
  "etype-downgrade": changeReply((d) => Object.assign(d, unaskedKey(d))),
  "enc-part-etype": changeReply((d) => Object.assign(d, { replyEtype: otherEtype(d) })),
  "wrong-usage": changeReply((d) => Object.assign(d, { replyUsage: d.replyUsage === 8 ? 9 : 8 })),
  "wrong-key": changeReply((d) => Object.assign(d, { replyKey: d.state.allEncTypes.generateKey(d.replyEtype) })),
  "session-key-reply": changeReply((d) => {
    d.replyKey = d.sessionKey ?? d.replyKey;
    d.replyEtype = d.replyKey.encType.etype;
    d.replyUsage = 8;
  }),
  "enc-tgs-rep-part": changeReply((d) => Object.assign(d, { partType: "EncTGSRepPart" })),
  "changed-octet": changeOctets((all) => flip(all, all.length - 1, 1)),
  // A6, T6
  "wrong-nonce": changeReply(({ part }) => Object.assign(part, { nonce: (part.nonce + 1) % 0x7fffffff })),
  // A7, T4, T5
  "other-server-name": changeReply(({ part, ticket }) => [part, ticket].map((one) => Object.assign(one, otherService))),
  "other-server-realm": changeReply(({ part, ticket }) => {
    part.srealm = otherRealm;
    ticket.realm = otherRealm;
  }),
  "ticket-name-mismatch": changeReply(({ ticket }) => Object.assign(ticket, otherService)),
  "ticket-realm-mismatch": changeReply(({ ticket }) => Object.assign(ticket, { realm: otherRealm })),
  "enc-part-name-mismatch": changeReply(({ part }) => Object.assign(part, otherService)),
  // A8, A9, T3
  "service-as-client": changeReply((d) => setClient(d, d.request.reqBody.sname ?? d.cname)),
  "pac-missing": changePac((_, ticket) => {
    ticket.pac = undefined;
  }),
  "pac-changed": changePac((pac) => {
    pac.alter = (octets) => flip(octets, 8 + 16 * (octets[0] as number) + 32, 1);
  }),
  "pac-other-client": changePac((pac, { part }) => {
    const data = clientInfo("mallory", part.authtime);
    pac.buffers = pac.buffers.map((one) => (one.type === CLIENT_INFO ? { ...one, data } : one));
  }),
  "other-client-name": changeReply((d) => Object.assign(d, { cname: { nameType: 1, nameString: ["mallory"] } })),
  "other-client-realm": changeReply((d) => Object.assign(d, { crealm: otherRealm })),
  "anonymous-client": changeReply((d) => {
    d.crealm = "WELLKNOWN:ANONYMOUS";
    d.cname = { nameType: NAME_TYPE.wellKnown, nameString: ["WELLKNOWN", "ANONYMOUS"] };
    addFlags(d, TICKET_FLAG.anonymous);
  }),
  // A10, A11, T6
  "stale-time": changeReply((d) => shiftTimes(d, -3600, ["authtime", "starttime"])),
  "future-time": changeReply((d) => shiftTimes(d, 3600, ["authtime", "starttime"])),
  "already-ended": changeReply((d) => shiftTimes(d, -7 * 86_400, ["starttime", "endtime"])),
  "endtime-too-late": changeReply((d) => {
    d.part.endtime = shift(d.request.reqBody.till, 86_400);
    d.ticket.part.endtime = d.part.endtime;
  }),
  "renew-till-too-late": changeReply((d) =>
    addRenewTill(d, shift(d.request.reqBody.rtime ?? d.request.reqBody.till, 86_400)),
  ),
  "renewable-unasked": changeReply((d) => addRenewTill(d, addHour(d.part.endtime))),
  // A16, T7
  "extra-flags": changeReply((d) =>
    addFlags(d, TICKET_FLAG.forwardable | TICKET_FLAG.proxiable | TICKET_FLAG.mayPostdate),
  ),
  "invalid-ticket": changeReply((d) => addFlags(d, TICKET_FLAG.invalid | TICKET_FLAG.postdated)),
  "ok-as-delegate": changeReply((d) => addFlags(d, TICKET_FLAG.okAsDelegate)),
  "unasked-addresses": changeReply((d) => {
    d.part.caddr = [{ addrType: 2, address: Uint8Array.of(192, 0, 2, 1) }];
    d.ticket.part.caddr = d.part.caddr;
  }),
  // A17
  "unasked-session-etype": changeReply((d) => {
    const etype = d.state.allEncTypes.permitted.find((one) => !d.request.reqBody.etype.includes(one));
    if (etype === undefined) setSessionKey(d, RC4_ETYPE, new Uint8Array(16).fill(0x5a));
    else setSessionKey(d, etype, d.state.allEncTypes.generateKey(etype).octets);
  }),
  "session-key-length": changeReply((d) => setSessionKey(d, d.part.key.keytype, d.part.key.keyvalue.slice(1))),
  "session-key-empty": changeReply((d) => setSessionKey(d, d.part.key.keytype, new Uint8Array(0))),
  // A12
  "enc-pa-rep-missing": changeReply(({ part }) => Object.assign(part, { encryptedPaData: undefined })),
  "enc-pa-rep-wrong": changeChecksum((was) => encodeChecksum({ ...was, checksum: flip(was.checksum, 0, 1) })),
  "enc-pa-rep-unkeyed": changeChecksum((_, { requestOctets }) =>
    encodeChecksum({ cksumtype: CHECKSUM.crc32, checksum: crc32(requestOctets) }),
  ),
  "enc-pa-rep-type": changeChecksum((was) => encodeChecksum({ ...was, cksumtype: was.cksumtype === 16 ? 15 : 16 })),
  "enc-pa-rep-other-request": changeChecksum((was, { replyKey, requestOctets: all }) =>
    encodeChecksum({ ...was, checksum: replyKey.usage(56).checksum(flip(all, all.length - 1, 1)) }),
  ),
  "enc-pa-rep-undecodable": changeChecksum(() => Uint8Array.of(0x30, 0x03, 0xa0)),
  "enc-pa-rep-flag-missing": changeReply(clearEncPaRep),
  // P2, P3, P4
  "low-iterations": changeEntries((_, usual) => ({ s2kparams: encodeIterations(usual - 1) })),
  "zero-iterations": changeEntries(() => ({ s2kparams: encodeIterations(0) })),
  "huge-iterations": changeEntries(() => ({ s2kparams: encodeIterations(0xffffffff) })),
  iterations: changeEntries(({ iterations }) => ({ s2kparams: encodeIterations(iterations) })),
  "s2kparams-length": changeEntries(() => ({ s2kparams: Uint8Array.of(0, 16, 0) })),
  "other-salt": changeEntries(() => ({ salt: "other-salt" })),
  "pa-etype-info2-undecodable": replaceInfo2(() => ({ padataValue: Uint8Array.of(0x30, 0x80, 0, 0) })),
  "pa-etype-info2-empty": replaceInfo2(() => ({ padataValue: Uint8Array.of(0x30, 0) })),
  "pa-etype-info2-missing": replaceInfo2(() => undefined),
  "pa-etype-info2-unasked": changeEntries(() => ({ etype: RC4_ETYPE })),
  "pa-etype-info2-weak-first": replaceInfo2((entries) => ({
    padataValue: encodeEtypeInfo2([{ etype: RC4_ETYPE, salt: "" }, ...entries]),
  })),
  "pa-etype-info2-many": replaceInfo2((entries) => ({
    padataValue: encodeEtypeInfo2(Array.from({ length: 10_000 / entries.length }, () => entries).flat()),
  })),
  "pa-etype-info-only": replaceInfo2((entries) => ({
    padataType: PADATA.etypeInfo,
    padataValue: encodeEtypeInfo(entries.map(({ etype, salt = "" }) => ({ etype, salt: text.encode(salt) }))),
  })),
  "pa-pw-salt-only": replaceInfo2(([first]) => ({
    padataType: PADATA.pwSalt,
    padataValue: text.encode(first?.salt ?? ""),
  })),
  "pa-afs3-salt-only": replaceInfo2(() => ({ padataType: 10, padataValue: text.encode("test.example") })),
  // P5, P8, P11, A14
  "encrypted-timestamp-missing": replaceHint(PADATA.encTimestamp, () => ({ padataType: PADATA.pkAsReq })),
  "cookie-missing": replaceHint(PADATA.fxCookie, () => undefined),
  "cookie-huge": replaceHint(PADATA.fxCookie, () => ({ padataValue: new Uint8Array(0xffff).fill(0x43) })),
  "method-data-undecodable": instead((_, state, request) => {
    const eData = Uint8Array.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff);
    return draftError(state, request, new KdcFailure(KRB_ERROR.KDC_ERR_PREAUTH_REQUIRED, "", { eData }));
  }),
  "preauth-required": instead((_, state, request, fast, octets) => {
    const { cname } = request?.reqBody ?? {};
    const entry = cname === undefined ? undefined : state.database.find(cname.nameString);
    if (entry === undefined || request === undefined) return undefined;
    const eData = encodeMethodData(loginOf(state, entry, request, octets, fast).offers());
    return draftError(state, request, new KdcFailure(KRB_ERROR.KDC_ERR_PREAUTH_REQUIRED, "", { eData }));
  }),
  // P1, P7, A15, X4
  "krb-error": instead(({ code, text: words = "", eData, seconds = 0 }, state, request) => {
    const draft = draftError(state, request, new KdcFailure(code, words, eData === undefined ? {} : { eData }));
    return { ...draft, stime: shift(draft.stime, seconds) };
  }),
  "wrong-realm": instead(({ realm: crealm }, state, request) =>
    draftError(state, request, new KdcFailure(KRB_ERROR.KDC_ERR_WRONG_REALM, "", { crealm })),
  ),
  // X1, X2, X3, X5, T5
  referral: changeReply((d, { realm }) => refer(d, "krbtgt", realm)),
  "referral-loop": changeReply((d) => {
    const isForeign = d.shownRealm !== undefined && d.shownRealm !== d.state.realm;
    refer(d, "krbtgt", isForeign ? (d.shownRealm as string) : neighbour(d));
  }),
  "referral-to-self": changeReply((d) => refer(d, "krbtgt", d.state.realm)),
  "referral-other-issuer": changeReply((d) => {
    refer(d, "krbtgt", neighbour(d));
    d.part.srealm = "ELSEWHERE.EXAMPLE";
    d.ticket.realm = d.part.srealm;
  }),
  "referral-one-component": changeReply((d) => refer(d, "krbtgt")),
  "referral-three-components": changeReply((d) => refer(d, "krbtgt", neighbour(d), "more")),
  "referral-not-krbtgt": changeReply((d) => refer(d, "afs", neighbour(d))),
  ...fastFaults,
  ...pkinitFaults,
  // The way of the octets
  truncated: changeOctets((all) => all.subarray(0, -7)),
  garbage: changeOctets((all) => all.map((_, i) => (i * 151 + 0xa5) & 0xff)),
  empty: changeOctets(() => new Uint8Array(0)),
  "trailing-octets": changeOctets((all) => Uint8Array.of(...all, 0, 0, 0, 0)),
  silence: deliverAs(() => ({ octets: undefined })),
  drop: deliverAs(() => ({ octets: undefined, manner: "drop" })),
  "half-message": deliverAs(() => ({ manner: "half" })),
  dribble: deliverAs(() => ({ manner: "dribble" })),
  slow: deliverAs(({ ms }) => ({ delayMs: ms })),
  "length-word": deliverAs(({ value }) => ({ lengthWord: value })),
};
