// What `ciphers.mjs` measures on each host: messages sealed one after the other by this package, and by Web Cryptography.

import { createEncTypeSet, loadNobleProvider, loadNodeProvider, strongEncTypes } from "../../src/crypto/index.ts";

const ETYPE = 18;
const USAGE = 24;
const MAC_BYTES = 12;

/**
 * Seals `count` messages of `bytes` octets, one after the other. @param {"node" | "noble" | "subtle"} how
 * @param {number} bytes @param {number} count
 */
export async function seal(how, bytes, count) {
  const message = new Uint8Array(bytes);
  if (how === "subtle") return await sealBySubtle(message, count);
  const provider =
    how === "noble"
      ? await loadNobleProvider()
      : await loadNodeProvider({ nodeCrypto: () => process.getBuiltinModule("node:crypto") });
  const key = createEncTypeSet(strongEncTypes, provider).generateKey(ETYPE).usage(USAGE);
  for (let n = 0; n < count; n++) key.encrypt(message);
}

/** A Worker that seals as its request says. */
export default {
  /** @param {Request} request */
  async fetch(request) {
    const { how, bytes, count } = await request.json();
    await seal(how, bytes, count);
    return new Response("sealed");
  },
};

/**
 * The same octets by `crypto.subtle`: a confounder before the message, CBC whose last two blocks change places (RFC 3962),
 * and the HMAC beside it. Each message waits for the one before: their numbers are in order.
 * @param {Uint8Array} message @param {number} count
 */
async function sealBySubtle(message, count) {
  const { subtle } = crypto;
  const octets = crypto.getRandomValues(new Uint8Array(32));
  const aes = await subtle.importKey("raw", octets, "AES-CBC", false, ["encrypt"]);
  const hmac = await subtle.importKey("raw", octets, { name: "HMAC", hash: "SHA-1" }, false, ["sign"]);
  const iv = new Uint8Array(16);
  for (let n = 0; n < count; n++) {
    const plain = new Uint8Array(16 + message.length);
    crypto.getRandomValues(plain.subarray(0, 16));
    plain.set(message, 16);
    const [sealed, tag] = await Promise.all([
      subtle.encrypt({ name: "AES-CBC", iv }, aes, plain),
      subtle.sign("HMAC", hmac, plain),
    ]);
    const result = new Uint8Array(plain.length + MAC_BYTES);
    const blocks = new Uint8Array(sealed);
    const last = plain.length - 16;
    result.set(blocks.subarray(0, last - 16));
    result.set(blocks.subarray(last, last + 16), last - 16);
    result.set(blocks.subarray(last - 16, last), last);
    result.set(new Uint8Array(tag).subarray(0, MAC_BYTES), plain.length);
  }
}
