import { integrityError } from "../errors.ts";
import type { ProtocolKey } from "./enctype.ts";

/** A `Checksum` of RFC 4120 section 5.2.9. */
export interface KeyedChecksum {
  readonly cksumtype: number;
  readonly checksum: Uint8Array;
}

/** The keyed checksum over the parts, joined, of the type that belongs to the key (RFC 3961 section 4). */
export function makeKeyedChecksum(key: ProtocolKey, usage: number, ...parts: readonly Uint8Array[]): KeyedChecksum {
  return { cksumtype: key.encType.checksumType, checksum: key.usage(usage).checksum(...parts) };
}

/**
 * Verifies a `Checksum` that came from a peer (rule K4 in SECURITY.md): its type must be the one of the key's enctype,
 * so that an unkeyed checksum or one of another key's type is refused unseen; type 0 stands for the key's type; the
 * length must be exact. Throws the integrity error (CryptoError `INTEGRITY`) for anything wrong.
 */
export function verifyKeyedChecksum(
  key: ProtocolKey,
  usage: number,
  cksumtype: number,
  checksum: Uint8Array,
  ...parts: readonly Uint8Array[]
): void {
  if (cksumtype !== 0 && cksumtype !== key.encType.checksumType) throw integrityError();
  key.usage(usage).verifyChecksum(checksum, ...parts);
}
