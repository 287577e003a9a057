import { getUint32, wipe } from "../../bytes/index.ts";
import type { EncTypeSet, ProtocolKey } from "../../crypto/index.ts";
import { CredentialError, hasName, PreauthError, ProtocolError } from "../../errors.ts";
import { KDC_OPTION, LAST_REQ, NAME_TYPE, PADATA, TICKET_FLAG } from "../../iana/index.ts";
import {
  ANONYMOUS,
  decodeEncKdcRepPart,
  type EncKdcRepPart,
  equalPrincipals,
  formatPrincipal,
  type KdcRep,
  openData,
  type Principal,
  printableName,
} from "../../krb5/index.ts";
import { findPaData, modified, verifyEncPaRep } from "../../preauth/index.ts";
import type { Trace } from "../../trace.ts";
import type { Secret } from "../credentials/secret.ts";
import { type KdcRequest, LAST_KDC_TIME_MS } from "../kdc-request.ts";
import { checkNonce, checkTimes, replyService, ticketOf } from "../reply-checks.ts";
import type { Login } from "./login.ts";

/** What the checks of an AS-REP need beside the reply and the request. */
export interface AsReplyOptions {
  /** The client that the reply is for, as its envelope says. */
  readonly client: Principal;
  readonly kind: Secret["kind"];
  /**
   * Whether the KDC has already accepted a proof of the long-term key: then a reply that does not open does not mean a
   * wrong password.
   */
  readonly isProofSent: boolean;
  readonly usage: number;
  readonly encTypes: EncTypeSet;
  readonly trace: Trace;
  readonly now: () => number;
  readonly skewMs: number;
  readonly isTimeLearned?: boolean;
}

/**
 * Checks an AS-REP against its request (RFC 4120 section 3.1.5; rules A2 to A17) and gives the ticket. `requestOctets`
 * are the request as it was sent, `key` is the reply key.
 */
export function acceptAsReply(
  rep: KdcRep,
  request: KdcRequest,
  requestOctets: Uint8Array,
  key: ProtocolKey,
  options: AsReplyOptions,
): Login {
  let plaintext: Uint8Array;
  try {
    plaintext = openData(key, options.usage, rep.encPart);
  } catch (cause) {
    if (options.isProofSent || !hasName(cause, "CryptoError")) throw cause;
    const client = formatPrincipal(request.client);
    throw options.kind === "password"
      ? new PreauthError(
          "WRONG_PASSWORD",
          `the KDC's reply does not open with the password of ${client}: the password is wrong; check it, and the realm`,
          { principal: client, realm: request.client.realm, cause },
        )
      : new CredentialError(
          "KEYTAB",
          `the KDC's reply does not open with the keytab's key of ${client}: write a new keytab`,
          { reason: "rejected", principal: client, cause },
        );
  }
  try {
    return checkEncPart(rep, decodeEncKdcRepPart(plaintext), request, requestOctets, key, options);
  } finally {
    // The key of the ticket is a copy by now; what was decoded are views of these octets.
    wipe(plaintext);
  }
}

function checkEncPart(
  rep: KdcRep,
  encPart: EncKdcRepPart,
  request: KdcRequest,
  requestOctets: Uint8Array,
  key: ProtocolKey,
  options: AsReplyOptions,
): Login {
  checkNonce(request, encPart);
  const isProvenRequest = verifyEncPaRep(encPart, requestOctets, key);
  const service = replyService(rep, encPart);
  checkService(request, service);
  const client = checkClient(request, options.client, encPart.flags, isProvenRequest);
  // Rule A11: the nonce proves that the reply is fresh and the key that authtime is the KDC's, so the KDC's time is
  // adopted.
  const isTimeLearned = options.isTimeLearned !== false;
  const clockOffsetMs = isTimeLearned ? wholeSecondOffset(encPart.authtime, options.now()) : 0;
  if (!isTimeLearned) checkAuthTime(encPart.authtime, options);
  const kdcTimeMs = options.now() + clockOffsetMs;
  if (kdcTimeMs > LAST_KDC_TIME_MS) throw modified("its time is at the end of the calendar");
  checkTimes(request, encPart, kdcTimeMs, options.skewMs);
  if (clockOffsetMs !== 0) {
    options.trace({ type: "clock-offset", realm: service.realm, seconds: Math.round(clockOffsetMs / 1000) });
  }
  options.trace({
    type: "check",
    what: `AS-REP: nonce, names, times, enctypes${isProvenRequest ? ", our request unchanged" : ""}`,
  });
  const ticket = ticketOf(rep, encPart, client, service, request, options.encTypes, clockOffsetMs);
  const { keyExpiration } = encPart;
  const passwordExpires = encPart.lastReq.find(({ lrType }) => Math.abs(lrType) === LAST_REQ.passwordExpires)?.lrValue;
  return {
    ticket,
    // RFC 6806 section 11: it counts under the checksum of our request only.
    isFastAvailable: isProvenRequest && findPaData(encPart.encryptedPaData, PADATA.fxFast) !== undefined,
    ...supportedBy(encPart),
    ...(keyExpiration === undefined ? {} : { keyExpires: keyExpiration }),
    ...(passwordExpires === undefined ? {} : { passwordExpires }),
  };
}

