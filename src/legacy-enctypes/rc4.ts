/** RC4 of `data` from the beginning of the key's stream, in new octets: it encrypts and decrypts alike. */
export function rc4(key: Uint8Array, data: Uint8Array): Uint8Array {
  const state = new Uint8Array(256);
  for (let i = 0; i < 256; i++) state[i] = i;
  for (let i = 0, j = 0; i < 256; i++) {
    const at = state[i] as number;
    j = (j + at + (key[i % key.length] as number)) & 255;
    state[i] = state[j] as number;
    state[j] = at;
  }
  const out = new Uint8Array(data.length);
  for (let n = 0, i = 0, j = 0; n < data.length; n++) {
    i = (i + 1) & 255;
    const a = state[i] as number;
    j = (j + a) & 255;
    const b = state[j] as number;
    state[i] = b;
    state[j] = a;
    out[n] = (data[n] as number) ^ (state[(a + b) & 255] as number);
  }
  state.fill(0);
  return out;
}
