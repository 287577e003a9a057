import { encodeHex } from "../bytes/index.ts";
import type { EncTypeSet, ProtocolKey } from "../crypto/index.ts";
import { hasName } from "../errors.ts";
import { AP_OPTION, enctypeName, KEY_USAGE, KRB_ERROR, MESSAGE_TYPE, TICKET_FLAG } from "../iana/index.ts";
import { ApReqError } from "./ap-error.ts";
import type { AuthenticatorTime } from "./authenticator-clock.ts";
import { DEFAULT_SKEW_SECONDS } from "./clock-skew.ts";
import { importEncryptionKey, openData, sealData } from "./encrypted-data.ts";
import {
  type ApReq,
  type Authenticator,
  type AuthorizationData,
  applicationTag,
  type Checksum,
  decodeApReq,
  decodeAuthenticator,
  decodeEncTicketPart,
  type EncryptedData,
  type EncryptionKey,
  type EncTicketPart,
  encodeApRep,
  encodeEncApRepPart,
} from "./messages/index.ts";
import { equalPrincipals, type Principal, toPrincipal } from "./principal.ts";
import { formatPrincipal } from "./principal-text.ts";
import type { ReplayCache } from "./replay-cache.ts";

/** RFC 4120 section 5.2.6.1. */
const AD_IF_RELEVANT = 1;

/** A long-term key of a service. */
export interface ServiceKey {
  /** The key, ready for use. */
  readonly key: ProtocolKey;
  /** Its version; undefined fits any. */
  readonly kvno?: number | undefined;
}

/** Where an acceptor has its keys: a keytab, or a test's. */
export interface KeySource {
  /** All keys of a service; none if it is not ours. */
  keysOf(service: Principal): readonly ServiceKey[];
}

/** Options for {@link verifyApReq}. */
export interface VerifyApReqOptions {
  readonly keys: KeySource;
  readonly encTypes: EncTypeSet;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** The difference between clocks that is allowed. Default 300. */
  readonly skewSeconds?: number;
  /** RFC 4120 section 3.2.3 demands one unless the protocol above stops replays itself. */
  readonly replayCache?: ReplayCache | undefined;
  /** Accept tickets for this service only. Default: for any that `keys` has. */
  readonly service?: Principal | undefined;
  /** The key usage of the authenticator. Default 11. */
  readonly usage?: number;
}

/** An AP-REQ that passed every check. */
export interface VerifiedApReq extends AuthenticatorTime {
  readonly client: Principal;
  readonly service: Principal;
  readonly sessionKey: ProtocolKey;
  /** The sub-key that the client chose. */
  readonly subkey: ProtocolKey | undefined;
  readonly seqNumber: number | undefined;
  /** The authenticator's checksum: not checked here, since what it is over depends on the protocol above. */
  readonly checksum: Checksum | undefined;
  /** AP_OPTION bits. */
  readonly apOptions: number;
  /** TICKET_FLAG bits. */
  readonly flags: number;
  readonly authTime: Date;
  readonly startTime: Date;
  readonly endTime: Date;
  readonly ticketPart: EncTicketPart;
  readonly authenticator: Authenticator;
}

/**
 * Checks an AP-REQ (RFC 4120 section 3.2.3). Rejects with {@link ApReqError} with the code of that section for whatever
 * is wrong, with DecodeError for octets that are not an AP-REQ, or with what the replay cache throws. It says who the
 * client is, not what it may do.
 */
