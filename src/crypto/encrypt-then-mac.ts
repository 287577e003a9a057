import { concat, encodeText, equalConstantTime, wipe } from "../bytes/index.ts";
import { integrityError } from "../errors.ts";
import type { EnctypeRow } from "../iana/index.ts";
import { checkGiven, seedAsKey } from "./argument-checks.ts";
import { type Construction, usageConstant } from "./construction.ts";
import { BLOCK_BYTES, ctsDecrypt, ctsEncrypt, ZERO_IV } from "./cts.ts";
import type { EncType } from "./enctype.ts";
import { iterationsOf } from "./iterations.ts";
import type { HashName, Mac } from "./provider.ts";
import { constructedKey } from "./usage-key.ts";

/** The numbers in which the two enctypes of RFC 8009 differ. */
interface Sizes extends Pick<EncType, "keyBytes" | "macBytes" | "prfBytes"> {
  readonly hash: HashName;
}

/**
 * KDF-HMAC-SHA2 (RFC 8009 section 3): one round of SP 800-108 in counter mode, since no key is longer than the hash.
 */
export function kdfHmacSha2(base: Mac, label: Uint8Array, context: Uint8Array, bytes: number): Uint8Array {
  const numbers = new DataView(new ArrayBuffer(8));
  numbers.setUint32(0, 1);
  numbers.setUint32(4, bytes * 8);
  const one = new Uint8Array(numbers.buffer, 0, 4);
  const bits = new Uint8Array(numbers.buffer, 4, 4);
  return base.mac(one, label, new Uint8Array(1), context, bits).slice(0, bytes);
}

/** The MAC is over the cipher state, which is zero, and the ciphertext (RFC 8009 section 5). */
function constructionOf({ hash, keyBytes, macBytes, prfBytes }: Sizes): Construction {
  return {
    blockBytes: BLOCK_BYTES,
    cipher: (provider, key) => provider.aesCbc(key),
    mac: (provider, key) => provider.hmac(hash, key),
    deriver(provider, key) {
      const base = provider.hmac(hash, key);
      return {
        derive: (usage, label) =>
          kdfHmacSha2(base, usageConstant(usage, label), new Uint8Array(0), label === 0xaa ? keyBytes : macBytes),
        prf: (input) => kdfHmacSha2(base, encodeText("prf"), input, prfBytes),
      };
    },
    seal(cipher, integrity, data, length) {
      ctsEncrypt(cipher, data);
      return integrity.tag(ZERO_IV, data.subarray(0, length));
    },
    open(cipher, integrity, body, mac) {
      // Rule K3 in SECURITY.md: nothing is decrypted before the MAC is verified.
      const expected = integrity.tag(ZERO_IV, body).subarray(0, mac.length);
      if (!equalConstantTime(mac, expected)) throw integrityError();
      return ctsDecrypt(cipher, body);
    },
  };
}

/** An enctype of RFC 8009: AES in CTS mode, then HMAC-SHA2 over the ciphertext. */
export function encryptThenMac({ etype, name, aliases, checksumType }: EnctypeRow, sizes: Sizes): EncType {
  const { hash, keyBytes, macBytes, prfBytes } = sizes;
  const construction = constructionOf(sizes);
  const encType: EncType = {
    etype,
    name,
    aliases,
    checksumType,
    keyBytes,
    macBytes,
    prfBytes,
    seedBytes: keyBytes,
    confounderBytes: BLOCK_BYTES,
    defaultIterations: 32_768,
    async stringToKey(provider, password, salt, params, options) {
      checkGiven(provider, { password, salt });
      const iterations = iterationsOf(encType.defaultIterations, params, options);
      const saltp = concat(encodeText(name), new Uint8Array(1), salt);
      const seed = await provider.pbkdf2(hash, password, saltp, iterations, keyBytes);
      const key = kdfHmacSha2(provider.hmac(hash, seed), encodeText("kerberos"), new Uint8Array(0), keyBytes);
      wipe(seed);
      return key;
    },
    randomToKey: seedAsKey,
    importKey: (provider, octets) => constructedKey(encType, construction, provider, octets),
  };
  return encType;
}
