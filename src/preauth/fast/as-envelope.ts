import type { EncTypeSet } from "../../crypto/index.ts";
import { ProtocolError } from "../../errors.ts";
import { PADATA } from "../../iana/index.ts";
import { type KrbError, krbErrorDetails, krbErrorToError } from "../../krb5/index.ts";
import type { Envelope } from "../envelope.ts";
import { findPaData } from "../methods.ts";
import type { FastArmor } from "./armor.ts";
import { fastRequest } from "./request.ts";
import { fastOfError, openError, openReply } from "./response.ts";

/** What {@link asEnvelope} goes around, if not a login. */
export interface ArmoredRequest {
  /** What the request is called. */
  readonly name: string;
  /** What the checksum is over. */
  readonly checksummed: Uint8Array;
}

/**
 * FAST around the messages of one AS exchange (RFC 6113 section 5.4). One armor serves all rounds. What does not come
 * inside it ends the login (rule FA5): anybody can write a plain KRB-ERROR, and a plain retry is what they would want.
 */
export function asEnvelope(armor: FastArmor, encTypes: EncTypeSet, other?: ArmoredRequest): Envelope {
  const { key, apReq } = armor;
  let nonce = 0;
  return {
    armor,
    request(body, padata) {
      nonce = body.nonce;
      return [fastRequest({ key, body, padata, checksummed: other?.checksummed ?? body.octets, apReq })];
    },
    error(error) {
      const fast = fastOfError(error);
      if (fast === undefined) throw stripped(other?.name, "with an error that is not armored", error);
      return openError({ key, encTypes, nonce }, fast);
    },
    reply(reply) {
      const fast = findPaData(reply.padata, PADATA.fxFast);
      if (fast === undefined) throw stripped(other?.name, "with a ticket that is not armored");
      return openReply({ key, encTypes, nonce }, fast, reply);
    },
  };
}

function stripped(name = "login", how: string, error?: KrbError): ProtocolError {
  const code = error === undefined ? "" : ` (error ${krbErrorDetails(error).errorCode})`;
  return new ProtocolError(
    "FAST_STRIPPED",
    `the KDC answered an armored ${name} ${how}${code}: nothing is sent without armor; the KDC may not do FAST, may refuse ` +
      `the armor's ticket, or someone on the way wants a weaker ${name}; if the realm has no FAST, leave out the armor`,
    error === undefined ? {} : { cause: krbErrorToError(error) },
  );
}