export async function verifyApReq(octets: Uint8Array, options: VerifyApReqOptions): Promise<VerifiedApReq> {
  const tag = applicationTag(octets);
  if (tag !== MESSAGE_TYPE.apReq) fail(KRB_ERROR.KRB_AP_ERR_MSG_TYPE, "an AP-REQ was expected");
  const request = decodeApReq(octets);
  const { ticket, apOptions } = request;
  if ((apOptions & AP_OPTION.useSessionKey) !== 0) {
    fail(KRB_ERROR.KRB_AP_ERR_METHOD, "user-to-user authentication is not offered here");
  }
  const service = toPrincipal(ticket.realm, ticket.sname);
  if (options.service !== undefined && !equalPrincipals(service, options.service)) {
    fail(KRB_ERROR.KRB_AP_ERR_NOT_US, `the ticket is for ${formatPrincipal(service)}`);
  }
  const ticketPart = openTicket(options.keys, service, ticket.encPart);
  const sessionKey = importKey(options.encTypes, ticketPart.key, "session key");
  const authenticator = openAuthenticator(sessionKey, options.usage ?? KEY_USAGE.apReqAuthenticator, request);
  const client = toPrincipal(ticketPart.crealm, ticketPart.cname);
  if (!equalPrincipals(client, toPrincipal(authenticator.crealm, authenticator.cname))) {
    fail(KRB_ERROR.KRB_AP_ERR_BADMATCH, "the authenticator is of another client than the ticket");
  }
  const nowMs = options.now();
  checkTimes(ticketPart, authenticator, nowMs, (options.skewSeconds ?? DEFAULT_SKEW_SECONDS) * 1000);
  checkTransited(ticketPart, client, service);
  checkAuthorizationData(ticketPart.authorizationData);
  checkAuthorizationData(authenticator.authorizationData);
  const subkey = authenticator.subkey && importKey(options.encTypes, authenticator.subkey, "sub-key");
  const { ctime, cusec } = authenticator;
  // Last, so that only what is accepted takes a place in the cache.
  const names = { service: formatPrincipal(service), client: formatPrincipal(client) };
  const entry = { ...names, ctime, cusec, tag: encodeHex(request.authenticator.cipher.subarray(-12)) };
  // A store that cannot say that the authenticator is new has not remembered it: nothing but true will do.
  if (options.replayCache !== undefined && (await options.replayCache.remember(entry, nowMs)) !== true) {
    fail(KRB_ERROR.KRB_AP_ERR_REPEAT, `the authenticator of ${names.client} was seen before`);
  }
  return {
    client,
    service,
    sessionKey,
    subkey,
    seqNumber: authenticator.seqNumber,
    checksum: authenticator.cksum,
    ctime,
    cusec,
    apOptions,
    flags: ticketPart.flags,
    authTime: ticketPart.authtime,
    startTime: ticketPart.starttime ?? ticketPart.authtime,
    endTime: ticketPart.endtime,
    ticketPart,
    authenticator,
  };
}

/** What an acceptor says in its AP-REP. */
export interface ApRepOptions {
  /** What {@link verifyApReq} gave: the reply has the time of its authenticator. */
  readonly accepted: Pick<VerifiedApReq, "ctime" | "cusec" | "sessionKey">;
  readonly subkey?: ProtocolKey | undefined;
  readonly seqNumber?: number | undefined;
}

/** An AP-REP (RFC 4120 section 3.2.4). */
export function createApRep({ accepted, subkey, seqNumber }: ApRepOptions): Uint8Array {
  const { ctime, cusec, sessionKey } = accepted;
  const part = encodeEncApRepPart({
    ctime,
    cusec,
    subkey: subkey && { keytype: subkey.encType.etype, keyvalue: subkey.octets },
    seqNumber,
  });
  const encPart = sealData(sessionKey, KEY_USAGE.apRepEncPart, part);
  part.fill(0);
  return encodeApRep({ pvno: 5, msgType: MESSAGE_TYPE.apRep, encPart });
}

