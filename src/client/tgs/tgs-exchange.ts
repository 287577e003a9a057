import { wipe } from "../../bytes/index.ts";
import { type EncTypeSet, makeKeyedChecksum, type ProtocolKey } from "../../crypto/index.ts";
import { type AnyKerberosError, CredentialError } from "../../errors.ts";
import { KDC_OPTION, KEY_USAGE, MESSAGE_TYPE, PADATA, TICKET_FLAG } from "../../iana/index.ts";
import {
  type AuthenticatorClock,
  createApReq,
  decodeEncKdcRepPart,
  decodeKrbError,
  decodeTgsRep,
  type EncKdcRepPart,
  encodeTgsReq,
  equalPrincipals,
  formatPrincipal,
  type KdcRep,
  krbErrorDetails,
  krbErrorToError,
  openData,
  type PaData,
  type Principal,
  printableName,
  type RegisteredNames,
  type ServiceTicket,
  type TicketElement,
} from "../../krb5/index.ts";

import {
  type Envelope,
  modified,
  plainEnvelope,
  reqEncPaRep,
  type TgsEnvelopeParts,
  verifyEncPaRep,
} from "../../preauth/index.ts";
import type { Trace } from "../../trace.ts";
import { createKdcRequest, type KdcRequest, type TicketOptions } from "../kdc-request.ts";
import { checkNonce, checkTimes, replyService, ticketOf } from "../reply-checks.ts";

/** Options for a TGS exchange. */
export interface TgsOptions extends TicketOptions {
  readonly encTypes: EncTypeSet;
  readonly now: () => number;
  readonly skewMs: number;
  readonly clock: AuthenticatorClock;
  readonly trace: Trace;
  /**
   * KDC_OPTION bits beside those of {@link TicketOptions}, for the ticket itself and not for those on the way: `renew`
   * or `validate` (the ticket is then its own ticket-granting ticket), `forwarded`, `proxy`, ...
   */
  readonly kdcOptions?: number | undefined;
  /** The enctypes that the session key may have, best first. Default: all of `encTypes`. */
  readonly requested?: readonly number[];
  /** Where a forwarded ticket shall be good from. Default: anywhere. */
  readonly addresses?: readonly TicketElement[] | undefined;
  /** Tickets, in octets, that the KDC reads beside the one that is shown (RFC 4120 section 5.4.1), for the same. */
  readonly additionalTickets?: readonly Uint8Array[] | undefined;
  /** What errors and the trace call numbers. Default: numbers. */
  readonly names?: RegisteredNames | undefined;
  /** Makes what goes around the messages of one request. Default: nothing. */
  readonly wrap?: ((parts: TgsEnvelopeParts) => Envelope) | undefined;
  /** PA-DATA of every request, where `padata` makes none of its type. Default: none. */
  readonly wishes?: readonly PaData[];
  /** Makes more PA-DATA of a request. Default: none. */
  readonly padata?: (parts: TgsRequestParts) => readonly PaData[];
  /**
   * Checks whose ticket it is, and throws if it is another's. Default: rule T3, the client of the ticket-granting
   * ticket.
   */
  readonly checkClient?: (reply: TgsReplyParts) => void;
}

/** What {@link TgsOptions.padata} is made of. */
export interface TgsRequestParts {
  readonly request: KdcRequest;
  readonly subkey: ProtocolKey;
  readonly sessionKey: ProtocolKey;
}

/** What {@link TgsOptions.checkClient} checks: all of it is out of its envelope, and nothing vouches for `padata`. */
export interface TgsReplyParts extends TgsRequestParts {
  readonly client: Principal;
  readonly service: Principal;
  readonly padata: readonly PaData[];
  /** The PA-DATA of the encrypted part (RFC 6806 section 11). */
  readonly encryptedPaData: readonly PaData[];
}

/** A TGS-REQ that was made, and what the checks of its reply need. */
export interface PendingTgs {
  readonly octets: Uint8Array;
  readonly request: KdcRequest;
  readonly tgt: ServiceTicket;
  readonly subkey: ProtocolKey;
  readonly envelope: Envelope;
}

