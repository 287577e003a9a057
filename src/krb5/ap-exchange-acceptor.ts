import { encodeHex } from "../bytes/index.ts";
import type { EncTypeSet, ProtocolKey } from "../crypto/index.ts";
import { AD_TYPE, AP_OPTION, KEY_USAGE, KRB_ERROR, MESSAGE_TYPE, TICKET_FLAG } from "../iana/index.ts";
import { ApReqError } from "./ap-error.ts";
import type { AuthenticatorTime } from "./authenticator-clock.ts";
import { DEFAULT_SKEW_SECONDS } from "./clock-skew.ts";
import { importEncryptionKey, sealData } from "./encrypted-data.ts";
import type { KeySource } from "./key-source.ts";
import {
  type ApReq,
  type Authenticator,
  type AuthorizationData,
  applicationTag,
  type Checksum,
  decodeApReq,
  decodeAuthenticator,
  type EncryptionKey,
  type EncTicketPart,
  encodeApRep,
  encodeEncApRepPart,
} from "./messages/index.ts";
import { equalPrincipals, type Principal, toPrincipal } from "./principal.ts";
import { formatPrincipal, printableName } from "./principal-text.ts";
import type { ReplayCache, ReplayEntry } from "./replay-cache.ts";
import { type OpenedTicket, openTicket, tryOpen } from "./ticket-opening.ts";
import type { WantedServices } from "./wanted-services.ts";

/** Octets of a sealed authenticator that tell it from all others, at its end: the MAC of every enctype is there. */
const TAG_BYTES = 16;
/** The last moment that a Date can hold. */
const LAST_MS = 8.64e15;

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
  /** The most that any acceptor with that cache allows. Default: `skewSeconds`. */
  readonly largestSkewSeconds?: number;
  /**
   * What the protocol above demands of a request that passed all else; it throws what is wrong. Only what it lets pass
   * is remembered.
   */
  readonly check?: (request: VerifiedApReq) => void;
  /** Accept tickets for these services only. Default: for any that `keys` has. */
  readonly service?: WantedServices | undefined;
  /**
   * Whether `keys` are session keys of ticket-granting tickets (RFC 4120 section 3.7): then requests must say so, else
   * they must not. Default false.
   */
  readonly isUserToUser?: boolean;
  /** The key usage of the authenticator. Default 11. */
  readonly usage?: number;
}

/** An AP-REQ that passed every check. */
export interface VerifiedApReq extends AuthenticatorTime {
  readonly client: Principal;
  /**
   * The first name of the key that opened the ticket, of those that were wanted. What the ticket itself says it is for
   * proves nothing.
   */
  readonly service: Principal;
  readonly sessionKey: ProtocolKey;
  /** The sub-key that the client chose. */
  readonly subkey: ProtocolKey | undefined;
  readonly seqNumber: number | undefined;
  /** The authenticator's checksum: not checked here, since what it is over depends on the protocol above. */
  readonly checksum: Checksum | undefined;
  /** AP_OPTION bits, which nothing proves. */
  readonly apOptions: number;
  /** TICKET_FLAG bits. */
  readonly flags: number;
  readonly authTime: Date;
  readonly startTime: Date;
  readonly endTime: Date;
  readonly ticketPart: EncTicketPart;
  /** The key that opened the ticket. */
  readonly ticketKey: ProtocolKey;
  /** The octets of the ticket as they came. */
  readonly ticket: Uint8Array;
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
  const { isUserToUser = false } = options;
  const saysUserToUser = (apOptions & AP_OPTION.useSessionKey) !== 0;
  if (saysUserToUser !== isUserToUser) {
    if (isUserToUser) fail(KRB_ERROR.KRB_AP_ERR_USER_TO_USER_REQUIRED, "user-to-user authentication is required here");
    fail(KRB_ERROR.KRB_AP_ERR_METHOD, "user-to-user authentication is not offered here");
  }
  const sealed = { named: toPrincipal(ticket.realm, ticket.sname), encPart: ticket.encPart };
  const { keys, encTypes, service: wanted } = options;
  const {
    part: ticketPart,
    key: ticketKey,
    services,
  } = openTicket(sealed, { keys, permitted: encTypes.permitted, wanted });
  const sessionKey = importKey(encTypes, ticketPart.key, "session key");
  const authenticator = openAuthenticator(sessionKey, options.usage ?? KEY_USAGE.apReqAuthenticator, request);
  const client = toPrincipal(ticketPart.crealm, ticketPart.cname);
  if (!equalPrincipals(client, toPrincipal(authenticator.crealm, authenticator.cname))) {
    fail(KRB_ERROR.KRB_AP_ERR_BADMATCH, "the authenticator is of another client than the ticket");
  }
  const nowMs = options.now();
  const { skewSeconds = DEFAULT_SKEW_SECONDS } = options;
  checkTimes(ticketPart, authenticator, nowMs, skewSeconds * 1000);
  checkTransited(ticketPart, client, services);
  checkAuthorizationData(ticketPart.authorizationData);
  checkAuthorizationData(authenticator.authorizationData);
  const { ctime, cusec } = authenticator;
  const verified: VerifiedApReq = {
    client,
    service: services[0],
    sessionKey,
    subkey: authenticator.subkey && importKey(encTypes, authenticator.subkey, "sub-key"),
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
    ticketKey,
    ticket: ticket.octets,
    authenticator,
  };
  options.check?.(verified);
  // Last, so that only what is accepted takes a place in the cache.
  if (options.replayCache !== undefined) {
    const name = formatPrincipal(client);
    const share = isForeign(client, services) ? `@${client.realm}` : name;
    const keepUntilMs = ctime.getTime() + (options.largestSkewSeconds ?? skewSeconds) * 1000;
    const tag = encodeHex(request.authenticator.cipher.subarray(-TAG_BYTES));
    const keepUntil = new Date(Math.min(keepUntilMs, LAST_MS));
    const entry: ReplayEntry = { tag, client: name, share, ctime, cusec, keepUntil };
    await refuseReplay(options.replayCache, nowMs, entry, client);
  }
  return verified;
}

