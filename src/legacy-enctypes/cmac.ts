import { concat } from "../bytes/index.ts";
import { BLOCK_BYTES, type CbcCipher, type Mac, ZERO_IV } from "../crypto/index.ts";

/** CMAC (SP 800-38B section 6.2) over a cipher with blocks of 16 octets. */
export function cmac(cipher: CbcCipher): Mac {
  const zero = new Uint8Array(BLOCK_BYTES);
  cipher.encrypt(ZERO_IV, zero, zero);
  const whole = doubled(zero);
  const cut = doubled(whole);
  const mac = (...parts: readonly Uint8Array[]): Uint8Array => {
    const message = concat(...parts);
    const blocks = Math.max(1, Math.ceil(message.length / BLOCK_BYTES));
    const data = new Uint8Array(blocks * BLOCK_BYTES);
    data.set(message);
    const isWhole = message.length === data.length;
    if (!isWhole) data[message.length] = 0x80;
    const last = data.length - BLOCK_BYTES;
    const mask = isWhole ? whole : cut;
    for (let i = 0; i < BLOCK_BYTES; i++) (data[last + i] as number) ^= mask[i] as number;
    cipher.encrypt(ZERO_IV, data, data);
    return data.slice(last);
  };
  return { mac, tag: mac };
}

/** A block times x in GF(2^128): one bit to the left, and what falls out comes back in at the end (section 6.1). */
function doubled(block: Uint8Array): Uint8Array {
  const out = new Uint8Array(BLOCK_BYTES);
  for (let i = 0; i < BLOCK_BYTES; i++) {
    out[i] = ((block[i] as number) << 1) | ((block[i + 1] ?? 0) >> 7);
  }
  // The mask is 0x87 or nothing, without a branch on a bit of the key.
  (out[BLOCK_BYTES - 1] as number) ^= 0x87 & -((block[0] as number) >> 7);
  return out;
}
