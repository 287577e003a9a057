import { concat, decodeUtf8, equalConstantTime, wipe } from "../bytes/index.ts";
import { checkOctets } from "../checks/index.ts";
import {
  type CryptoProvider,
  checkGiven,
  checkParts,
  type EncType,
  type ForgettingUsageKey,
  hmacMd5,
  hmacMd5Checksum,
  KeptKey,
  type KeyRoot,
  littleEndian,
  seedAsKey,
} from "../crypto/index.ts";
import { CryptoError, integrityError } from "../errors.ts";
import { registeredEnctype } from "../iana/index.ts";
import { md4 } from "./md4.ts";
import { rc4 } from "./rc4.ts";
import { sealedInto } from "./sealed-into.ts";

const CONFOUNDER_BYTES = 8;
const MAC_BYTES = 16;
const OVERHEAD_BYTES = CONFOUNDER_BYTES + MAC_BYTES;

interface Root extends KeyRoot {
  readonly key: Uint8Array;
}

/**
 * RC4 with HMAC-MD5 (RFC 4757), the only strong enctype of Windows before 2008. RFC 8429 deprecates it: the key of a
 * password is an unsalted MD4, so that a stolen ticket gives the password away in hours.
 */
export const arcfourHmac: EncType = arcfour();

function arcfour(): EncType {
  const { etype, name, aliases, checksumType } = registeredEnctype("arcfour-hmac");
  const encType: EncType = {
    etype,
    name,
    aliases,
    checksumType,
    keyBytes: 16,
    seedBytes: 16,
    confounderBytes: CONFOUNDER_BYTES,
    macBytes: MAC_BYTES,
    prfBytes: 20,
    defaultIterations: 1,
    async stringToKey(provider, password) {
      checkGiven(provider, { password });
      // RFC 4757 section 2: neither salt nor parameters.
      const text = utf16(password);
      const key = md4(text);
      wipe(text);
      return key;
    },
    randomToKey: seedAsKey,
    importKey: (provider, octets) =>
      new KeptKey<Root>(encType, provider, octets, {
        root: (key) => ({ key, prf: (input) => provider.hmac("sha1", key).mac(input) }),
        usage: (usage, root) => new ArcfourUsageKey(provider, usage, root),
      }),
  };
  return encType;
}

/** RFC 4757 section 4: the MAC is of the plaintext, goes first, and makes the key of the stream. */
class ArcfourUsageKey implements ForgettingUsageKey {
  readonly overheadBytes: number = OVERHEAD_BYTES;
  readonly macBytes: number = MAC_BYTES;
  readonly #provider: CryptoProvider;
  readonly #usage: number;
  readonly #root: () => Root;

  constructor(provider: CryptoProvider, usage: number, root: () => Root) {
    this.#provider = provider;
    // RFC 4757 section 3 gives 3 another number. Of 9 it says so too, but neither MIT nor Heimdal nor Windows does it.
    this.#usage = usage === 3 ? 8 : usage;
    this.#root = root;
  }

  encrypt(...parts: readonly Uint8Array[]): Uint8Array {
    checkParts(parts);
    const provider = this.#provider;
    const plaintext = concat(provider.randomBytes(CONFOUNDER_BYTES), ...parts);
    const key = this.#usageKey();
    const mac = hmacMd5(provider, key, plaintext);
    const stream = hmacMd5(provider, key, mac);
    const sealed = concat(mac, rc4(stream, plaintext));
    wipe(plaintext, key, stream);
    return sealed;
  }

  encryptInto(out: Uint8Array, offset: number, ...parts: readonly Uint8Array[]): number {
    return sealedInto(out, offset, () => this.encrypt(...parts));
  }

  decrypt(ciphertext: Uint8Array): Uint8Array {
    checkOctets("ciphertext", ciphertext);
    // Rule K1 in SECURITY.md: the length is checked before anything is cut.
    if (ciphertext.length < OVERHEAD_BYTES) throw integrityError();
    const provider = this.#provider;
    const key = this.#usageKey();
    const mac = ciphertext.subarray(0, MAC_BYTES);
    const stream = hmacMd5(provider, key, mac);
    const plaintext = rc4(stream, ciphertext.subarray(MAC_BYTES));
    const isRight = equalConstantTime(mac, hmacMd5(provider, key, plaintext));
    wipe(key, stream);
    if (isRight) return plaintext.subarray(CONFOUNDER_BYTES);
    // Rule K3 in SECURITY.md: what was decrypted is not released, and does not stay in memory either.
    wipe(plaintext);
    throw integrityError();
  }

  checksum(...parts: readonly Uint8Array[]): Uint8Array {
    checkParts(parts);
    return hmacMd5Checksum(this.#provider, this.#root().key, this.#usage, ...parts);
  }

  verifyChecksum(mac: Uint8Array, ...parts: readonly Uint8Array[]): void {
    checkOctets("mac", mac);
    if (!equalConstantTime(mac, this.checksum(...parts))) throw integrityError();
  }

  /** Nothing is kept: each message derives its keys. */
  forget(): void {}

  #usageKey(): Uint8Array {
    return hmacMd5(this.#provider, this.#root().key, littleEndian(this.#usage));
  }
}

/** A password's UTF-8 as UTF-16LE, which Windows hashes. */
function utf16(password: Uint8Array): Uint8Array {
  let text: string;
  try {
    text = decodeUtf8(password);
  } catch {
    throw new CryptoError("BAD_KEY", "the password is not UTF-8, and RC4 keys are made of text: give it as text");
  }
  const octets = new Uint8Array(2 * text.length);
  const view = new DataView(octets.buffer);
  for (let i = 0; i < text.length; i++) view.setUint16(2 * i, text.charCodeAt(i), true);
  return octets;
}
