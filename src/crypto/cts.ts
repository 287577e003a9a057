import { wipe } from "../bytes/index.ts";
import type { CbcCipher } from "./provider.ts";

/** Octets of a block of AES, and of Camellia. */
export const BLOCK_BYTES = 16;
/** The initial cipher state of every Kerberos message (RFC 3962 section 5, RFC 8009 section 5). Never written to. */
export const ZERO_IV: Uint8Array = new Uint8Array(BLOCK_BYTES);

/** The longest message of remctl, sealed, and then some. */
const SCRATCH_BYTES = 68 * 1024;
/** Where a ciphertext's blocks are put in order: one for all, since nothing here waits, and no secret is ever in it. */
let scratch: Uint8Array | undefined;

/** Octets of the whole blocks that hold `length` octets. */
export function paddedBytes(length: number): number {
  return Math.ceil(length / BLOCK_BYTES) * BLOCK_BYTES;
}

/**
 * CBC with ciphertext stealing in the form CS3 (RFC 3962 section 5, RFC 6803 section 5), in place, with one call of the
 * provider. `data` is the plaintext filled up with zeros to whole blocks; afterwards its first octets, as many as the
 * plaintext had, are the ciphertext: the last two blocks change places always, and the cut falls in the one that comes
 * last.
 */
export function ctsEncrypt(cbc: CbcCipher, data: Uint8Array): void {
  cbc.encrypt(ZERO_IV, data, data);
  if (data.length > BLOCK_BYTES) swapLastBlocks(data);
}

/**
 * Undoes {@link ctsEncrypt}: the plaintext, in new octets filled up with zeros to whole blocks. `ciphertext` has at
 * least 16 octets. What was cut off the last block is in the decryption of the block before it, since the plaintext
 * there was filled with zeros: one block more to decrypt, then everything in one call.
 */
export function ctsDecrypt(cbc: CbcCipher, ciphertext: Uint8Array): Uint8Array {
  const end = paddedBytes(ciphertext.length);
  if (end === BLOCK_BYTES) return cbc.decryptNew(ZERO_IV, ciphertext);
  if (end <= SCRATCH_BYTES) scratch ??= new Uint8Array(SCRATCH_BYTES);
  const data = end <= SCRATCH_BYTES ? (scratch as Uint8Array).subarray(0, end) : new Uint8Array(end);
  data.set(ciphertext);
  if (end > ciphertext.length) {
    const stolen = new Uint8Array(BLOCK_BYTES);
    cbc.decrypt(ZERO_IV, data.subarray(end - 2 * BLOCK_BYTES, end - BLOCK_BYTES), stolen);
    data.set(stolen.subarray(ciphertext.length - end), ciphertext.length);
    wipe(stolen);
  }
  swapLastBlocks(data);
  return cbc.decryptNew(ZERO_IV, data);
}

/** Octet by octet: three calls on views would take ten times as long. */
function swapLastBlocks(data: Uint8Array): void {
  for (let i = data.length - BLOCK_BYTES; i < data.length; i++) {
    const octet = data[i] as number;
    data[i] = data[i - BLOCK_BYTES] as number;
    data[i - BLOCK_BYTES] = octet;
  }
}
