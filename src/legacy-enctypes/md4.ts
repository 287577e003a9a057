/** One round: how three words are mixed, the constant, the order of the words, and the turns of each step. */
type Round = readonly [(x: number, y: number, z: number) => number, number, readonly number[], readonly number[]];

const INORDER = Array.from({ length: 16 }, (_, i) => i);

/** RFC 1320 section 3.4. */
const ROUNDS: readonly Round[] = [
  [(x, y, z) => (x & y) | (~x & z), 0, INORDER, [3, 7, 11, 19]],
  [(x, y, z) => (x & y) | (x & z) | (y & z), 0x5a827999, INORDER.map((i) => ((i & 3) << 2) | (i >> 2)), [3, 5, 9, 13]],
  [(x, y, z) => x ^ y ^ z, 0x6ed9eba1, [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15], [3, 9, 11, 15]],
];

/** MD4 (RFC 1320), which RC4-HMAC makes keys of passwords with. It is broken, and serves nothing else. */
export function md4(message: Uint8Array): Uint8Array {
  const data = new Uint8Array(Math.ceil((message.length + 9) / 64) * 64);
  data.set(message);
  data[message.length] = 0x80;
  const view = new DataView(data.buffer);
  view.setUint32(data.length - 8, message.length << 3, true);
  view.setUint32(data.length - 4, message.length >>> 29, true);
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  for (let block = 0; block < data.length; block += 64) {
    let [a, b, c, d] = state as unknown as [number, number, number, number];
    for (const [mix, constant, order, turns] of ROUNDS) {
      for (let step = 0; step < 16; step++) {
        const word = view.getUint32(block + 4 * (order[step] as number), true);
        const sum = (a + mix(b, c, d) + word + constant) | 0;
        const turn = turns[step & 3] as number;
        [a, b, c, d] = [d, (sum << turn) | (sum >>> (32 - turn)), b, c];
      }
    }
    for (const [i, word] of [a, b, c, d].entries()) state[i] = (state[i] as number) + word;
  }
  data.fill(0);
  const digest = new Uint8Array(16);
  const out = new DataView(digest.buffer);
  for (const [i, word] of state.entries()) out.setInt32(4 * i, word, true);
  return digest;
}
