import type { ProtocolKey } from "../crypto/index.ts";
import { KEY_USAGE, MESSAGE_TYPE } from "../iana/index.ts";
import { openData, sealData } from "./encrypted-data.ts";
import {
  decodeEncKrbPrivPart,
  decodeKrbPriv,
  type EncKrbPrivPart,
  encodeEncKrbPrivPart,
  encodeKrbPriv,
} from "./messages/index.ts";

/** A KRB-PRIV (RFC 4120 section 5.7): `part` sealed under the key that two parties share. */
export function sealPriv(key: ProtocolKey, part: EncKrbPrivPart): Uint8Array {
  const plaintext = encodeEncKrbPrivPart(part);
  const octets = encodeKrbPriv({
    pvno: 5,
    msgType: MESSAGE_TYPE.krbPriv,
    encPart: sealData(key, KEY_USAGE.krbPrivEncPart, plaintext),
  });
  plaintext.fill(0);
  return octets;
}

/**
 * What a KRB-PRIV holds, its octets the caller's own. Throws DecodeError, and CryptoError if it does not open with the
 * key.
 */
export function openPriv(key: ProtocolKey, octets: Uint8Array): EncKrbPrivPart {
  const { encPart } = decodeKrbPriv(octets);
  return decodeEncKrbPrivPart(openData(key, KEY_USAGE.krbPrivEncPart, encPart));
}
