// RC4 with HMAC-MD5 (RFC 4757), which derives no Ke, Ki and Kc and puts its MAC first: an enctype may bring all
// operations of a key. It is broken (RFC 8429), and here for its shape alone; no string-to-key, which is MD4 of the
// password.

import { concat, encodeText, equalConstantTime, wipe } from "../../../src/bytes/index.ts";
import type { CryptoProvider, EncType } from "../../../src/crypto/index.ts";
import {
  type ForgettingUsageKey,
  KeptKey,
  type KeyOperations,
  type KeyRoot,
} from "../../../src/crypto/protocol-key.ts";
import { integrityError } from "../../../src/errors.ts";
import { registeredEnctype } from "../../../src/iana/index.ts";

/** HMAC over a hash that the provider has no HMAC of. */
function hmacMd5(provider: CryptoProvider, key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const pad = (octet: number): Uint8Array => Uint8Array.from({ length: 64 }, (_, i) => (key[i] ?? 0) ^ octet);
  return provider.hash("md5", pad(0x5c), provider.hash("md5", pad(0x36), ...parts));
}

function rc4(key: Uint8Array, data: Uint8Array): Uint8Array {
  const state = Uint8Array.from({ length: 256 }, (_, i) => i);
  const swap = (a: number, b: number): number => {
    const [x, y] = [state[a] as number, state[b] as number];
    state[a] = y;
    state[b] = x;
    return state[(x + y) & 255] as number;
  };
  for (let i = 0, j = 0; i < 256; i++) {
    j = (j + (state[i] as number) + (key[i % key.length] as number)) & 255;
    swap(i, j);
  }
  let j = 0;
  return data.map((octet, at) => {
    const i = (at + 1) & 255;
    j = (j + (state[i] as number)) & 255;
    return octet ^ swap(i, j);
  });
}

interface Root extends KeyRoot {
  readonly key: Uint8Array;
}

function operations(provider: CryptoProvider): KeyOperations<Root> {
  return {
    root: (octets) => ({ key: octets, prf: (input) => provider.hmac("sha1", octets).mac(input) }),
    usage(usage, root): ForgettingUsageKey {
      const salt = new Uint8Array(4);
      // RFC 4757 section 3: Microsoft's numbers of two usages are others.
      new DataView(salt.buffer).setUint32(0, usage === 3 || usage === 9 ? 8 : usage, true);
      const key: ForgettingUsageKey = {
        overheadBytes: 24,
        macBytes: 16,
        encrypt(...parts) {
          const k1 = hmacMd5(provider, root().key, salt);
          const plaintext = concat(provider.randomBytes(8), ...parts);
          const mac = hmacMd5(provider, k1, plaintext);
          return concat(mac, rc4(hmacMd5(provider, k1, mac), plaintext));
        },
        encryptInto(out, offset, ...parts) {
          const sealed = key.encrypt(...parts);
          out.set(sealed, offset);
          return sealed.length;
        },
        decrypt(ciphertext) {
          if (ciphertext.length < 24) throw integrityError();
          const k1 = hmacMd5(provider, root().key, salt);
          const mac = ciphertext.subarray(0, 16);
          const plaintext = rc4(hmacMd5(provider, k1, mac), ciphertext.subarray(16));
          if (equalConstantTime(mac, hmacMd5(provider, k1, plaintext))) return plaintext.subarray(8);
          wipe(plaintext);
          throw integrityError();
        },
        checksum(...parts) {
          const signing = hmacMd5(provider, root().key, encodeText("signaturekey\0"));
          return hmacMd5(provider, signing, provider.hash("md5", salt, ...parts));
        },
        verifyChecksum(mac, ...parts) {
          if (!equalConstantTime(mac, key.checksum(...parts))) throw integrityError();
        },
        forget() {},
      };
      return key;
    },
  };
}

const { etype, name, aliases, checksumType } = registeredEnctype("arcfour-hmac");

export const arcfourHmac: EncType = {
  etype,
  name,
  aliases,
  checksumType,
  keyBytes: 16,
  seedBytes: 16,
  confounderBytes: 8,
  macBytes: 16,
  prfBytes: 20,
  defaultIterations: 1,
  stringToKey: () => Promise.reject(new Error("MD4 is not here")),
  randomToKey: (seed) => seed.slice(),
  importKey: (provider, octets) => new KeptKey(arcfourHmac, octets, operations(provider)),
};
