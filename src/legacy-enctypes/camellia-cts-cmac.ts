import { concat, encodeText, equalConstantTime, wipe } from "../bytes/index.ts";
import {
  BLOCK_BYTES,
  type Construction,
  type CryptoProvider,
  checkGiven,
  constructedKey,
  ctsDecrypt,
  ctsEncrypt,
  type EncType,
  iterationsOf,
  type Mac,
  seedAsKey,
  usageConstant,
} from "../crypto/index.ts";
import { integrityError } from "../errors.ts";
import { type EnctypeRow, registeredEnctype } from "../iana/index.ts";
import { cmac } from "./cmac.ts";
import { hostCipher } from "./host-cipher.ts";

/** Camellia of 128 bits with CMAC (RFC 6803). */
export const camellia128CtsCmac: EncType = camellia("camellia128-cts-cmac", 16);

/** Camellia of 256 bits with CMAC (RFC 6803). */
export const camellia256CtsCmac: EncType = camellia("camellia256-cts-cmac", 32);

function camellia(registered: string, keyBytes: 16 | 32): EncType {
  const { etype, name, aliases, checksumType }: EnctypeRow = registeredEnctype(registered);
  const construction = constructionOf(keyBytes);
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
      checkGiven(provider, { password, salt });
      const iterations = iterationsOf(encType.defaultIterations, params, options);
      const saltp = concat(encodeText(name), new Uint8Array(1), salt);
      const seed = await provider.pbkdf2("sha1", password, saltp, iterations, keyBytes);
      const key = kdfFeedbackCmac(camelliaCmac(provider, seed), encodeText("kerberos"), keyBytes);
      wipe(seed);
      return key;
    },
    randomToKey: seedAsKey,
    importKey: (provider, octets) => constructedKey(encType, construction, provider, octets),
  };
  return encType;
}

/** The MAC is over confounder and plaintext (RFC 6803 section 6). */
function constructionOf(keyBytes: number): Construction {
  return {
    blockBytes: BLOCK_BYTES,
    cipher: camelliaCbc,
    mac: camelliaCmac,
    deriver(provider, key) {
      const base = camelliaCmac(provider, key);
      return {
        derive: (usage, label) => kdfFeedbackCmac(base, usageConstant(usage, label), keyBytes),
        prf(input) {
          const octets = kdfFeedbackCmac(base, encodeText("prf"), keyBytes);
          const mac = camelliaCmac(provider, octets).mac(input);
          wipe(octets);
          return mac;
        },
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
      // Rule K3 in SECURITY.md: what was decrypted is not released, and does not stay in memory either.
      wipe(data);
      throw integrityError();
    },
  };
}

function camelliaCbc(provider: CryptoProvider, key: Uint8Array): ReturnType<typeof hostCipher> {
  return hostCipher(provider, key.length === 16 ? "camellia-128" : "camellia-256", key);
}

function camelliaCmac(provider: CryptoProvider, key: Uint8Array): Mac {
  return cmac(camelliaCbc(provider, key));
}

/** KDF-FEEDBACK-CMAC (RFC 6803 section 3): each block of the key is the MAC of the one before. */
function kdfFeedbackCmac(base: Mac, constant: Uint8Array, bytes: number): Uint8Array {
  const numbers = new DataView(new ArrayBuffer(8));
  const count = new Uint8Array(numbers.buffer, 0, 4);
  const bits = new Uint8Array(numbers.buffer, 4, 4);
  numbers.setUint32(4, bytes * 8);
  const key = new Uint8Array(bytes);
  let block: Uint8Array = new Uint8Array(BLOCK_BYTES);
  for (let at = 0, i = 1; at < bytes; at += BLOCK_BYTES, i++) {
    numbers.setUint32(0, i);
    const next = base.mac(block, count, constant, new Uint8Array(1), bits);
    wipe(block);
    block = next;
    key.set(block, at);
  }
  wipe(block);
  return key;
}