/**
 * A TGS-REQ (RFC 4120 section 3.3.1) with a fresh sub-key and a keyed checksum over its body (rule T8). Throws
 * CredentialError `TICKET_EXPIRED` if the ticket-granting ticket has ended (rule T9).
 */
export function createTgsRequest(tgt: ServiceTicket, service: Principal, options: TgsOptions): PendingTgs {
  const { encTypes } = options;
  const kdcTimeMs = options.now() + tgt.clockOffsetMs;
  const isRenewal = ((options.kdcOptions ?? 0) & KDC_OPTION.renew) !== 0;
  // Whether a ticket that ended a moment ago can be renewed the KDC says, by its own clock.
  if (tgt.endTime.getTime() + (isRenewal ? options.skewMs : 0) <= kdcTimeMs) {
    throw new CredentialError(
      "TICKET_EXPIRED",
      `the ticket-granting ticket of ${printableName(tgt.client)} ended at ${tgt.endTime.toISOString()}: log in again`,
      { principal: formatPrincipal(tgt.client), service: formatPrincipal(tgt.service) },
    );
  }
  const secondsUntil = (time: Date): number => Math.ceil((time.getTime() - kdcTimeMs) / 1000);
  if (isRenewal && tgt.renewTill === undefined) {
    throw new CredentialError(
      "TICKET_FLAGS",
      `the ticket for ${printableName(tgt.service)} is not renewable: log in again, and ask for a renewable one`,
      { principal: formatPrincipal(tgt.client), service: formatPrincipal(tgt.service) },
    );
  }
  const like = likeTgt(tgt);
  const renewTill = like.isRenewable || isRenewal ? tgt.renewTill : undefined;
  const renewSeconds = renewTill === undefined ? undefined : secondsUntil(renewTill);
  const request = createKdcRequest(tgt.client, service, encTypes, kdcTimeMs, {
    ...options,
    forwardable: options.forwardable ?? like.forwardable,
    proxiable: options.proxiable ?? like.proxiable,
    kdcOptions: (options.kdcOptions ?? 0) | like.others,
    // A renewed ticket may end as late as its renewals do (RFC 4120 section 3.3.3); any other, when the one shown ends.
    lifetimeSeconds:
      (isRenewal ? renewSeconds : undefined) ??
      Math.min(options.lifetimeSeconds ?? Number.POSITIVE_INFINITY, secondsUntil(tgt.endTime)),
    renewLifetimeSeconds: (isRenewal ? undefined : options.renewLifetimeSeconds) ?? renewSeconds,
  });
  const subkey = encTypes.generateKey(tgt.sessionKey.encType.etype);
  const apReq = createApReq({
    ticket: tgt,
    encTypes,
    clock: options.clock,
    usage: KEY_USAGE.tgsReqAuthenticator,
    subkey,
    checksum: makeKeyedChecksum(tgt.sessionKey, KEY_USAGE.tgsReqAuthenticatorChecksum, request.octets),
  });
  const envelope = options.wrap?.({ apReq: apReq.octets, subkey, sessionKey: tgt.sessionKey }) ?? plainEnvelope;
  const made = options.padata?.({ request, subkey, sessionKey: tgt.sessionKey }) ?? [];
  const wishes = options.wishes?.filter(({ padataType }) => made.every((one) => one.padataType !== padataType));
  const padata = [...made, ...(wishes ?? []), reqEncPaRep];
  const octets = encodeTgsReq({
    pvno: 5,
    msgType: MESSAGE_TYPE.tgsReq,
    padata: [{ padataType: PADATA.tgsReq, padataValue: apReq.octets }, ...envelope.request(request, padata)],
    reqBody: { octets: request.octets },
  });
  return { octets, request, tgt, subkey, envelope };
}

