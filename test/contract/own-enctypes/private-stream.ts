// An enctype that nobody has registered, with a stream cipher: AES in counter mode from the MAC on, made of what the
// provider has, and HMAC-SHA256. A toy: what it shows is that it fits.

import { concat, encodeText, equalConstantTime, wipe } from "../../../src/bytes/index.ts";
import { type Construction, usageConstant } from "../../../src/crypto/construction.ts";
import { ZERO_IV } from "../../../src/crypto/cts.ts";
import { kdfHmacSha2 } from "../../../src/crypto/encrypt-then-mac.ts";
import type { EncType } from "../../../src/crypto/index.ts";
import { iterationsOf } from "../../../src/crypto/iterations.ts";
import { constructedKey } from "../../../src/crypto/usage-key.ts";
import { integrityError } from "../../../src/errors.ts";

interface Stream {
  /** Adds the key stream that begins at `start` to `data`. */
  add(start: Uint8Array, data: Uint8Array): void;
  end?(): void;
}

const none = new Uint8Array(0);

const construction: Construction<Stream> = {
  blockBytes: 1,
  cipher(provider, key) {
    const cbc = provider.aesCbc(key);
    return {
      add(start, data) {
        const counter = start.slice(0, 16);
        const block = new Uint8Array(16);
        for (let at = 0; at < data.length; at += 16) {
          cbc.encrypt(ZERO_IV, counter, block);
          for (let i = at; i < Math.min(at + 16, data.length); i++) (data[i] as number) ^= block[i - at] as number;
          for (let i = 15; i >= 0 && ++(counter[i] as number) === 0x100; i--);
        }
      },
      end: () => cbc.end?.(),
    };
  },
  mac: (provider, key) => provider.hmac("sha256", key),
  deriver(provider, key) {
    const base = provider.hmac("sha256", key);
    return {
      derive: (usage, label) => kdfHmacSha2(base, usageConstant(usage, label), none, 32),
      prf: (input) => kdfHmacSha2(base, encodeText("prf"), input, 32),
    };
  },
  seal(stream, integrity, data, length) {
    const mac = integrity.tag(data.subarray(0, length));
    stream.add(mac, data);
    return mac;
  },
  open(stream, integrity, body, mac) {
    const data = body.slice();
    stream.add(mac, data);
    if (equalConstantTime(mac, integrity.tag(data))) return data;
    wipe(data);
    throw integrityError();
  },
};

export const privateStream: EncType = {
  etype: -4242,
  name: "x-aes256-ctr-hmac-sha256",
  aliases: ["x-ctr"],
  checksumType: -4242,
  keyBytes: 32,
  seedBytes: 32,
  confounderBytes: 16,
  macBytes: 32,
  prfBytes: 32,
  defaultIterations: 10_000,
  async stringToKey(provider, password, salt, params, options) {
    const iterations = iterationsOf(privateStream.defaultIterations, params, options);
    return provider.pbkdf2("sha256", password, concat(encodeText("x-ctr"), salt), iterations, 32);
  },
  randomToKey: (seed) => seed.slice(),
  importKey: (provider, octets) => constructedKey(privateStream, construction, provider, octets),
};
