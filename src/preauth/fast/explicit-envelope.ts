import { encodeText } from "../../bytes/index.ts";
import { cf2, type EncTypeSet } from "../../crypto/index.ts";
import type { Envelope, TgsEnvelopeParts } from "../envelope.ts";
import type { FastArmor } from "./armor.ts";
import { asEnvelope } from "./as-envelope.ts";

/**
 * FAST around one TGS-REQ whose armor is explicit (RFC 6113 section 5.4.2): the KDC opens it with the keys of two, the
 * one whose ticket the armor is, and the one who asks. It is what the caller wants of the ticket (compound identity,
 * MS-KILE section 3.3.5.7.4), so that nothing is repeated outside, and an answer without FAST is refused (rule FA7).
 */
export function explicitEnvelope(
  { apReq, subkey }: TgsEnvelopeParts,
  armor: FastArmor,
  encTypes: EncTypeSet,
): Envelope {
  const key = cf2(encTypes.provider, armor.key, subkey, encodeText("explicitarmor"), encodeText("tgsarmor"));
  return asEnvelope({ key, apReq: armor.apReq }, encTypes, { name: "request for a ticket", checksummed: apReq });
}
