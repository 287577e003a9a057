import { concat } from "../../../bytes/index.ts";
import type { PrincipalName } from "../../../krb5/index.ts";
import type { Entry } from "../entry.ts";
import type { KdcState } from "../state.ts";
import { NdrWriter, sidOctets } from "./ndr-writer.ts";

/** One PAC_INFO_BUFFER (MS-PAC section 2.4). */
export interface PacBuffer {
  readonly type: number;
  readonly data: Uint8Array;
}

const LOGON_INFO = 1;
export const CLIENT_INFO = 10;
export const DELEGATION_INFO = 11;
const UPN_DNS_INFO = 12;
/** What a ticket-granting ticket has, and no other. */
const ATTRIBUTES = 17;
const REQUESTOR = 18;
export const ONLY_IN_TGT: readonly number[] = [ATTRIBUTES, REQUESTOR];

/** SE_GROUP_MANDATORY, SE_GROUP_ENABLED_BY_DEFAULT and SE_GROUP_ENABLED (MS-PAC section 2.2.1). */
const GROUP_ATTRIBUTES = 7;
const DOMAIN_USERS = 513;
/** USER_NORMAL_ACCOUNT (MS-SAMR section 2.2.1.12). */
const NORMAL_ACCOUNT = 0x10;
/** LOGON_EXTRA_SIDS (MS-PAC section 2.5). */
const EXTRA_SIDS = 0x20;

/** What a PAC says of a principal of this realm; undefined where the realm has no SIDs. */
export function buffersOf(
  state: KdcState,
  entry: Entry,
  cname: PrincipalName,
  authTime: Date,
  wasRequested = false,
): readonly PacBuffer[] | undefined {
  const { domainSid } = state.policy;
  if (domainSid === "") return undefined;
  const sid = entry.options.sid ?? `${domainSid}-${entry.number}`;
  const name = cname.nameString.join("/");
  return [
    { type: LOGON_INFO, data: logonInfo(state.realm, domainSid, sid, name, entry.options.groups ?? [], authTime) },
    { type: CLIENT_INFO, data: clientInfo(name, authTime) },
    { type: UPN_DNS_INFO, data: upnDnsInfo(state.realm, name, sid) },
    { type: ATTRIBUTES, data: Uint8Array.of(2, 0, 0, 0, wasRequested ? 1 : 2, 0, 0, 0) },
    { type: REQUESTOR, data: sidOctets(sid) },
  ];
}

/** KERB_VALIDATION_INFO (MS-PAC section 2.5): groups of the domain by their last part, others by their SID. */
function logonInfo(
  realm: string,
  domainSid: string,
  sid: string,
  name: string,
  groups: readonly string[],
  authTime: Date,
): Uint8Array {
  const ridOf = (one: string): number => Number(one.slice(one.lastIndexOf("-") + 1));
  const isOwn = (one: string): boolean => one.slice(0, one.lastIndexOf("-")) === domainSid;
  const rids = [DOMAIN_USERS, ...groups.filter(isOwn).map(ridOf)];
  const extra = [...(isOwn(sid) ? [] : [sid]), ...groups.filter((one) => !isOwn(one))];
  const ndr = new NdrWriter();
  const never = 0x7fff_ffff_ffff_ffffn;
  for (const time of [fileTime(authTime), never, never, 0n, 0n, never]) ndr.fileTime(time);
  const texts = [name, "", "", "", "", ""];
  for (const text of texts) ndr.text(text);
  ndr.uint16(0).uint16(0);
  ndr.uint32(isOwn(sid) ? ridOf(sid) : 0).uint32(DOMAIN_USERS);
  ndr
    .uint32(rids.length)
    .pointer(true)
    .uint32(extra.length > 0 ? EXTRA_SIDS : 0);
  ndr.bytes(new Uint8Array(16));
  const domainTexts = ["KDC", realm.split(".")[0] as string];
  for (const text of domainTexts) ndr.text(text);
  ndr.pointer(true).bytes(new Uint8Array(8)).uint32(NORMAL_ACCOUNT).bytes(new Uint8Array(28));
  ndr.uint32(extra.length).pointer(extra.length > 0);
  ndr.pointer(false).uint32(0).pointer(false);
  for (const text of texts) ndr.characters(text);
  ndr.uint32(rids.length);
  for (const rid of rids) ndr.uint32(rid).uint32(GROUP_ATTRIBUTES);
  for (const text of domainTexts) ndr.characters(text);
  ndr.sid(domainSid);
  if (extra.length > 0) {
    ndr.uint32(extra.length);
    for (const _ of extra) ndr.pointer(true).uint32(GROUP_ATTRIBUTES);
    for (const one of extra) ndr.sid(one);
  }
  return ndr.finish();
}

/** PAC_CLIENT_INFO (MS-PAC section 2.7). */
export function clientInfo(name: string, authTime: Date): Uint8Array {
  const characters = utf16(name);
  const head = new Uint8Array(10);
  const view = new DataView(head.buffer);
  view.setBigUint64(0, fileTime(authTime), true);
  view.setUint16(8, characters.length, true);
  return concat(head, characters);
}

/** UPN_DNS_INFO with the account's name and SID (MS-PAC section 2.10). */
function upnDnsInfo(realm: string, name: string, sid: string): Uint8Array {
  const dns = realm.toLowerCase();
  const parts = [...[`${name}@${dns}`, realm, name].map(utf16), sidOctets(sid)];
  const head = new Uint8Array(24);
  const view = new DataView(head.buffer);
  const octets: Uint8Array[] = [head];
  let at = head.length;
  for (const [i, part] of parts.entries()) {
    const field = i < 2 ? 4 * i : 12 + 4 * (i - 2);
    view.setUint16(field, part.length, true);
    view.setUint16(field + 2, at, true);
    const padded = new Uint8Array(Math.ceil(part.length / 8) * 8);
    padded.set(part);
    octets.push(padded);
    at += padded.length;
  }
  // The account has its name and SID here, and its UPN is made of both names.
  view.setUint32(8, 3, true);
  return concat(...octets);
}

/** S4U_DELEGATION_INFO (MS-PAC section 2.9). */
export function delegationInfo(target: string, services: readonly string[]): Uint8Array {
  const ndr = new NdrWriter().text(target).uint32(services.length).pointer(true).characters(target);
  ndr.uint32(services.length);
  for (const service of services) ndr.text(service);
  for (const service of services) ndr.characters(service);
  return ndr.finish();
}

/** The buffers of a PAC that came in a ticket: what was sealed under a key of this realm is as it was made. */
export function readBuffers(pac: Uint8Array): readonly PacBuffer[] {
  const view = new DataView(pac.buffer, pac.byteOffset, pac.length);
  return Array.from({ length: view.getUint32(0, true) }, (_, i) => {
    const at = 8 + 16 * i;
    const start = Number(view.getBigUint64(at + 8, true));
    return { type: view.getUint32(at, true), data: pac.slice(start, start + view.getUint32(at + 4, true)) };
  });
}

/** The instant in units of 100 ns since 1601. */
function fileTime(time: Date): bigint {
  return (BigInt(time.getTime()) + 11_644_473_600_000n) * 10_000n;
}

function utf16(text: string): Uint8Array {
  const octets = new Uint8Array(2 * text.length);
  const view = new DataView(octets.buffer);
  for (let i = 0; i < text.length; i++) view.setUint16(2 * i, text.charCodeAt(i), true);
  return octets;
}
