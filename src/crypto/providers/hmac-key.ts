/** The key of an HMAC (RFC 2104) as a whole block, each octet XORed with `pad`: 0x36 within, 0x5c around. */
export function padded(key: Uint8Array, blockBytes: number, pad: number): Uint8Array {
  const block = new Uint8Array(blockBytes);
  block.set(key);
  for (let i = 0; i < blockBytes; i++) (block[i] as number) ^= pad;
  return block;
}
