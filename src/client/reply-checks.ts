import type { EncTypeSet } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import { enctypeName, KDC_OPTION, TICKET_FLAG } from "../iana/index.ts";
import {
  type EncKdcRepPart,
  equalPrincipals,
  hideTicket,
  importEncryptionKey,
  type KdcRep,
  type Principal,
  printableName,
  type ServiceTicket,
  toPrincipal,
} from "../krb5/index.ts";
import { modified } from "../preauth/index.ts";
import type { KdcRequest } from "./kdc-request.ts";

/** A reply of another type than that to a request of this name (rules A1 and T1); `tag` is its APPLICATION tag. */
export function otherMessage(request: string, tag: number | undefined): ProtocolError {
  const what = tag === undefined ? "not a Kerberos message" : `APPLICATION ${tag}`;
  return new ProtocolError(
    "REPLY_MODIFIED",
    `the KDC answered ${request} with another message (${what}): look at its log`,
  );
}

/**
 * A ticket that the KDC sealed and that was not asked for. Only the KDC has the key to make one, so that it is more
 * likely at fault than somebody on the way.
 */
export function unasked(what: string, remedy = "the KDC does not keep to RFC 4120: look at its log"): ProtocolError {
  return new ProtocolError("REPLY_MODIFIED", `the KDC gave another ticket than was asked for: ${what}; ${remedy}`);
}

/** A ticket for another service than was asked for. */
export function otherService(service: Principal, asked: Principal, remedy?: string): ProtocolError {
  return unasked(`it is for ${printableName(service)}, we asked for ${printableName(asked)}`, remedy);
}

/** A ticket of another client than was asked for. */
export function otherClient(client: Principal, asked: Principal, remedy?: string): ProtocolError {
  return unasked(`it is of ${printableName(client)}, we asked for one of ${printableName(asked)}`, remedy);
}

/**
 * The name of the service, from the encrypted part, and equal to the one on the ticket (rules A7 and T4;
 * CVE-2017-11103).
 */
export function replyService(rep: KdcRep, encPart: EncKdcRepPart): Principal {
  const service = toPrincipal(encPart.srealm, encPart.sname);
  const outer = toPrincipal(rep.ticket.realm, rep.ticket.sname);
  if (!equalPrincipals(service, outer)) {
    throw modified(`its ticket is labelled ${printableName(outer)}, its encrypted part says ${printableName(service)}`);
  }
  return service;
}

/** The nonce of this request (RFC 4120 section 3.1.5; rules A6 and T6). */
export function checkNonce(request: KdcRequest, encPart: EncKdcRepPart): void {
  if (encPart.nonce !== request.nonce) throw modified("its nonce is not that of our request: it may be an old reply");
}

/**
 * Times (RFC 4120 section 3.1.5; rules A10 and T6): no longer than asked, and begun, or beginning when a postdated one
 * was asked for. `kdcTimeMs` is the KDC's time as far as it is known, in an AS exchange the authenticated authtime.
 * `shown` is the ticket of a TGS-REQ: validated, it may begin when it did (RFC 4120 section 3.3.3), long ago.
 */
export function checkTimes(
  request: KdcRequest,
  encPart: EncKdcRepPart,
  kdcTimeMs: number,
  skewMs: number,
  shown?: ServiceTicket,
): void {
  const start = encPart.starttime ?? encPart.authtime;
  if (encPart.endtime > request.till) throw unasked("its ticket lasts longer than we asked for");
  if (request.rtime !== undefined && encPart.renewTill !== undefined && encPart.renewTill > request.rtime) {
    throw unasked("its ticket can be renewed for longer than we asked for");
  }
  // Each comparison is the way round in which a skew that is not a number refuses.
  // A ticket without a start time began when its client logged in, which may be long ago (RFC 4120 section 5.3).
  const isOfShown = (request.options & KDC_OPTION.validate) !== 0 && start.getTime() === shown?.startTime.getTime();
  const isTooEarly = encPart.starttime !== undefined && !isOfShown && !(start.getTime() >= kdcTimeMs - skewMs);
  if (request.from !== undefined) {
    // RFC 4120 section 3.1.5: a postdated ticket begins when it was asked to.
    if (start.getTime() !== request.from.getTime()) throw unasked("its ticket does not begin when we asked for");
  } else if (isTooEarly || !(start.getTime() <= kdcTimeMs + skewMs)) {
    throw new ProtocolError(
      "CLOCK_SKEW",
      `the ticket starts at ${start.toISOString()}, more than ${skewMs / 1000} s away from the time here: set one of the clocks`,
    );
  }
  if (!(encPart.endtime.getTime() > kdcTimeMs - skewMs) || encPart.endtime <= start) {
    throw unasked(
      `its ticket has already ended at ${encPart.endtime.toISOString()}, and the KDC has ${new Date(kdcTimeMs).toISOString()}`,
      "check the clocks",
    );
  }
  if (request.from !== undefined) return;
  if ((encPart.flags & TICKET_FLAG.invalid) !== 0)
    throw unasked("its ticket is marked invalid and we did not ask for that");
}

/** The ticket as a value; the session key must be of an enctype that we asked for and of its length (rule A17). */
export function ticketOf(
  rep: KdcRep,
  encPart: EncKdcRepPart,
  client: Principal,
  service: Principal,
  request: KdcRequest,
  encTypes: EncTypeSet,
  clockOffsetMs: number,
  flags: number = encPart.flags,
): ServiceTicket {
  if (!request.body.etype.includes(encPart.key.keytype)) {
    throw unasked(`its session key is ${enctypeName(encPart.key.keytype)}, which we did not ask for`);
  }
  const sessionKey = importEncryptionKey(encTypes, encPart.key);
  const addresses = encPart.caddr?.map(({ addrType, address }) => ({ type: addrType, octets: address.slice() })) ?? [];
  const ticket = {
    client,
    service,
    sessionKey,
    ticket: rep.ticket.octets,
    flags,
    authTime: encPart.authtime,
    startTime: encPart.starttime ?? encPart.authtime,
    endTime: encPart.endtime,
    // A renewal that was not asked for does not count.
    ...(encPart.renewTill === undefined || request.rtime === undefined ? {} : { renewTill: encPart.renewTill }),
    ...(addresses.length === 0 ? {} : { addresses }),
    ...((request.options & KDC_OPTION.encTktInSkey) === 0 ? {} : { isUserToUser: true }),
    clockOffsetMs,
  };
  return hideTicket(ticket);
}
