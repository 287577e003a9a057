import { encodeText, equalConstantTime, wipe } from "../bytes/index.ts";
import { integrityError } from "../errors.ts";
import type { EnctypeRow } from "../iana/index.ts";
import { checkGiven, seedAsKey } from "./argument-checks.ts";
import { type Construction, type KeyLabel, usageConstant } from "./construction.ts";
import { BLOCK_BYTES, ctsDecrypt, ctsEncrypt, ZERO_IV } from "./cts.ts";
import type { EncType } from "./enctype.ts";
import { iterationsOf } from "./iterations.ts";
import { nFold } from "./n-fold.ts";
import type { CbcCipher } from "./provider.ts";
import { constructedKey } from "./usage-key.ts";

/** Folded constants of usages: they are the same for every key, and there are some tens of them. */
const folded = new Map<number, Uint8Array>();
const MAX_FOLDED = 256;

function foldedConstant(usage: number, label: KeyLabel): Uint8Array {
  const name = usage * 256 + label;
  let block = folded.get(name);
  if (block === undefined) {
    block = nFold(usageConstant(usage, label), BLOCK_BYTES);
    if (folded.size < MAX_FOLDED) folded.set(name, block);
  }
  return block;
}

/**
 * RFC 3961's DK for AES, where random-to-key changes nothing (section 5.1; RFC 3962 section 4): the folded constant,
 * encrypted again and again until there are `bytes` octets.
 */
export function deriveKey(base: CbcCipher, constant: Uint8Array, bytes: number): Uint8Array {
  return chain(base, nFold(constant, BLOCK_BYTES), bytes);
}

/** Each block is the one before, encrypted: that is CBC of the constant and zeros, one call of the host. */
function chain(base: CbcCipher, constant: Uint8Array, bytes: number): Uint8Array {
  const key = new Uint8Array(bytes);
  key.set(constant);
  base.encrypt(ZERO_IV, key, key);
  return key;
}

/** The MAC is over confounder and plaintext (RFC 3961 section 5.3). */
function constructionOf(keyBytes: number): Construction {
  return {
    blockBytes: BLOCK_BYTES,
    cipher: (provider, key) => provider.aesCbc(key),
    mac: (provider, key) => provider.hmac("sha1", key),
    deriver(provider, key) {
      const base = provider.aesCbc(key);
      let prfKey: CbcCipher | undefined;
      return {
        derive: (usage, label) => chain(base, foldedConstant(usage, label), keyBytes),
        prf(input) {
          if (prfKey === undefined) {
            const octets = deriveKey(base, encodeText("prf"), keyBytes);
            prfKey = provider.aesCbc(octets);
            wipe(octets);
          }
          const block = provider.hash("sha1", input).slice(0, BLOCK_BYTES);
          prfKey.encrypt(ZERO_IV, block, block);
          return block;
        },
        end() {
          base.end?.();
          prfKey?.end?.();
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
      const expected = integrity.tag(data.subarray(0, body.length)).subarray(0, mac.length);
      if (equalConstantTime(mac, expected)) return data;
      // Rule K3 in SECURITY.md: what was decrypted is not released, and does not stay in memory either.
      wipe(data);
      throw integrityError();
    },
  };
}

/** An enctype of the RFC 3961 simplified profile with AES in CTS mode and HMAC-SHA1 cut to 96 bits (RFC 3962). */
export function simplifiedProfile({ etype, name, aliases, checksumType }: EnctypeRow, keyBytes: number): EncType {
  const construction = constructionOf(keyBytes);
  const encType: EncType = {
    etype,
    name,
    aliases,
    checksumType,
    keyBytes,
    seedBytes: keyBytes,
    confounderBytes: BLOCK_BYTES,
    macBytes: 12,
    prfBytes: BLOCK_BYTES,
    defaultIterations: 4096,
    async stringToKey(provider, password, salt, params, options) {
      checkGiven(provider, { password, salt });
      const iterations = iterationsOf(encType.defaultIterations, params, options);
      const seed = await provider.pbkdf2("sha1", password, salt, iterations, keyBytes);
      const key = deriveKey(provider.aesCbc(seed), encodeText("kerberos"), keyBytes);
      wipe(seed);
      return key;
    },
    randomToKey: seedAsKey,
    importKey: (provider, octets) => constructedKey(encType, construction, provider, octets),
  };
  return encType;
}
