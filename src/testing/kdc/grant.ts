import { KDC_OPTION, KRB_ERROR, TICKET_FLAG } from "../../iana/index.ts";
import { refuse } from "./failure.ts";
import type { KdcPolicy } from "./options.ts";

/** What a ticket will have of times and flags. */
export interface Grant {
  flags: number;
  authTime: Date;
  startTime: Date;
  endTime: Date;
  renewTill?: Date;
}

/** What the client wants. */
export interface Wish {
  readonly kdcOptions: number;
  readonly from?: Date | undefined;
  readonly till: Date;
  readonly rtime?: Date | undefined;
}

/** What the ticket of a TGS request allows. */
export interface Parent {
  readonly flags: number;
  readonly authTime: Date;
  readonly startTime: Date;
  readonly endTime: Date;
  readonly renewTill?: Date | undefined;
}

/**
 * Options that give the flag in the same bit, to an initial ticket or to one whose parent has it (RFC 4120 section
 * 5.4.1).
 */
const inherited = [
  [KDC_OPTION.forwardable, TICKET_FLAG.forwardable, "forwardable"],
  [KDC_OPTION.proxiable, TICKET_FLAG.proxiable, "proxiable"],
  [KDC_OPTION.renewable, TICKET_FLAG.renewable, "renewable"],
] as const;

/** Times and flags of an initial ticket (RFC 4120 section 3.1.3). `now` has whole seconds. */
export function grantInitial(policy: KdcPolicy, wish: Wish, now: Date): Grant {
  refusePostdated(policy, wish, now);
  const { kdcOptions } = wish;
  let flags: number = TICKET_FLAG.initial | TICKET_FLAG.encPaRep;
  if (policy.allowForwardable) flags |= kdcOptions & TICKET_FLAG.forwardable;
  if (policy.allowProxiable) flags |= kdcOptions & TICKET_FLAG.proxiable;
  const latest = after(now, policy.ticketLifetimeSeconds);
  const endTime = earliest(wanted(wish.till), latest);
  if (endTime <= now) refuse(KRB_ERROR.KDC_ERR_NEVER_VALID, "the requested end is not after the start");
  const grant: Grant = { flags: flags >>> 0, authTime: now, startTime: now, endTime };
  // RFC 4120 section 2.9.1: a life longer than allowed can be had by renewing, if the client says so.
  const isStretched = (kdcOptions & KDC_OPTION.renewableOk) !== 0 && wanted(wish.till) > latest;
  if ((kdcOptions & KDC_OPTION.renewable) !== 0) renewUntil(policy, grant, now, wish.rtime);
  else if (isStretched) renewUntil(policy, grant, now, wish.till);
  return grant;
}

/** Times and flags of a ticket that another one is shown for (RFC 4120 section 3.3.3). */
export function grantDerived(policy: KdcPolicy, wish: Wish, parent: Parent, now: Date): Grant {
  refusePostdated(policy, wish, now);
  const { kdcOptions } = wish;
  let flags: number =
    TICKET_FLAG.encPaRep | (parent.flags & (TICKET_FLAG.preAuthent | TICKET_FLAG.hwAuthent | TICKET_FLAG.anonymous));
  for (const [option, flag, word] of inherited) {
    if ((kdcOptions & option) === 0) continue;
    if ((parent.flags & flag) === 0) refuse(KRB_ERROR.KDC_ERR_BADOPTION, `the ticket shown is not ${word}`);
    if (flag !== TICKET_FLAG.renewable) flags |= flag;
  }
  // A forwarded ticket's descendants are forwarded too (RFC 4120 section 2.6).
  if ((kdcOptions & KDC_OPTION.forwarded) !== 0) {
    if ((parent.flags & TICKET_FLAG.forwardable) === 0) {
      refuse(KRB_ERROR.KDC_ERR_BADOPTION, "the ticket shown is not forwardable");
    }
    flags |= TICKET_FLAG.forwarded;
  }
  flags |= parent.flags & TICKET_FLAG.forwarded;
  if ((kdcOptions & KDC_OPTION.proxy) !== 0) {
    if ((parent.flags & TICKET_FLAG.proxiable) === 0) {
      refuse(KRB_ERROR.KDC_ERR_BADOPTION, "the ticket shown is not proxiable");
    }
    flags |= TICKET_FLAG.proxy;
  }
  const endTime = earliest(wanted(wish.till), parent.endTime, after(now, policy.ticketLifetimeSeconds));
  if (endTime <= now) refuse(KRB_ERROR.KDC_ERR_NEVER_VALID, "the requested end is not after the start");
  const grant: Grant = { flags: flags >>> 0, authTime: parent.authTime, startTime: now, endTime };
  if ((kdcOptions & KDC_OPTION.renewable) !== 0) {
    renewUntil(policy, grant, now, wish.rtime);
    if (grant.renewTill !== undefined && parent.renewTill !== undefined) {
      grant.renewTill = earliest(grant.renewTill, parent.renewTill);
    }
  }
  return grant;
}

