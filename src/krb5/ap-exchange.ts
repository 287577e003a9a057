import { getUint32 } from "../bytes/index.ts";
import type { EncTypeSet, ProtocolKey } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import { AP_OPTION, KEY_USAGE, MESSAGE_TYPE } from "../iana/index.ts";
import { type AuthenticatorClock, type AuthenticatorTime, createAuthenticatorClock } from "./authenticator-clock.ts";
import { importEncryptionKey, openData, sealData } from "./encrypted-data.ts";
import {
  type AuthorizationData,
  type Checksum,
  decodeApRep,
  decodeEncApRepPart,
  encodeApReq,
  encodeAuthenticator,
} from "./messages/index.ts";
import { toPrincipalName } from "./principal.ts";
import type { ServiceTicket } from "./ticket-source.ts";

/** Options for {@link createApReq}. */
export interface ApReqOptions {
  readonly ticket: ServiceTicket;
  /** Whose generator the sequence number comes from. */
  readonly encTypes: EncTypeSet;
  /** Gives the authenticator's time. Default: one over `now`. */
  readonly clock?: AuthenticatorClock;
  /** Milliseconds since the epoch, without a `clock`. Default `Date.now`. */
  readonly now?: () => number;
  /** AP_OPTION bits. Default none. */
  readonly apOptions?: number;
  readonly checksum?: Checksum | undefined;
  readonly subkey?: ProtocolKey | undefined;
  /** Default: a random one in the AP exchange, none in a TGS-REQ. */
  readonly seqNumber?: number | undefined;
  readonly authorizationData?: AuthorizationData | undefined;
  /** The key usage of the authenticator: 11 (default), or 7 in a TGS-REQ. */
  readonly usage?: number;
}

/** An AP-REQ and what its reply is checked against. */
export interface SentApReq extends AuthenticatorTime {
  readonly octets: Uint8Array;
  readonly subkey: ProtocolKey | undefined;
  readonly seqNumber: number | undefined;
}

/** An AP-REQ (RFC 4120 section 3.2.2), its authenticator timed by the KDC's clock. */
export function createApReq(options: ApReqOptions): SentApReq {
  const { ticket, encTypes, checksum, subkey, authorizationData } = options;
  const usage = options.usage ?? KEY_USAGE.apReqAuthenticator;
  const clock = options.clock ?? createAuthenticatorClock(options.now);
  const { ctime, cusec } = clock.next(ticket.clockOffsetMs);
  const isTgs = usage === KEY_USAGE.tgsReqAuthenticator;
  const seqNumber = options.seqNumber ?? (isTgs ? undefined : randomSequenceNumber(encTypes));
  const authenticator = encodeAuthenticator({
    authenticatorVno: 5,
    crealm: ticket.client.realm,
    cname: toPrincipalName(ticket.client),
    cksum: checksum,
    cusec,
    ctime,
    subkey: subkey && { keytype: subkey.encType.etype, keyvalue: subkey.octets },
    seqNumber,
    authorizationData,
  });
  const octets = encodeApReq({
    pvno: 5,
    msgType: MESSAGE_TYPE.apReq,
    apOptions: ((options.apOptions ?? 0) | (ticket.isUserToUser === true ? AP_OPTION.useSessionKey : 0)) >>> 0,
    ticket: { octets: ticket.ticket },
    authenticator: sealData(ticket.sessionKey, usage, authenticator),
  });
  authenticator.fill(0);
  return { octets, ctime, cusec, subkey, seqNumber };
}

/** What an AP-REP is checked against. */
export interface ApRepExpectation {
  /** The result of {@link createApReq}. */
  readonly sent: AuthenticatorTime;
  readonly sessionKey: ProtocolKey;
  readonly encTypes: EncTypeSet;
}

/** What the service chose in its AP-REP. */
export interface VerifiedApRep {
  readonly subkey: ProtocolKey | undefined;
  readonly seqNumber: number | undefined;
}

/**
 * Checks an AP-REP (RFC 4120 section 3.2.5): the service has the key of the ticket, and answers this request and no
 * other. Throws DecodeError for anything but an AP-REP, CryptoError if it does not open with the session key (rule C1;
 * no other key is tried, rule C6) or its sub-key is not permitted (rule C11), ProtocolError `REPLY_MODIFIED` if its
 * time is not the one sent (rule C2).
 */
export function verifyApRep(octets: Uint8Array, { sent, sessionKey, encTypes }: ApRepExpectation): VerifiedApRep {
  const { encPart } = decodeApRep(octets);
  const plaintext = openData(sessionKey, KEY_USAGE.apRepEncPart, encPart);
  try {
    const { ctime, cusec, subkey, seqNumber } = decodeEncApRepPart(plaintext);
    if (ctime.getTime() !== sent.ctime.getTime() || cusec !== sent.cusec) {
      throw new ProtocolError(
        "REPLY_MODIFIED",
        "mutual authentication failed: the service's reply is to another request than ours (its time differs): try again",
      );
    }
    return { subkey: subkey && importEncryptionKey(encTypes, subkey), seqNumber };
  } finally {
    plaintext.fill(0);
  }
}

/**
 * A first sequence number (RFC 4120 section 5.5.1, seq-number; rule K6): 30 random bits, for peers that read it as
 * signed and count on from it, and never 0, which old ones take for none.
 */
export function randomSequenceNumber({ provider }: EncTypeSet): number {
  const octets = provider.randomBytes(4);
  const value = getUint32(octets, 0) & 0x3fffffff;
  return value === 0 ? 1 : value;
}