/** What the ticket that is shown may do, the new one may do too, as libkrb5 asks for it. */
function likeTgt({ flags, renewTill }: ServiceTicket): {
  readonly forwardable: boolean;
  readonly proxiable: boolean;
  readonly isRenewable: boolean;
  readonly others: number;
} {
  return {
    forwardable: (flags & TICKET_FLAG.forwardable) !== 0,
    proxiable: (flags & TICKET_FLAG.proxiable) !== 0,
    isRenewable: (flags & TICKET_FLAG.renewable) !== 0 && renewTill !== undefined,
    // One bit has both meanings (RFC 4120 sections 5.3 and 5.4.1).
    others: (flags & TICKET_FLAG.mayPostdate) === 0 ? 0 : KDC_OPTION.allowPostdate,
  };
}

/**
 * Checks a TGS-REP against its request (RFC 4120 section 3.3.4; rules T1 to T7) and gives the ticket, whose service is
 * what the KDC says: {@link TgsWalk} decides whether that is the one wanted or a referral.
 */
export function acceptTgsReply(reply: Uint8Array, pending: PendingTgs, options: TgsOptions): ServiceTicket {
  const rep = decodeTgsRep(reply);
  const { client, padata, strengthen } = pending.envelope.reply(rep);
  // Rule T2: our sub-key and usage 9, with no fall-back to the session key.
  const replyKey = strengthen(pending.subkey);
  const plaintext = openData(replyKey, KEY_USAGE.tgsRepEncPartSubkey, rep.encPart);
  try {
    return checkEncPart(rep, decodeEncKdcRepPart(plaintext), { ...pending, client, padata, replyKey }, options);
  } finally {
    // The key of the ticket is a copy by now; what was decoded are views of these octets.
    wipe(plaintext);
  }
}

function checkEncPart(
  rep: KdcRep,
  encPart: EncKdcRepPart,
  pending: PendingTgs & {
    readonly client: Principal;
    readonly padata: readonly PaData[];
    readonly replyKey: ProtocolKey;
  },
  options: TgsOptions,
): ServiceTicket {
  const { request, tgt, client, padata, subkey, replyKey } = pending;
  checkNonce(request, encPart);
  const isProvenRequest = verifyEncPaRep(encPart, pending.octets, replyKey);
  const service = replyService(rep, encPart);
  if (options.checkClient !== undefined) {
    const { encryptedPaData = [] } = encPart;
    options.checkClient({ request, subkey, sessionKey: tgt.sessionKey, client, service, padata, encryptedPaData });
  } else if (!equalPrincipals(client, tgt.client)) {
    // Rule T3.
    throw modified(
      `it is for ${printableName(client)}, our ticket-granting ticket is that of ${printableName(tgt.client)}`,
    );
  }
  checkTimes(request, encPart, options.now() + tgt.clockOffsetMs, options.skewMs, tgt);
  options.trace({
    type: "check",
    what: `TGS-REP: nonce, names, times, enctypes${isProvenRequest ? ", our request unchanged" : ""}`,
  });
  const isForeign = tgt.service.components[1] !== tgt.client.realm;
  const isTrusted = !isForeign || (tgt.flags & TICKET_FLAG.okAsDelegate) !== 0;
  // Rule T7: another realm cannot say whom we may delegate to, unless our way there was trusted for it.
  const flags = isTrusted ? encPart.flags : (encPart.flags & ~TICKET_FLAG.okAsDelegate) >>> 0;
  return ticketOf(rep, encPart, client, service, request, options.encTypes, tgt.clockOffsetMs, flags);
}

/** The error of a KRB-ERROR that answered a TGS-REQ, and its number; it is a trace event too. */
export function refusedTgs(
  reply: Uint8Array,
  { request, envelope }: PendingTgs,
  {
    client,
    realm,
    trace,
    names,
  }: { readonly client: Principal; readonly realm: string } & Pick<TgsOptions, "trace" | "names">,
): { readonly failure: AnyKerberosError; readonly errorCode: number } {
  const { error } = envelope.error(decodeKrbError(reply));
  const failure = krbErrorToError(error, {
    client,
    service: request.service,
    realm,
    requested: request.body.etype,
    names,
  });
  trace({ type: "kdc-error", realm, ...krbErrorDetails(error, names) });
  return { failure, errorCode: error.errorCode };
}
