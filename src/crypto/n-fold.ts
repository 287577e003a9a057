/**
 * Stretches or squeezes octets to `bytes` octets (RFC 3961 section 5.1): copies of the input, each turned 13 bits
 * further to the right, are laid end to end up to the least common multiple of both lengths, and the pieces of `bytes`
 * octets are added with end-around carry.
 */
export function nFold(input: Uint8Array, bytes: number): Uint8Array {
  const bits = input.length * 8;
  const sums = new Uint32Array(bytes);
  for (let i = 0; i === 0 || i % bytes !== 0 || i % input.length !== 0; i++) {
    const copy = Math.floor(i / input.length);
    const start = ((((i % input.length) * 8 - 13 * copy) % bits) + bits) % bits;
    const first = input[start >>> 3] as number;
    const second = input[((start >>> 3) + 1) % input.length] as number;
    (sums[i % bytes] as number) += (((first << 8) | second) >>> (8 - (start & 7))) & 0xff;
  }
  for (let carry = true; carry; ) {
    carry = false;
    for (let i = bytes - 1; i >= 0; i--) {
      const sum = sums[i] as number;
      if (sum < 256) continue;
      carry = true;
      sums[i] = sum & 0xff;
      sums[(i + bytes - 1) % bytes] = (sums[(i + bytes - 1) % bytes] as number) + (sum >>> 8);
    }
  }
  return Uint8Array.from(sums);
}