/** Four octets, the lowest first; a KDC that means something else with that number says nothing. */
function supportedBy({ encryptedPaData }: EncKdcRepPart): Pick<Login, "supportedEnctypes"> {
  const octets = findPaData(encryptedPaData, PADATA.supportedEnctypes)?.padataValue;
  return octets?.length === 4 ? { supportedEnctypes: getUint32(Uint8Array.from(octets).reverse(), 0) } : {};
}

/**
 * Rule A7: the service that we asked for; a canonicalized TGT may be that of another realm (RFC 6806 section 7). Active
 * Directory answers to its realm's name in any case, and to its short name, and says its own.
 */
function checkService({ client, service: wanted, options }: KdcRequest, service: Principal): void {
  if (equalPrincipals(service, wanted)) return;
  const isTgs = (name: Principal): boolean => name.components.length === 2 && name.components[0] === "krbtgt";
  const mayDiffer = (options & KDC_OPTION.canonicalize) !== 0 && isTgs(service) && isTgs(wanted);
  if (mayDiffer) return;
  const { realm } = service;
  if (equalPrincipals({ ...service, realm: wanted.realm }, wanted)) {
    throw new ProtocolError(
      "OTHER_REALM",
      `the KDC's realm is ${realm}, and we asked for ${wanted.realm}: write ${printableName({ ...client, realm })}, or ask for canonicalization`,
      { realm, service: formatPrincipal(service) },
    );
  }
  throw modified(`it is for ${printableName(service)}, we asked for ${printableName(wanted)}`);
}

/**
 * Rules A8 and A9. The names in the reply are not encrypted, so another one counts only if our request is proven
 * unchanged.
 */
function checkClient(
  { client: wanted, options }: KdcRequest,
  client: Principal,
  flags: number,
  isProven: boolean,
): Principal {
  if ((options & KDC_OPTION.requestAnonymous) !== 0) return checkAnonymous(client, flags);
  if ((flags & TICKET_FLAG.anonymous) !== 0 || client.components[0] === "WELLKNOWN") {
    throw modified("it is for an anonymous client and we did not ask for that");
  }
  if (equalPrincipals(client, wanted)) return client;
  const mayDiffer = (options & KDC_OPTION.canonicalize) !== 0 || wanted.nameType === NAME_TYPE.enterprise;
  const what = `it is for ${printableName(client)}, we asked for ${printableName(wanted)}`;
  if (!mayDiffer) throw modified(`${what} (if that is its name, write it so, or ask for canonicalization)`);
  if (!isProven) throw modified(what);
  return client;
}

/** RFC 8062 section 4.1: the anonymous principal in the anonymous realm, and a ticket that says so. */
function checkAnonymous(client: Principal, flags: number): Principal {
  if ((flags & TICKET_FLAG.anonymous) !== 0 && equalPrincipals(client, ANONYMOUS)) return client;
  throw modified(`we asked for an anonymous ticket, and it is one for ${printableName(client)}`);
}

/** Where the KDC's clock is not adopted, it must be ours (RFC 4120 section 3.1.5). */
function checkAuthTime(authTime: Date, { now, skewMs }: AsReplyOptions): void {
  if (Math.abs(authTime.getTime() - now()) <= skewMs) return;
  throw new ProtocolError(
    "CLOCK_SKEW",
    `the KDC has ${authTime.toISOString()}, more than ${skewMs / 1000} s away from the time here: set one of the clocks, or kdc_timesync to true`,
  );
}

/** The KDC's clock less ours; authtime has whole seconds, so a difference under two seconds does not count. */
function wholeSecondOffset(authtime: Date, nowMs: number): number {
  const offset = authtime.getTime() - nowMs;
  return Math.abs(offset) < 2000 ? 0 : offset;
}
