import type { EncTypeSet } from "../../crypto/index.ts";
import { PADATA } from "../../iana/index.ts";
import { type Envelope, plainEnvelope, type TgsEnvelopeParts } from "../envelope.ts";
import { findPaData } from "../methods.ts";
import { armorKey } from "./armor.ts";
import { fastRequest } from "./request.ts";
import { fastOfError, openError, openReply } from "./response.ts";

/**
 * FAST around one TGS-REQ (RFC 6113 section 5.4.2), its armor implicit: the sub-key of the authenticator. What is
 * inside is repeated outside, like MIT's, for KDCs that do not know FAST here; their replies are under the sub-key
 * too, so that one without armor is as strong as it ever was.
 */
export function tgsEnvelope({ apReq, subkey, sessionKey }: TgsEnvelopeParts, encTypes: EncTypeSet): Envelope {
  const key = armorKey(encTypes, subkey, sessionKey);
  let nonce = 0;
  return {
    armor: { key },
    request(body, padata) {
      nonce = body.nonce;
      return [fastRequest({ key, body, padata, checksummed: apReq }), ...padata];
    },
    error(error) {
      const fast = fastOfError(error);
      return fast === undefined ? plainEnvelope.error(error) : openError({ key, encTypes, nonce }, fast);
    },
    reply(reply) {
      const fast = findPaData(reply.padata, PADATA.fxFast);
      return fast === undefined ? plainEnvelope.reply(reply) : openReply({ key, encTypes, nonce }, fast, reply);
    },
  };
}
