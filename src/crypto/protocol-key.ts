import { wipe } from "../bytes/index.ts";
import { CryptoError } from "../errors.ts";
import type { Construction, Deriver } from "./construction.ts";
import type { EncType, ProtocolKey, UsageKey } from "./enctype.ts";
import type { CryptoProvider } from "./provider.ts";
import { DerivedUsageKey } from "./usage-key.ts";

/** A {@link ProtocolKey}: its octets, and one {@link DerivedUsageKey} for each usage asked for. */
export class DerivingKey implements ProtocolKey {
  readonly encType: EncType;
  readonly #provider: CryptoProvider;
  readonly #construction: Construction;
  readonly #octets: Uint8Array;
  readonly #usages = new Map<number, DerivedUsageKey>();
  #deriver: Deriver | undefined;
  #isWiped = false;

  constructor(encType: EncType, construction: Construction, provider: CryptoProvider, octets: Uint8Array) {
    // Rule K5 in SECURITY.md: a key of another length is refused before anything is computed with it.
    if (octets.length !== encType.keyBytes) throw badKey(encType, octets.length);
    this.encType = encType;
    this.#provider = provider;
    this.#construction = construction;
    this.#octets = Uint8Array.from(octets);
  }

  // A getter of the prototype: neither JSON.stringify nor an inspector shows it.
  get octets(): Uint8Array {
    this.#live();
    return this.#octets;
  }

  usage(usage: number): UsageKey {
    let key = this.#usages.get(usage);
    if (key === undefined) {
      this.#live();
      key = new DerivedUsageKey(this.encType, this.#construction, this.#provider, (label) =>
        this.#live().derive(usage, label),
      );
      this.#usages.set(usage, key);
    }
    return key;
  }

  prf(input: Uint8Array): Uint8Array {
    return this.#live().prf(input);
  }

  forgetDerived(): void {
    this.#deriver?.end?.();
    this.#deriver = undefined;
    for (const key of this.#usages.values()) key.forget();
    this.#usages.clear();
  }

  wipe(): void {
    this.#isWiped = true;
    wipe(this.#octets);
    this.forgetDerived();
  }

  #live(): Deriver {
    if (this.#isWiped) throw new TypeError("the key was wiped and cannot be used any more");
    this.#deriver ??= this.#construction.deriver(this.#provider, this.#octets);
    return this.#deriver;
  }
}

function badKey(encType: EncType, length: number): CryptoError {
  return new CryptoError("BAD_KEY", `a key of ${encType.name} has ${encType.keyBytes} octets, not ${length}`);
}
