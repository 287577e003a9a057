import { makeKeyedChecksum, type ProtocolKey } from "../../crypto/index.ts";
import { KEY_USAGE, PADATA } from "../../iana/index.ts";
import { type PaData, sealData } from "../../krb5/index.ts";
import type { RequestBody } from "../envelope.ts";
import { ARMOR_AP_REQUEST, fastMessages } from "./messages.ts";

/** What one armored request is made of. */
export interface FastRequestParts {
  /** The armor key. */
  readonly key: ProtocolKey;
  /** The body, which goes inside as it is outside (RFC 6113 section 5.4.2 permits that, and MIT does it). */
  readonly body: RequestBody;
  /** What is meant for the KDC's eyes alone. */
  readonly padata: readonly PaData[];
  /** What the checksum is over: the outer body in an AS-REQ, the AP-REQ of PA-TGS-REQ in a TGS-REQ. */
  readonly checksummed: Uint8Array;
  /** The AP-REQ of explicit armor. */
  readonly apReq?: Uint8Array;
}

/** PA-FX-FAST of a request (RFC 6113 section 5.4.2). */
export function fastRequest({ key, body, padata, checksummed, apReq }: FastRequestParts): PaData {
  const inner = fastMessages.encode("KrbFastReq", { fastOptions: 0, padata, reqBody: { octets: body.octets } });
  const padataValue = fastMessages.encode("PA-FX-FAST-REQUEST", {
    ...(apReq === undefined ? {} : { armor: { armorType: ARMOR_AP_REQUEST, armorValue: apReq } }),
    reqChecksum: makeKeyedChecksum(key, KEY_USAGE.fastReqChecksum, checksummed),
    encFastReq: sealData(key, KEY_USAGE.fastEnc, inner),
  });
  inner.fill(0);
  return { padataType: PADATA.fxFast, padataValue };
}
