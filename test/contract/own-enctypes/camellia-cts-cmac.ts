// Camellia with CMAC (RFC 6803) as a file of src/crypto/enctypes would have it, its block cipher from node:crypto: what
// no provider knows, the enctype brings.

import { createCipheriv, createDecipheriv } from "node:crypto";
import { concat, encodeText, equalConstantTime, wipe } from "../../../src/bytes/index.ts";
import { type Construction, usageConstant } from "../../../src/crypto/construction.ts";
import { BLOCK_BYTES, ctsDecrypt, ctsEncrypt, ZERO_IV } from "../../../src/crypto/cts.ts";
import type { CbcCipher, EncType, Mac } from "../../../src/crypto/index.ts";
import { iterationsOf } from "../../../src/crypto/iterations.ts";
import { constructedKey } from "../../../src/crypto/usage-key.ts";
import { integrityError } from "../../../src/errors.ts";
import { type EnctypeRow, registeredEnctype } from "../../../src/iana/index.ts";

function camelliaCbc(given: Uint8Array): CbcCipher {
  const key = given.slice();
  const name = `camellia-${key.length * 8}-cbc`;
  const decryptNew = (iv: Uint8Array, input: Uint8Array): Uint8Array =>
    Uint8Array.from(createDecipheriv(name, key, iv).setAutoPadding(false).update(input));
  return {
    encrypt: (iv, input, output) => output.set(createCipheriv(name, key, iv).setAutoPadding(false).update(input)),
    decrypt: (iv, input, output) => output.set(decryptNew(iv, input)),
    decryptNew,
  };
}

/** CMAC (SP 800-38B) over any cipher of 16 octets. */
function cmac(cipher: CbcCipher): Mac {
  const double = (block: Uint8Array): Uint8Array =>
    block
      .map((octet, i) => (octet << 1) | ((block[i + 1] ?? 0) >> 7) | 0)
      .map((octet, i) => {
        const isLast = i === block.length - 1;
        return isLast && (block[0] as number) >= 0x80 ? octet ^ 0x87 : octet;
      });
  const zero = new Uint8Array(BLOCK_BYTES);
  cipher.encrypt(ZERO_IV, zero, zero);
  const whole = double(zero);
  const cut = double(whole);
  const mac = (...parts: readonly Uint8Array[]): Uint8Array => {
    const message = concat(...parts);
    const blocks = Math.max(1, Math.ceil(message.length / BLOCK_BYTES));
    const data = new Uint8Array(blocks * BLOCK_BYTES);
    data.set(message);
    const isWhole = message.length === data.length;
    if (!isWhole) data[message.length] = 0x80;
    const last = data.length - BLOCK_BYTES;
    for (let i = 0; i < BLOCK_BYTES; i++) (data[last + i] as number) ^= (isWhole ? whole : cut)[i] as number;
    cipher.encrypt(ZERO_IV, data, data);
    return data.slice(last);
  };
  return { mac, tag: mac };
}

/** KDF-FEEDBACK-CMAC (RFC 6803 section 3). */
function feedback(mac: Mac, constant: Uint8Array, bytes: number): Uint8Array {
  const numbers = new DataView(new ArrayBuffer(8));
  numbers.setUint32(4, bytes * 8);
  const key = new Uint8Array(bytes);
  let block = new Uint8Array(BLOCK_BYTES);
  for (let at = 0, i = 1; at < bytes; at += BLOCK_BYTES, i++) {
    numbers.setUint32(0, i);
    const count = new Uint8Array(numbers.buffer, 0, 4);
    const bits = new Uint8Array(numbers.buffer, 4, 4);
    block = mac.mac(block, count, constant, new Uint8Array(1), bits) as Uint8Array<ArrayBuffer>;
    key.set(block, at);
  }
  return key;
}

function camellia({ etype, name, aliases, checksumType }: EnctypeRow, keyBytes: number): EncType {
  const construction: Construction = {
    blockBytes: BLOCK_BYTES,
    cipher: (_, key) => camelliaCbc(key),
    mac: (_, key) => cmac(camelliaCbc(key)),
    deriver(_, key) {
      const base = cmac(camelliaCbc(key));
      return {
        derive: (usage, label) => feedback(base, usageConstant(usage, label), keyBytes),
        prf: (input) => cmac(camelliaCbc(feedback(base, encodeText("prf"), keyBytes))).mac(input),
      };
    },
    seal(cipher, integrity, data, length) {
      const mac = integrity.tag(data.subarray(0, length));
      ctsEncrypt(cipher, data);
      return mac;
    },
    open(cipher, integrity, body, mac) {
      const data = ctsDecrypt(cipher, body);
      if (equalConstantTime(mac, integrity.tag(data.subarray(0, body.length)))) return data;
      wipe(data);
      throw integrityError();
    },
  };
  const encType: EncType = {
    etype,
    name,
    aliases,
    checksumType,
    keyBytes,
    seedBytes: keyBytes,
    confounderBytes: BLOCK_BYTES,
    macBytes: 16,
    prfBytes: 16,
    defaultIterations: 32_768,
    async stringToKey(provider, password, salt, params, options) {
      const iterations = iterationsOf(encType.defaultIterations, params, options);
      const saltp = concat(encodeText(name), new Uint8Array(1), salt);
      const seed = await provider.pbkdf2("sha1", password, saltp, iterations, keyBytes);
      return feedback(cmac(camelliaCbc(seed)), encodeText("kerberos"), keyBytes);
    },
    randomToKey: (seed) => seed.slice(),
    importKey: (provider, octets) => constructedKey(encType, construction, provider, octets),
  };
  return encType;
}

export const camellia256CtsCmac: EncType = camellia(registeredEnctype("camellia256-cts-cmac"), 32);
export const camellia128CtsCmac: EncType = camellia(registeredEnctype("camellia128-cts-cmac"), 16);
