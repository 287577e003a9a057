import { unsafe } from "@noble/ciphers/aes.js";
import { md5, sha1 } from "@noble/hashes/legacy.js";
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import type { CbcCipher, CryptoProvider, HashName, Mac } from "../provider.ts";
import { createRandom } from "../random.ts";
import { padded } from "./hmac-key.ts";
import { pbkdf2 } from "./pbkdf2.ts";
import { subtlePbkdf2 } from "./subtle-pbkdf2.ts";
import { requireWholeBlocks } from "./whole-blocks.ts";

const hashes = { sha1, sha256, sha384, sha512, md5 } as const;

/**
 * The provider in plain JavaScript: the reference that the others are held to. Its AES looks up tables, so its timing
 * is not independent of the key on a machine that is shared with an attacker; the hosts' providers use the processor's
 * AES. Loading this module builds those tables, which takes about 10 ms: import it when needed, not before.
 */
export function createNobleProvider(): CryptoProvider {
  return {
    name: "noble",
    randomBytes: createRandom(),
    aesCbc: nobleCbc,
    hmac: nobleHmac,
    hash(name, ...parts) {
      const state = hashes[name].create();
      for (const part of parts) state.update(part);
      return state.digest();
    },
    pbkdf2: async (hash, password, salt, iterations, length) =>
      (await subtlePbkdf2(hash, password, salt, iterations, length)) ??
      pbkdf2(nobleHmac(hash, password).mac, salt, iterations, length),
  };
}

/** CBC (SP 800-38A section 6.2) over noble's block function with a kept schedule; any alignment, either byte order. */
function nobleCbc(key: Uint8Array): CbcCipher {
  const { encrypt, decrypt } = unsafe;
  const forward = unsafe.expandKeyLE(key);
  const copy = key.slice();
  let backward: Uint32Array | undefined;
  const cbc: CbcCipher = {
    encrypt(iv, input, output) {
      requireWholeBlocks(input, output);
      let s0 = load(iv, 0);
      let s1 = load(iv, 4);
      let s2 = load(iv, 8);
      let s3 = load(iv, 12);
      for (let i = 0; i < input.length; i += 16) {
        s0 ^= load(input, i);
        s1 ^= load(input, i + 4);
        s2 ^= load(input, i + 8);
        s3 ^= load(input, i + 12);
        ({ s0, s1, s2, s3 } = encrypt(forward, s0, s1, s2, s3));
        store(output, i, s0);
        store(output, i + 4, s1);
        store(output, i + 8, s2);
        store(output, i + 12, s3);
      }
    },
    decrypt(iv, input, output) {
      requireWholeBlocks(input, output);
      backward ??= unsafe.expandKeyDecLE(copy);
      let p0 = load(iv, 0);
      let p1 = load(iv, 4);
      let p2 = load(iv, 8);
      let p3 = load(iv, 12);
      for (let i = 0; i < input.length; i += 16) {
        const c0 = load(input, i);
        const c1 = load(input, i + 4);
        const c2 = load(input, i + 8);
        const c3 = load(input, i + 12);
        const { s0, s1, s2, s3 } = decrypt(backward, c0, c1, c2, c3);
        store(output, i, s0 ^ p0);
        store(output, i + 4, s1 ^ p1);
        store(output, i + 8, s2 ^ p2);
        store(output, i + 12, s3 ^ p3);
        p0 = c0;
        p1 = c1;
        p2 = c2;
        p3 = c3;
      }
    },
    decryptNew(iv, input) {
      const output = new Uint8Array(input.length);
      cbc.decrypt(iv, input, output);
      return output;
    },
  };
  return cbc;
}

function load(octets: Uint8Array, at: number): number {
  return (
    (octets[at] as number) |
    ((octets[at + 1] as number) << 8) |
    ((octets[at + 2] as number) << 16) |
    ((octets[at + 3] as number) << 24)
  );
}

function store(octets: Uint8Array, at: number, word: number): void {
  octets[at] = word;
  octets[at + 1] = word >>> 8;
  octets[at + 2] = word >>> 16;
  octets[at + 3] = word >>> 24;
}

/**
 * HMAC (RFC 2104): H(key ^ opad | H(key ^ ipad | parts)). The two padded blocks are hashed once; each MAC starts from
 * copies of those states, in two workers.
 */
function nobleHmac(name: HashName, key: Uint8Array): Mac {
  const hash = hashes[name];
  const block = key.length > hash.blockLen ? hash(key) : key;
  const inner = hash.create().update(padded(block, hash.blockLen, 0x36));
  const outer = hash.create().update(padded(block, hash.blockLen, 0x5c));
  const within = inner.clone();
  const around = outer.clone();
  const mac = (...parts: readonly Uint8Array[]): Uint8Array => {
    inner._cloneInto(within as never);
    for (const part of parts) within.update(part);
    outer._cloneInto(around as never);
    return around.update(within.digest()).digest();
  };
  return { mac, tag: mac };
}
