import { Reader } from "../bytes/index.ts";
import type { ProtocolKey } from "../crypto/index.ts";
import { integrityError } from "../errors.ts";
import { CHECKSUM, KEY_USAGE } from "../iana/index.ts";
import type { PacBuffer } from "./frame.ts";

/** Octets of the checksums that a KDC signs with (MS-PAC section 2.8). */
const CHECKSUM_BYTES: ReadonlyMap<number, number> = new Map([
  [CHECKSUM.hmacMd5, 16],
  [CHECKSUM.hmacSha196Aes128, 12],
  [CHECKSUM.hmacSha196Aes256, 12],
  [CHECKSUM.hmacSha256128Aes128, 16],
  [CHECKSUM.hmacSha384192Aes256, 24],
  [CHECKSUM.cmacCamellia128, 16],
  [CHECKSUM.cmacCamellia256, 16],
  [CHECKSUM.hmacSha1Des3Kd, 20],
]);

/** A PAC_SIGNATURE_DATA (MS-PAC section 2.8). */
export interface PacSignature {
  readonly type: number;
  /** The checksum, a view; the identifier of a read-only KDC may follow it. */
  readonly signature: Uint8Array;
  /** Where the checksum begins in the PAC. */
  readonly offset: number;
}

export function decodeSignature({ data, offset }: PacBuffer): PacSignature {
  const reader = new Reader(data, "PAC_SIGNATURE_DATA", { littleEndian: true });
  const type = reader.int32();
  const length = CHECKSUM_BYTES.get(type) ?? reader.fail("a checksum of a type that signs no PAC");
  const signature = reader.bytes(length);
  if (reader.remaining !== 0 && reader.remaining !== 2) reader.fail("octets behind the checksum");
  return { type, signature, offset: offset + 4 };
}

/** The PAC as it was signed: the octets of these signatures are zero. */
export function withoutSignatures(pac: Uint8Array, signatures: readonly (PacSignature | undefined)[]): Uint8Array {
  const signed = pac.slice();
  for (const one of signatures) {
    if (one !== undefined) signed.fill(0, one.offset, one.offset + one.signature.length);
  }
  return signed;
}

/**
 * Throws the integrity error unless the signature is that of the octets. Its type must be the one of the key: an
 * unkeyed checksum, or one of another key's type, proves nothing (CVE-2014-6324).
 */
export function verifySignature(key: ProtocolKey, { type, signature }: PacSignature, octets: Uint8Array): void {
  if (type !== key.encType.checksumType) throw integrityError();
  key.usage(KEY_USAGE.nonKerberosChecksum).verifyChecksum(signature, octets);
}
