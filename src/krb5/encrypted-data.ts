import type { EncTypeSet, ProtocolKey } from "../crypto/index.ts";
import { CryptoError } from "../errors.ts";
import { enctypeName } from "../iana/index.ts";
import type { EncryptedData, EncryptionKey } from "./messages/index.ts";

/** Encrypts `plaintext` under `key` and a key usage number (RFC 4120 sections 5.2.9 and 7.5.1). */
export function sealData(key: ProtocolKey, usage: number, plaintext: Uint8Array, kvno?: number): EncryptedData {
  const cipher = key.usage(usage).encrypt(plaintext);
  const { etype } = key.encType;
  return kvno === undefined ? { etype, cipher } : { etype, kvno, cipher };
}

/**
 * The plaintext of `data`: new octets that the caller owns. Throws CryptoError: `BAD_KEY` if the key is of another
 * enctype than the data say (rule A4), `INTEGRITY` if they do not open.
 */
export function openData(key: ProtocolKey, usage: number, data: EncryptedData): Uint8Array {
  if (key.encType.etype !== data.etype) {
    throw new CryptoError(
      "BAD_KEY",
      `the octets are encrypted with ${enctypeName(data.etype)} and the key is of ${key.encType.name}`,
      { etype: data.etype },
    );
  }
  return key.usage(usage).decrypt(data.cipher);
}

/**
 * The key of an EncryptionKey that came from a peer. Throws CryptoError: `ETYPE_NOT_PERMITTED` for an enctype that is
 * not in the set, `BAD_KEY` for a wrong number of octets (rules C11 and K5).
 */
export function importEncryptionKey(encTypes: EncTypeSet, { keytype, keyvalue }: EncryptionKey): ProtocolKey {
  return encTypes.importKey(keytype, keyvalue);
}
