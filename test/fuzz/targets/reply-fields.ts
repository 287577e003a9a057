import { TICKET_FLAG } from "../../../src/iana/index.ts";
import type { PrincipalName } from "../../../src/krb5/index.ts";
import type { ReplyDraft } from "../../../src/testing/kdc/reply.ts";

/** What RFC 4120 section 3.1.5 and 3.3.4, and SECURITY.md, ask of a client when a field has another value. */
export type Verdict = "refused" | "accepted" | "unchanged";

/** One field of a reply, set from a number. */
export type FieldChange = (draft: ReplyDraft, number: number) => Verdict;

const NAMES: readonly PrincipalName[] = [
  { nameType: 1, nameString: ["mallory"] },
  { nameType: 2, nameString: ["krbtgt", "OTHER.EXAMPLE"] },
  { nameType: 2, nameString: ["krbtgt"] },
  { nameType: 2, nameString: ["krbtgt", "TEST.EXAMPLE", "more"] },
  { nameType: 3, nameString: ["host", "other.example"] },
  { nameType: 3, nameString: ["host", "server.test.example", ""] },
  { nameType: 1, nameString: ["host/server.test.example"] },
  { nameType: 1, nameString: [""] },
  { nameType: 11, nameString: ["WELLKNOWN", "ANONYMOUS"] },
  { nameType: 1, nameString: ["Alice"] },
];
const REALMS = ["OTHER.EXAMPLE", "test.example", "TEST.EXAMPLE.", "TEST.EXAMPLE\u00a0", "WELLKNOWN:ANONYMOUS", "T"];
const NONCES = [0, 1, -1, 0x7fffffff, 0xffffffff, -0x80000000];
const ETYPES = [1, 3, 16, 23, 25, 26, -133, 0, 0x7fffffff];

const pick = <T>(all: readonly T[], number: number): T => all[number % all.length] as T;
const sameName = (a: PrincipalName, b: PrincipalName): boolean => a.nameString.join("\0") === b.nameString.join("\0");
/** Between a second and some years, both ways. */
const spread = (number: number): number => (number % 2 === 0 ? 1 : -1) * (1 + (number % 200_000_000));
const moved = (time: Date, seconds: number): Date => new Date(time.getTime() + seconds * 1000);

export const fieldChanges: Readonly<Record<string, FieldChange>> = {
  nonce({ part }, number) {
    const was = part.nonce;
    part.nonce = number % 3 === 0 ? (was + 1 + (number % 1000)) & 0x7fffffff : pick(NONCES, number);
    return part.nonce === was ? "unchanged" : "refused";
  },
  "enc-part sname"({ part }, number) {
    const was = part.sname;
    part.sname = pick(NAMES, number);
    return sameName(was, part.sname) ? "unchanged" : "refused";
  },
  "enc-part srealm"({ part }, number) {
    part.srealm = pick(REALMS, number);
    return "refused";
  },
  "ticket sname"({ ticket }, number) {
    const was = ticket.sname;
    ticket.sname = pick(NAMES, number);
    return sameName(was, ticket.sname) ? "unchanged" : "refused";
  },
  "ticket realm"({ ticket }, number) {
    ticket.realm = pick(REALMS, number);
    return "refused";
  },
  "both snames"({ ticket, part }, number) {
    const was = part.sname;
    part.sname = pick(NAMES, number);
    ticket.sname = part.sname;
    return sameName(was, part.sname) ? "unchanged" : "refused";
  },
  "both realms"({ ticket, part }, number) {
    part.srealm = pick(REALMS, number);
    ticket.realm = part.srealm;
    return "refused";
  },
  cname(draft, number) {
    const was = draft.cname;
    draft.cname = pick(NAMES, number);
    return sameName(was, draft.cname) ? "unchanged" : "refused";
  },
  crealm(draft, number) {
    draft.crealm = pick(REALMS, number);
    return "refused";
  },
  endtime({ part, request }, number) {
    part.endtime = moved(part.endtime, spread(number));
    const start = part.starttime ?? part.authtime;
    if (part.endtime > request.reqBody.till) return "refused";
    // No longer than asked and not over yet is a KDC's to choose; over within the skew of the clocks may be taken.
    if (part.endtime > start) return "accepted";
    return "refused";
  },
  starttime({ part }, number) {
    const seconds = spread(number);
    part.starttime = moved(part.starttime ?? part.authtime, seconds);
    return Math.abs(seconds) > 300 ? "refused" : part.endtime > part.starttime ? "accepted" : "refused";
  },
  "session key's enctype"({ part }, number) {
    part.key = { ...part.key, keytype: pick(ETYPES, number) };
    return "refused";
  },
  "session key's length"({ part }, number) {
    const length = number % 80;
    if (length === part.key.keyvalue.length) return "unchanged";
    part.key = { ...part.key, keyvalue: new Uint8Array(length).fill(1) };
    return "refused";
  },
  "enc-part etype"(draft, number) {
    draft.replyEtype = pick([...ETYPES, 17, 19, 20], number);
    return draft.replyEtype === draft.replyKey.encType.etype ? "unchanged" : "refused";
  },
  "key usage"(draft, number) {
    const was = draft.replyUsage;
    draft.replyUsage = number % 30;
    return was === draft.replyUsage ? "unchanged" : "refused";
  },
  "flag invalid": ({ part }) => {
    part.flags = (part.flags | TICKET_FLAG.invalid) >>> 0;
    return "refused";
  },
  "flag anonymous": (draft) => {
    if (draft.exchange !== "as") return "unchanged";
    draft.part.flags = (draft.part.flags | TICKET_FLAG.anonymous) >>> 0;
    return "refused";
  },
  "request checksum"({ part }, number) {
    const [first] = part.encryptedPaData ?? [];
    if (first === undefined) return "unchanged";
    const value = first.padataValue.slice();
    value[value.length - 1 - (number % 12)] = (value.at(-1 - (number % 12)) as number) ^ (1 << (number % 8));
    part.encryptedPaData = [{ ...first, padataValue: value }];
    return "refused";
  },
  "request checksum missing": ({ part }) => {
    if (part.encryptedPaData === undefined || (part.flags & TICKET_FLAG.encPaRep) === 0) return "unchanged";
    part.encryptedPaData = undefined;
    return "refused";
  },
  "last-req"({ part }, number) {
    part.lastReq = [{ lrType: number % 8, lrValue: new Date((number % 0x7fffffff) * 1000) }];
    return "accepted";
  },
  "key-expiration"({ part }, number) {
    part.keyExpiration = new Date((number % 0x7fffffff) * 1000);
    return "accepted";
  },
  "key version"(draft, number) {
    draft.replyKvno = number % 100_000;
    return "accepted";
  },
  "unknown padata"(draft, number) {
    draft.padata.push({ padataType: 4000 + (number % 1000), padataValue: new Uint8Array(number % 64) });
    return "accepted";
  },
  "the ticket's sealed part"({ ticket }, number) {
    ticket.part.crealm = pick(REALMS, number);
    return "accepted";
  },
};
