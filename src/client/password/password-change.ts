import { equal, Reader, Writer, wipe } from "../../bytes/index.ts";
import type { EncTypeSet, ProtocolKey } from "../../crypto/index.ts";
import { DecodeError, type KerberosError, ProtocolError } from "../../errors.ts";
import { AP_OPTION, MESSAGE_TYPE } from "../../iana/index.ts";
import {
  type AuthenticatorClock,
  applicationTag,
  createApReq,
  decodeKrbError,
  encodeChangePasswdData,
  krbErrorToError,
  openPriv,
  type Principal,
  registeredNames,
  type SentApReq,
  type ServiceTicket,
  sealPriv,
  toPrincipalName,
  verifyApRep,
} from "../../krb5/index.ts";
import type { Classify } from "../../transport/index.ts";
import { decodePasswordResult, passwordError } from "./password-result.ts";

/** What a request to a password server works with. */
export interface PasswordRequestOptions {
  /** For `kadmin/changepw` of the realm. */
  readonly ticket: ServiceTicket;
  readonly encTypes: EncTypeSet;
  readonly clock: AuthenticatorClock;
  readonly newPassword: string | Uint8Array;
  /** Whose password is set; absent: the client's own is changed. */
  readonly target?: Principal | undefined;
}

/** A request that was made, and what the checks of its reply need. */
export interface PendingPassword {
  readonly octets: Uint8Array;
  readonly ticket: ServiceTicket;
  readonly encTypes: EncTypeSet;
  readonly sent: SentApReq;
  readonly subkey: ProtocolKey;
  /** The KRB-PRIV in it. */
  readonly priv: Uint8Array;
}

const CHANGE = 1;
const SET = 0xff80;
const HEADER_BYTES = 6;
/** IPv4's "no address" (RFC 4120 section 7.5.3): what is behind it is seen by nobody, and NAT would change it. */
const NO_ADDRESS = { addrType: 2, address: new Uint8Array(4) } as const;

/**
 * A request to change the client's own password, or to set another's (RFC 3244 section 2): an AP-REQ with a fresh
 * sub-key, and under that the new password.
 */
export function createPasswordRequest(options: PasswordRequestOptions): PendingPassword {
  const { ticket, encTypes, clock, newPassword, target } = options;
  const subkey = encTypes.generateKey(ticket.sessionKey.encType.etype);
  const sent = createApReq({ ticket, encTypes, clock, subkey, apOptions: AP_OPTION.mutualRequired });
  // As the secret of a login encodes it, so that the same text logs in.
  const password = typeof newPassword === "string" ? new TextEncoder().encode(newPassword) : newPassword.slice();
  const userData =
    target === undefined
      ? password
      : encodeChangePasswdData({
          newpasswd: password,
          targname: toPrincipalName(target),
          targrealm: target.realm,
        });
  const { ctime, cusec, seqNumber } = sent;
  const priv = sealPriv(subkey, {
    userData,
    timestamp: ctime,
    usec: cusec,
    ...(seqNumber === undefined ? {} : { seqNumber }),
    sAddress: NO_ADDRESS,
  });
  wipe(password);
  wipe(userData);
  const length = HEADER_BYTES + sent.octets.length + priv.length;
  if (length > 0xffff)
    throw new RangeError("the new password is too long for the protocol (RFC 3244 section 2): shorten it");
  const out = new Writer(length);
  out.uint16(length).uint16(target === undefined ? CHANGE : SET);
  out.data16(sent.octets).bytes(priv);
  return { octets: out.finish(), ticket, encTypes, sent, subkey, priv };
}

/**
 * Checks the reply of a password server: the server has the ticket's key, answers this request, and says in a message
 * under our sub-key that the password is changed. Throws PasswordChangeError with the server's words, DecodeError,
 * CryptoError or ProtocolError for anything that is not a reply.
 */
export function acceptPasswordReply(reply: Uint8Array, pending: PendingPassword): void {
  if (isKrbError(reply)) throw refusal(reply, pending);
  const from = new Reader(reply, "password-reply");
  const length = from.uint16();
  if (length !== reply.length) from.fail(`a message of ${length} octets in ${reply.length}`);
  const version = from.uint16();
  if (version !== CHANGE && version !== SET) from.fail(`version ${version}; expected 1 or 0xff80`);
  const apRep = from.data16();
  const rest = from.bytes(from.remaining);
  // The original protocol wraps its errors.
  if (apRep.length === 0) throw refusal(rest, pending);
  const { ticket, encTypes, sent } = pending;
  const service = verifyApRep(apRep, { sent, sessionKey: ticket.sessionKey, encTypes });
  // Rule PW4: it opens with the same key and under the same key usage as ours, and no address tells them apart.
  if (equal(rest, pending.priv)) throw notOfTheServer("it is our own request");
  const { userData, seqNumber } = openPriv(service.subkey ?? pending.subkey, rest);
  // RFC 3244 section 2 fixes the sequence number of requests only; MIT, Heimdal and Samba number their replies so.
  if (service.seqNumber === undefined || seqNumber !== service.seqNumber) {
    wipe(userData);
    throw notOfTheServer("it does not have the number of its AP-REP");
  }
  const result = decodePasswordResult(userData);
  if (result === undefined) throw new DecodeError("a result of less than two octets", 0, "password-reply");
  if (result.resultCode !== 0) throw passwordError(result, true);
}

/** Tells the replies of a password server from other octets. */
export const classifyPasswordReply: Classify = (octets) => {
  if (isKrbError(octets)) return "reply";
  if (octets.length < HEADER_BYTES) return "garbage";
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  const version = view.getUint16(2);
  return view.getUint16(0) === octets.length && (version === CHANGE || version === SET) ? "reply" : "garbage";
};

function isKrbError(octets: Uint8Array): boolean {
  return applicationTag(octets) === MESSAGE_TYPE.krbError;
}

function notOfTheServer(why: string): ProtocolError {
  return new ProtocolError(
    "REPLY_MODIFIED",
    `the answer about the new password is not the server's: ${why}; someone may be changing messages on the way: log in with both passwords to see which is set`,
  );
}

/**
 * A KRB-ERROR, whose e-data may say why. It has no MAC: success is never believed of it, and its words, which could be
 * anybody's, are not repeated (rule PW5).
 */
function refusal(octets: Uint8Array, { ticket }: PendingPassword): KerberosError {
  const { eText: _words, ...error } = decodeKrbError(octets);
  const cause = krbErrorToError(error, {
    client: ticket.client,
    service: ticket.service,
    from: "service",
    names: registeredNames(),
  });
  const result = error.eData === undefined ? undefined : decodePasswordResult(error.eData);
  if (result === undefined || result.resultCode === 0) return cause;
  const failure = passwordError({ ...result, octets: new Uint8Array() }, false);
  return Object.defineProperty(failure, "cause", { value: cause, configurable: true, writable: true });
}