function openTicket(source: KeySource, service: Principal, encPart: EncryptedData): EncTicketPart {
  const name = formatPrincipal(service);
  const all = source.keysOf(service);
  if (all.length === 0) fail(KRB_ERROR.KRB_AP_ERR_NOT_US, `the ticket is for ${name}, of which there is no key here`);
  const fitting = all.filter(({ key }) => key.encType.etype === encPart.etype);
  if (fitting.length === 0) {
    fail(KRB_ERROR.KRB_AP_ERR_NOKEY, `there is no ${enctypeName(encPart.etype)} key of ${name} here`);
  }
  const { kvno } = encPart;
  const keys = fitting.filter((key) => kvno === undefined || key.kvno === undefined || key.kvno === kvno);
  if (keys.length === 0) {
    const versions = fitting.map((key) => key.kvno).join(", ");
    fail(KRB_ERROR.KRB_AP_ERR_BADKEYVER, `the ticket is for kvno ${kvno} of ${name}; here is kvno ${versions}`);
  }
  for (const { key } of keys) {
    const plaintext = tryOpen(key, KEY_USAGE.ticket, encPart);
    if (plaintext !== undefined) return decodeEncTicketPart(plaintext);
  }
  return fail(KRB_ERROR.KRB_AP_ERR_BAD_INTEGRITY, `the ticket does not open with the key of ${name}`);
}

function openAuthenticator(sessionKey: ProtocolKey, usage: number, request: ApReq): Authenticator {
  const plaintext = tryOpen(sessionKey, usage, request.authenticator);
  if (plaintext === undefined) {
    fail(KRB_ERROR.KRB_AP_ERR_BAD_INTEGRITY, "the authenticator does not open with the ticket's session key");
  }
  return decodeAuthenticator(plaintext);
}

function tryOpen(key: ProtocolKey, usage: number, data: EncryptedData): Uint8Array | undefined {
  try {
    return openData(key, usage, data);
  } catch (error) {
    if (hasName(error, "CryptoError")) return undefined;
    throw error;
  }
}

function importKey(encTypes: EncTypeSet, key: EncryptionKey, what: string): ProtocolKey {
  try {
    return importEncryptionKey(encTypes, key);
  } catch (cause) {
    throw new ApReqError(KRB_ERROR.KDC_ERR_ETYPE_NOSUPP, `the ${what} cannot be used`, { cause });
  }
}

function checkTimes(ticket: EncTicketPart, { ctime }: Authenticator, nowMs: number, skewMs: number): void {
  // Each the way round in which a skew that is not a number refuses.
  if (!(Math.abs(ctime.getTime() - nowMs) <= skewMs)) {
    fail(KRB_ERROR.KRB_AP_ERR_SKEW, `the client's clock says ${ctime.toISOString()}, ours differs by too much`);
  }
  const startTime = ticket.starttime ?? ticket.authtime;
  if (!(startTime.getTime() - nowMs <= skewMs) || (ticket.flags & TICKET_FLAG.invalid) !== 0) {
    fail(KRB_ERROR.KRB_AP_ERR_TKT_NYV, `the ticket is not valid yet (from ${startTime.toISOString()})`);
  }
  if (!(nowMs - ticket.endtime.getTime() <= skewMs)) {
    fail(KRB_ERROR.KRB_AP_ERR_TKT_EXPIRED, `the ticket ended at ${ticket.endtime.toISOString()}`);
  }
}

/** RFC 4120 section 2.7: a ticket from another realm counts only if our KDC has checked the realms on its way. */
function checkTransited({ flags }: EncTicketPart, client: Principal, service: Principal): void {
  if (client.realm !== service.realm && (flags & TICKET_FLAG.transitedPolicyChecked) === 0) {
    fail(
      KRB_ERROR.KRB_AP_PATH_NOT_ACCEPTED,
      `the KDC of ${service.realm} has not checked the way from ${formatPrincipal(client)}`,
    );
  }
}

/**
 * RFC 4120 section 1.5.1: authentication must fail if the ticket or the authenticator has authorization data that the
 * service does not understand, unless they are within AD-IF-RELEVANT: they may restrict what the ticket is for.
 */
function checkAuthorizationData(elements: AuthorizationData | undefined): void {
  const unknown = elements?.find(({ adType }) => adType !== AD_IF_RELEVANT);
  if (unknown !== undefined) {
    fail(KRB_ERROR.KDC_ERR_POLICY, `authorization data of type ${unknown.adType}, which is not understood here`);
  }
}

function fail(errorCode: number, message: string): never {
  throw new ApReqError(errorCode, message);
}
