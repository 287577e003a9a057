import { decodeHex, equal, wipe } from "../bytes/index.ts";
import { checkOctets } from "../checks/index.ts";
import { type CbcCipher, type CryptoProvider, nFold } from "../crypto/index.ts";
import { hostCipher } from "./host-cipher.ts";

/** Octets of a block of DES. */
export const DES_BLOCK_BYTES = 8;
/** The initial cipher state. Never written to. */
export const DES_ZERO_IV: Uint8Array = new Uint8Array(DES_BLOCK_BYTES);
/** Octets that random-to-key takes: three times 56 bits. */
export const SEED_BYTES = 21;
export const KEY_BYTES = 24;

/** The four weak and twelve semi-weak keys of DES (RFC 3961 section 6.2). */
const WEAK_KEYS =
  "0101010101010101 fefefefefefefefe e0e0e0e0f1f1f1f1 1f1f1f1f0e0e0e0e 01fe01fe01fe01fe fe01fe01fe01fe01 " +
  "1fe01fe00ef10ef1 e01fe01ff10ef10e 01e001e001f101f1 e001e001f101f101 1ffe1ffe0efe0efe fe1ffe1ffe0efe0e " +
  "011f011f010e010e 1f011f010e010e01 e0fee0fef1fef1fe fee0fee0fef1fef1";

/** RFC 3961 section 6.3.1: each 56 bits become 8 octets; the last one has the lowest bits of the seven others. */
export function desRandomToKey(seed: Uint8Array): Uint8Array {
  checkOctets("seed", seed);
  const key = new Uint8Array(KEY_BYTES);
  for (let third = 0; third < 3; third++) {
    const part = key.subarray(8 * third, 8 * third + 8);
    for (let i = 0; i < 7; i++) {
      const octet = seed[7 * third + i] as number;
      part[i] = withParity(octet);
      (part[7] as number) |= (octet & 1) << (i + 1);
    }
    part[7] = withParity(part[7] as number);
    if (WEAK_KEYS.split(" ").some((weak) => equal(decodeHex(weak), part))) (part[7] as number) ^= 0xf0;
  }
  return key;
}

/** The upper seven bits, and a lowest that makes the number of ones odd. */
function withParity(octet: number): number {
  let ones = octet >> 1;
  ones ^= ones >> 4;
  ones ^= ones >> 2;
  ones ^= ones >> 1;
  return (octet & 0xfe) | (~ones & 1);
}

/** DK (RFC 3961 section 5.1): the folded constant, encrypted again and again, then random-to-key. */
export function desDeriveKey(base: CbcCipher, constant: Uint8Array): Uint8Array {
  const seed = new Uint8Array(KEY_BYTES);
  const block = nFold(constant, DES_BLOCK_BYTES);
  for (let at = 0; at < KEY_BYTES; at += DES_BLOCK_BYTES) {
    base.encrypt(DES_ZERO_IV, block, block);
    seed.set(block, at);
  }
  const key = desRandomToKey(seed.subarray(0, SEED_BYTES));
  wipe(seed, block);
  return key;
}

/** Triple DES of the host. */
export function des3Cbc(provider: CryptoProvider, key: Uint8Array): CbcCipher {
  return hostCipher(provider, "des-ede3", key);
}
