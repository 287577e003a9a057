import { getUint32 } from "../bytes/index.ts";
import type { EncTypeSet } from "../crypto/index.ts";
import { KDC_OPTION } from "../iana/index.ts";
import {
  encodeKdcReqBody,
  type KdcReqBody,
  type Principal,
  type TicketElement,
  toPrincipalName,
} from "../krb5/index.ts";

/** What a caller may ask of a ticket. */
export interface TicketOptions {
  /** Default 86,400: a KDC gives what its policy allows. */
  readonly lifetimeSeconds?: number | undefined;
  /** Asks for a renewable ticket. */
  readonly renewLifetimeSeconds?: number | undefined;
  /** Ask for a ticket that can be forwarded to another host (RFC 4120 section 2.6). */
  readonly forwardable?: boolean | undefined;
  /** Ask for a ticket with which tickets for other addresses can be had (RFC 4120 section 2.5). */
  readonly proxiable?: boolean | undefined;
  /** Allows the KDC to answer with another name of the client (RFC 6806 section 3). */
  readonly canonicalize?: boolean | undefined;
  /** Takes a renewable ticket where the lifetime asked for is not to be had otherwise (RFC 4120 section 5.4.1). */
  readonly renewableOk?: boolean | undefined;
}

/** What a request asked, as the checks of its reply need it. */
export interface KdcRequest {
  readonly body: KdcReqBody;
  /** The DER of the body: what is sent, and what checksums and proofs are over. */
  readonly octets: Uint8Array;
  readonly client: Principal;
  readonly service: Principal;
  readonly options: number;
  readonly nonce: number;
  readonly till: Date;
  /** Until when a ticket may be renewable at the most; undefined if no renewable one was asked for. */
  readonly rtime: Date | undefined;
  /** When a postdated ticket shall begin. */
  readonly from: Date | undefined;
}

/** The last time that KerberosTime has: its years have four digits (RFC 4120 section 5.2.3). */
const LAST_TIME_MS = Date.UTC(9999, 11, 31, 23, 59, 59);

/** The last time of a KDC that is believed: a day is left to count on from there, whatever a message says. */
export const LAST_KDC_TIME_MS: number = LAST_TIME_MS - 86_400_000;

/**
 * The body of an AS-REQ or TGS-REQ with a new nonce (rules A6, T8). `kdcTimeMs` is the KDC's time as far as it
 * is known.
 */
export function createKdcRequest(
  client: Principal,
  service: Principal,
  encTypes: EncTypeSet,
  kdcTimeMs: number,
  options: TicketOptions & {
    readonly kdcOptions?: number | undefined;
    readonly withClient?: boolean;
    readonly requested?: readonly number[];
    readonly startTime?: Date;
    readonly addresses?: readonly TicketElement[] | undefined;
    readonly additionalTickets?: readonly Uint8Array[] | undefined;
  },
): KdcRequest {
  const { startTime, addresses = [], additionalTickets = [] } = options;
  // Lifetimes count from the start of a ticket, be it now or later (RFC 4120 section 5.4.1).
  const from = startTime === undefined ? undefined : new Date(Math.floor(startTime.getTime() / 1000) * 1000);
  const beginSeconds = Math.floor((from?.getTime() ?? kdcTimeMs) / 1000);
  const after = (seconds: number): Date =>
    new Date(Math.min((beginSeconds + Math.floor(seconds)) * 1000, LAST_TIME_MS));
  let flags = options.kdcOptions ?? 0;
  if (options.forwardable === true) flags |= KDC_OPTION.forwardable;
  if (options.proxiable === true) flags |= KDC_OPTION.proxiable;
  if (options.canonicalize === true) flags |= KDC_OPTION.canonicalize;
  if (options.renewLifetimeSeconds !== undefined) flags |= KDC_OPTION.renewable;
  if (options.renewableOk === true) flags |= KDC_OPTION.renewableOk;
  if (from !== undefined) flags |= KDC_OPTION.allowPostdate | KDC_OPTION.postdated;
  flags >>>= 0;
  const till = after(options.lifetimeSeconds ?? 86_400);
  const renewTill = options.renewLifetimeSeconds === undefined ? undefined : after(options.renewLifetimeSeconds);
  // As with libkrb5: a ticket that may be renewed for less than it lasts is not asked for.
  const rtime = renewTill !== undefined && renewTill < till ? till : renewTill;
  const nonce = randomNonce(encTypes);
  const body: KdcReqBody = {
    kdcOptions: flags,
    ...(options.withClient === true ? { cname: toPrincipalName(client) } : {}),
    realm: service.realm,
    sname: toPrincipalName(service),
    ...(from === undefined ? {} : { from }),
    till,
    ...(rtime === undefined ? {} : { rtime }),
    nonce,
    etype: [...(options.requested ?? encTypes.permitted)],
    ...(addresses.length === 0
      ? {}
      : { addresses: addresses.map(({ type, octets }) => ({ addrType: type, address: octets })) }),
  };
  const octets = encodeKdcReqBody(
    additionalTickets.length === 0
      ? body
      : { ...body, additionalTickets: additionalTickets.map((ticket) => ({ octets: ticket })) },
  );
  // Under RENEWABLE-OK a ticket may be renewed until the end that was asked for (RFC 4120 section 3.1.3); RENEW keeps
  // the end.
  const mayRenew = (flags & (KDC_OPTION.renewableOk | KDC_OPTION.renew)) !== 0;
  // RENEWABLE by its bit alone, as kdc_default_options asks for it, has no end but the KDC's (RFC 4120 section 3.1.3).
  const isUnbounded = (flags & KDC_OPTION.renewable) !== 0;
  return {
    body,
    octets,
    client,
    service,
    options: flags,
    nonce,
    till,
    rtime: rtime ?? (isUnbounded ? new Date(LAST_TIME_MS) : mayRenew ? till : undefined),
    from,
  };
}

/** 31 random bits: some KDCs read a nonce as a signed number. */
function randomNonce({ provider }: EncTypeSet): number {
  const octets = provider.randomBytes(4);
  return getUint32(octets, 0) & 0x7fffffff;
}
