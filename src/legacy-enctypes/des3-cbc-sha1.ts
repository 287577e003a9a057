import { concat, encodeText, equalConstantTime, wipe } from "../bytes/index.ts";
import { checkOctets } from "../checks/index.ts";
import {
  type CbcCipher,
  type CryptoProvider,
  checkGiven,
  checkParts,
  type EncType,
  type ForgettingUsageKey,
  KeptKey,
  type KeyLabel,
  type KeyRoot,
  type Mac,
  nFold,
  usageConstant,
} from "../crypto/index.ts";
import { CryptoError, integrityError } from "../errors.ts";
import { registeredEnctype } from "../iana/index.ts";
import {
  DES_BLOCK_BYTES,
  DES_ZERO_IV,
  des3Cbc,
  desDeriveKey,
  desRandomToKey,
  KEY_BYTES,
  SEED_BYTES,
} from "./des3-key.ts";
import { sealedInto } from "./sealed-into.ts";

const MAC_BYTES = 20;

interface Root extends KeyRoot {
  readonly base: CbcCipher;
}

/**
 * Triple DES with HMAC-SHA1 (RFC 3961 section 6.3), which RFC 8429 deprecates. Its plaintexts are filled up with zeros
 * to blocks of 8 octets. What Kerberos encrypts is one DER value: the zeros behind such a value are taken off again,
 * those behind anything else stay.
 */
export const des3CbcSha1: EncType = des3();

function des3(): EncType {
  const { etype, name, aliases, checksumType } = registeredEnctype("des3-cbc-sha1");
  const encType: EncType = {
    etype,
    name,
    aliases,
    checksumType,
    keyBytes: KEY_BYTES,
    seedBytes: SEED_BYTES,
    confounderBytes: DES_BLOCK_BYTES,
    macBytes: MAC_BYTES,
    prfBytes: 16,
    defaultIterations: 1,
    async stringToKey(provider, password, salt, params) {
      checkGiven(provider, { password, salt, ...(params === undefined ? {} : { params }) });
      if (params !== undefined && params.length > 0) throw refusedParameters(params.length);
      const text = concat(password, salt);
      const seed = nFold(text.length === 0 ? new Uint8Array(1) : text, SEED_BYTES);
      const temporary = desRandomToKey(seed);
      const key = desDeriveKey(des3Cbc(provider, temporary), encodeText("kerberos"));
      wipe(text, seed, temporary);
      return key;
    },
    randomToKey: desRandomToKey,
    importKey: (provider, octets) =>
      new KeptKey<Root>(encType, provider, octets, {
        root: (key) => rootOf(provider, key),
        usage: (usage, root) =>
          new Des3UsageKey(provider, (label) => desDeriveKey(root().base, usageConstant(usage, label))),
      }),
  };
  return encType;
}

function refusedParameters(length: number): CryptoError {
  return new CryptoError(
    "BAD_STRING_TO_KEY_PARAMETERS",
    `the KDC's string-to-key parameters are refused: ${length} octets where none are expected; ask its administrator`,
  );
}

function rootOf(provider: CryptoProvider, key: Uint8Array): Root {
  const base = des3Cbc(provider, key);
  return {
    base,
    prf(input) {
      const octets = desDeriveKey(base, encodeText("prf"));
      const block = provider.hash("sha1", input).slice(0, 16);
      des3Cbc(provider, octets).encrypt(DES_ZERO_IV, block, block);
      wipe(octets);
      return block;
    },
    end: () => base.end?.(),
  };
}

/** RFC 3961 section 5.3: the MAC is over confounder, plaintext and zeros. */
class Des3UsageKey implements ForgettingUsageKey {
  /** At most: the zeros count. */
  readonly overheadBytes: number = DES_BLOCK_BYTES + MAC_BYTES + DES_BLOCK_BYTES - 1;
  readonly macBytes: number = MAC_BYTES;
  readonly #provider: CryptoProvider;
  readonly #derive: (label: KeyLabel) => Uint8Array;
  #cipher: CbcCipher | undefined;
  #integrity: Mac | undefined;
  #checksum: Mac | undefined;

  constructor(provider: CryptoProvider, derive: (label: KeyLabel) => Uint8Array) {
    this.#provider = provider;
    this.#derive = derive;
  }

  encrypt(...parts: readonly Uint8Array[]): Uint8Array {
    checkParts(parts);
    const length = parts.reduce((sum, part) => sum + part.length, DES_BLOCK_BYTES);
    const end = Math.ceil(length / DES_BLOCK_BYTES) * DES_BLOCK_BYTES;
    const out = new Uint8Array(end + MAC_BYTES);
    const data = out.subarray(0, end);
    data.set(concat(this.#provider.randomBytes(DES_BLOCK_BYTES), ...parts));
    out.set(this.#integrityKey().tag(data), end);
    this.#cipherKey().encrypt(DES_ZERO_IV, data, data);
    return out;
  }

  encryptInto(out: Uint8Array, offset: number, ...parts: readonly Uint8Array[]): number {
    return sealedInto(out, offset, () => this.encrypt(...parts));
  }

  decrypt(ciphertext: Uint8Array): Uint8Array {
    checkOctets("ciphertext", ciphertext);
    // Rule K1 in SECURITY.md: the length is checked before anything is cut.
    const end = ciphertext.length - MAC_BYTES;
    if (end < DES_BLOCK_BYTES || end % DES_BLOCK_BYTES !== 0) throw integrityError();
    const data = this.#cipherKey().decryptNew(DES_ZERO_IV, ciphertext.subarray(0, end));
    if (equalConstantTime(ciphertext.subarray(end), this.#integrityKey().tag(data))) {
      return withoutFill(data.subarray(DES_BLOCK_BYTES));
    }
    // Rule K3 in SECURITY.md: what was decrypted is not released, and does not stay in memory either.
    wipe(data);
    throw integrityError();
  }

  checksum(...parts: readonly Uint8Array[]): Uint8Array {
    checkParts(parts);
    this.#checksum ??= this.#mac(0x99);
    return this.#checksum.tag(...parts);
  }

  verifyChecksum(mac: Uint8Array, ...parts: readonly Uint8Array[]): void {
    checkOctets("mac", mac);
    if (!equalConstantTime(mac, this.checksum(...parts))) throw integrityError();
  }

  forget(): void {
    this.#cipher?.end?.();
    this.#cipher = this.#integrity = this.#checksum = undefined;
  }

  #cipherKey(): CbcCipher {
    if (this.#cipher === undefined) {
      const key = this.#derive(0xaa);
      this.#cipher = des3Cbc(this.#provider, key);
      wipe(key);
    }
    return this.#cipher;
  }

  #integrityKey(): Mac {
    this.#integrity ??= this.#mac(0x55);
    return this.#integrity;
  }

  #mac(label: KeyLabel): Mac {
    const key = this.#derive(label);
    const mac = this.#provider.hmac("sha1", key);
    wipe(key);
    return mac;
  }
}

/** A DER value without the zeros behind it, fewer than a block; anything else as it is. */
function withoutFill(data: Uint8Array): Uint8Array {
  const first = data[1] ?? 0;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (lengthBytes > 4) return data;
  let length = first < 0x80 ? first : 0;
  for (let i = 0; i < lengthBytes; i++) length = length * 256 + (data[2 + i] ?? 0);
  const end = 2 + lengthBytes + length;
  // No DER value begins with the tag 0.
  const isFill =
    data[0] !== 0 &&
    end <= data.length &&
    data.length - end < DES_BLOCK_BYTES &&
    data.subarray(end).every((octet) => octet === 0);
  return isFill ? data.subarray(0, end) : data;
}