/** Times of a renewed ticket: the old life again, within its renew-till (RFC 4120 section 3.3.3). */
export function grantRenewal(parent: Parent, now: Date): Grant {
  const { renewTill } = parent;
  if ((parent.flags & TICKET_FLAG.renewable) === 0 || renewTill === undefined) {
    return refuse(KRB_ERROR.KDC_ERR_BADOPTION, "the ticket shown is not renewable");
  }
  if (renewTill <= now) refuse(KRB_ERROR.KRB_AP_ERR_TKT_EXPIRED, "the ticket can no longer be renewed");
  const life = parent.endTime.getTime() - parent.startTime.getTime();
  const endTime = earliest(renewTill, new Date(now.getTime() + life));
  // INITIAL is for what the AS gave with this reply; a renewed ticket is not (RFC 4120 section 2.1).
  const flags = ((parent.flags & ~TICKET_FLAG.initial) | TICKET_FLAG.encPaRep) >>> 0;
  return { flags, authTime: parent.authTime, startTime: now, endTime, renewTill };
}

/** A postdated ticket made valid (RFC 4120 section 3.3.3). */
export function grantValidation(parent: Parent, now: Date): Grant {
  if ((parent.flags & TICKET_FLAG.invalid) === 0) {
    refuse(KRB_ERROR.KDC_ERR_BADOPTION, "the ticket shown is not invalid: there is nothing to validate");
  }
  if (parent.startTime > now) refuse(KRB_ERROR.KRB_AP_ERR_TKT_NYV, "the ticket's start has not come");
  const { authTime, startTime, endTime, renewTill } = parent;
  const flags = (parent.flags & ~TICKET_FLAG.invalid) >>> 0;
  return { flags, authTime, startTime, endTime, ...(renewTill === undefined ? {} : { renewTill }) };
}

/** This realm postdates nothing. */
function refusePostdated(policy: KdcPolicy, { kdcOptions, from }: Wish, now: Date): void {
  const isFuture = from !== undefined && from > after(now, policy.clockSkewSeconds);
  if (isFuture || (kdcOptions & KDC_OPTION.postdated) !== 0) {
    refuse(KRB_ERROR.KDC_ERR_CANNOT_POSTDATE, "this realm does not postdate tickets");
  }
}

function renewUntil(policy: KdcPolicy, grant: Grant, now: Date, rtime: Date | undefined): void {
  if (policy.renewLifetimeSeconds === 0) return;
  const limit = after(now, policy.renewLifetimeSeconds);
  grant.renewTill = rtime === undefined ? limit : earliest(wanted(rtime), limit);
  grant.flags = (grant.flags | TICKET_FLAG.renewable) >>> 0;
}

const noLimit = new Date(8.64e15);

/** RFC 4120 section 5.4.1: 19700101000000Z asks for the most that the KDC gives. */
function wanted(time: Date): Date {
  return time.getTime() === 0 ? noLimit : time;
}

function after(time: Date, seconds: number): Date {
  return new Date(time.getTime() + seconds * 1000);
}

function earliest(first: Date, ...rest: readonly Date[]): Date {
  return new Date(Math.min(...[first, ...rest].map(Number)));
}