/** What an acceptor says in its AP-REP. */
export interface ApRepOptions {
  /** The result of {@link verifyApReq}: the reply has the time of its authenticator. */
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

function openAuthenticator(sessionKey: ProtocolKey, usage: number, request: ApReq): Authenticator {
  const plaintext = tryOpen(sessionKey, usage, request.authenticator);
  if (plaintext === undefined) {
    fail(KRB_ERROR.KRB_AP_ERR_BAD_INTEGRITY, "the authenticator does not open with the ticket's session key");
  }
  return decodeAuthenticator(plaintext);
}

async function refuseReplay(cache: ReplayCache, nowMs: number, entry: ReplayEntry, client: Principal): Promise<void> {
  const answer: unknown = await cache.remember(entry, nowMs);
  // A store that cannot say that the authenticator is new has not remembered it: nothing but true will do.
  if (answer === true) return;
  if (answer === "full") {
    fail(KRB_ERROR.KRB_ERR_GENERIC, "the replay cache has no place for another authenticator: try again later");
  }
  if (answer === "lost") {
    const why = "the authenticator may be from before the replay cache was lost: try again in a few minutes";
    fail(KRB_ERROR.KRB_ERR_GENERIC, why);
  }
  fail(KRB_ERROR.KRB_AP_ERR_REPEAT, `the authenticator of ${printableName(client)} was seen before: send each once`);
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
function checkTransited({ flags }: EncTicketPart, client: Principal, services: OpenedTicket["services"]): void {
  if (isForeign(client, services) && (flags & TICKET_FLAG.transitedPolicyChecked) === 0) {
    fail(
      KRB_ERROR.KRB_AP_PATH_NOT_ACCEPTED,
      `the KDC of ${printableName(services[0])} has not checked the way from ${printableName(client)}`,
    );
  }
}

/** Whether the client is of another realm than a principal that the ticket may be for. */
function isForeign(client: Principal, services: OpenedTicket["services"]): boolean {
  return services.some(({ realm }) => realm !== client.realm);
}

/**
 * RFC 4120 section 1.5.1: authentication must fail if the ticket or the authenticator has authorization data that the
 * service does not understand, unless they are within AD-IF-RELEVANT: they may restrict what the ticket is for.
 */
function checkAuthorizationData(elements: AuthorizationData | undefined): void {
  const unknown = elements?.find(({ adType }) => adType !== AD_TYPE.ifRelevant);
  if (unknown !== undefined) {
    fail(KRB_ERROR.KDC_ERR_POLICY, `authorization data of type ${unknown.adType}, which is not understood here`);
  }
}

function fail(errorCode: number, message: string): never {
  throw new ApReqError(errorCode, message);
}
