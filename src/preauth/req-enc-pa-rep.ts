import { type ProtocolKey, verifyKeyedChecksum } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import { KEY_USAGE, PADATA, TICKET_FLAG } from "../iana/index.ts";
import { decodeChecksum, type EncKdcRepPart, type PaData } from "../krb5/index.ts";
import { findPaData } from "./methods.ts";
import { modified } from "./modified.ts";

/** Asks the KDC to prove that our request reached it unchanged (RFC 6806 section 11). */
export const reqEncPaRep: PaData = { padataType: PADATA.reqEncPaRep, padataValue: new Uint8Array(0) };

/**
 * The answer to {@link reqEncPaRep} (rule A12): under the ticket flag enc-pa-rep there must be a keyed checksum over
 * the octets of the request as we sent it, in the reply key. Returns whether there was one; a KDC that does not know
 * RFC 6806 sets no flag. Throws ProtocolError `REPLY_MODIFIED`.
 */
export function verifyEncPaRep(encPart: EncKdcRepPart, request: Uint8Array, replyKey: ProtocolKey): boolean {
  const answer = findPaData(encPart.encryptedPaData, PADATA.reqEncPaRep);
  if (answer === undefined) {
    if ((encPart.flags & TICKET_FLAG.encPaRep) !== 0) {
      // Both are sealed: nobody between us can have taken it out.
      throw new ProtocolError(
        "REPLY_MODIFIED",
        "the KDC's reply has the enc-pa-rep flag and no checksum of our request (RFC 6806 section 11): update the KDC, which is broken",
      );
    }
    return false;
  }
  try {
    const { cksumtype, checksum } = decodeChecksum(answer.padataValue);
    verifyKeyedChecksum(replyKey, KEY_USAGE.asReqChecksum, cksumtype, checksum, request);
  } catch (cause) {
    const what = "its checksum of our request does not fit the request that we sent (RFC 6806 section 11)";
    throw modified(what, undefined, cause);
  }
  return true;
}
