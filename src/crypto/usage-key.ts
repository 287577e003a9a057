import { equalConstantTime, wipe } from "../bytes/index.ts";
import { checkOctets } from "../checks/index.ts";
import { integrityError } from "../errors.ts";
import { checkParts } from "./argument-checks.ts";
import type { Construction, Deriver, KeyLabel } from "./construction.ts";
import type { EncType, ProtocolKey } from "./enctype.ts";
import { type ForgettingUsageKey, KeptKey } from "./protocol-key.ts";
import type { CryptoProvider, Mac } from "./provider.ts";

/** A key of an enctype whose operations are a {@link Construction} over Ke, Ki and Kc. */
export function constructedKey<C extends { end?(): void }>(
  encType: EncType,
  construction: Construction<C>,
  provider: CryptoProvider,
  octets: Uint8Array,
): ProtocolKey {
  return new KeptKey<Deriver>(encType, provider, octets, {
    root: (key) => construction.deriver(provider, key),
    usage: (usage, root) =>
      new DerivedUsageKey(encType, construction, provider, (label) => root().derive(usage, label)),
  });
}

/** A usage key whose three derived keys are each made when first needed, and kept as what the provider made of them. */
class DerivedUsageKey<C extends { end?(): void }> implements ForgettingUsageKey {
  readonly overheadBytes: number;
  readonly macBytes: number;
  readonly #confounderBytes: number;
  readonly #construction: Construction<C>;
  readonly #provider: CryptoProvider;
  readonly #derive: (label: KeyLabel) => Uint8Array;
  #cipher: C | undefined;
  #integrity: Mac | undefined;
  #checksum: Mac | undefined;

  constructor(
    { confounderBytes, macBytes }: EncType,
    construction: Construction<C>,
    provider: CryptoProvider,
    derive: (label: KeyLabel) => Uint8Array,
  ) {
    this.overheadBytes = confounderBytes + macBytes;
    this.macBytes = macBytes;
    this.#confounderBytes = confounderBytes;
    this.#construction = construction;
    this.#provider = provider;
    this.#derive = derive;
  }

  encrypt(...parts: readonly Uint8Array[]): Uint8Array {
    checkParts(parts);
    const out = new Uint8Array(joinedBytes(parts) + this.overheadBytes);
    this.encryptInto(out, 0, ...parts);
    return out;
  }

  encryptInto(out: Uint8Array, offset: number, ...parts: readonly Uint8Array[]): number {
    checkOctets("out", out);
    checkParts(parts);
    const length = joinedBytes(parts) + this.#confounderBytes;
    const total = length + this.macBytes;
    if (offset < 0 || total > out.length - offset) throw new RangeError(`no room for ${total} octets at ${offset}`);
    const confounder = this.#provider.randomBytes(this.#confounderBytes);
    const cipher = this.#cipherKey();
    const integrity = this.#integrityKey();
    // The whole blocks fit where ciphertext and MAC go, but for 3 lengths of 16 where the MAC has 12 octets.
    const { blockBytes } = this.#construction;
    const padded = Math.ceil(length / blockBytes) * blockBytes;
    const data = padded > total ? new Uint8Array(padded) : out.subarray(offset, offset + padded);
    let at = this.#confounderBytes;
    for (const part of parts) {
      data.set(part, at);
      at += part.length;
    }
    data.set(confounder);
    data.fill(0, length);
    const mac = this.#construction.seal(cipher, integrity, data, length);
    if (padded > total) out.set(data.subarray(0, length), offset);
    out.set(mac.subarray(0, this.macBytes), offset + length);
    return total;
  }

  decrypt(ciphertext: Uint8Array): Uint8Array {
    checkOctets("ciphertext", ciphertext);
    // Rule K1 in SECURITY.md: the length is checked before anything is cut.
    const length = ciphertext.length - this.macBytes;
    if (length < this.#confounderBytes) throw integrityError();
    const data = this.#construction.open(
      this.#cipherKey(),
      this.#integrityKey(),
      ciphertext.subarray(0, length),
      ciphertext.subarray(length),
    );
    return data.subarray(this.#confounderBytes, length);
  }

  checksum(...parts: readonly Uint8Array[]): Uint8Array {
    checkParts(parts);
    this.#checksum ??= this.#mac(0x99);
    return this.#checksum.tag(...parts).slice(0, this.macBytes);
  }

  verifyChecksum(mac: Uint8Array, ...parts: readonly Uint8Array[]): void {
    checkOctets("mac", mac);
    if (!equalConstantTime(mac, this.checksum(...parts))) throw integrityError();
  }

  /** Drops what was derived; deriving again fails if the protocol key was wiped. */
  forget(): void {
    this.#cipher?.end?.();
    this.#cipher = this.#integrity = this.#checksum = undefined;
  }

  #cipherKey(): C {
    if (this.#cipher === undefined) {
      const key = this.#derive(0xaa);
      this.#cipher = this.#construction.cipher(this.#provider, key);
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
    const mac = this.#construction.mac(this.#provider, key);
    wipe(key);
    return mac;
  }
}

function joinedBytes(parts: readonly Uint8Array[]): number {
  let length = 0;
  for (const part of parts) length += part.length;
  return length;
}
