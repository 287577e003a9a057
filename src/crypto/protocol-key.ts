import { wipe } from "../bytes/index.ts";
import { checkOctets, checkWhole } from "../checks/index.ts";
import { CryptoError } from "../errors.ts";
import { checkGiven } from "./argument-checks.ts";
import type { EncType, ProtocolKey, UsageKey } from "./enctype.ts";
import type { CryptoProvider } from "./provider.ts";

/** What is made of a key's octets before any usage is known. */
export interface KeyRoot {
  /** The RFC 3961 pseudo-random function. */
  prf(input: Uint8Array): Uint8Array;
  /** Gives back what the host keeps; the root is not used after this. */
  end?(): void;
}

/** A {@link UsageKey} that can drop what it derived; deriving again fails if the protocol key was wiped. */
export interface ForgettingUsageKey extends UsageKey {
  /** Drops what was derived: the next use derives it again. */
  forget(): void;
}

/** How an enctype makes the operations of a key: the part of {@link KeptKey} that enctypes differ in. */
export interface KeyOperations<R extends KeyRoot> {
  /** Makes the root of a key, when it is first needed and again after it was forgotten. The octets are not its own. */
  root(octets: Uint8Array): R;
  /**
   * Makes the operations under one usage. `root` gives the root, or throws: it is called for each derivation, not kept.
   */
  usage(usage: number, root: () => R): ForgettingUsageKey;
}

/** A {@link ProtocolKey}: its octets, and the operations of each usage asked for. */
export class KeptKey<R extends KeyRoot> implements ProtocolKey {
  readonly encType: EncType;
  readonly #operations: KeyOperations<R>;
  readonly #octets: Uint8Array;
  readonly #usages = new Map<number, ForgettingUsageKey>();
  #root: R | undefined;
  #isWiped = false;

  constructor(encType: EncType, provider: CryptoProvider, octets: Uint8Array, operations: KeyOperations<R>) {
    checkGiven(provider, { octets });
    // Rule K5 in SECURITY.md: a key of another length is refused before anything is computed with it.
    if (octets.length !== encType.keyBytes) throw badKey(encType, octets.length);
    this.encType = encType;
    this.#operations = operations;
    this.#octets = new Uint8Array(octets);
  }

  // A getter of the prototype: neither JSON.stringify nor an inspector shows it.
  get octets(): Uint8Array {
    this.#requireLive();
    return this.#octets;
  }

  usage(usage: number): UsageKey {
    let key = this.#usages.get(usage);
    if (key === undefined) {
      checkWhole("usage", usage, 0, 0xffff_ffff);
      this.#requireLive();
      key = this.#operations.usage(usage, () => this.#live());
      this.#usages.set(usage, key);
    }
    return key;
  }

  prf(input: Uint8Array): Uint8Array {
    checkOctets("input", input);
    return this.#live().prf(input);
  }

  forgetDerived(): void {
    this.#root?.end?.();
    this.#root = undefined;
    // They stay: one that the caller holds may derive again, and `wipe` must still find it.
    for (const key of this.#usages.values()) key.forget();
  }

  wipe(): void {
    this.#isWiped = true;
    wipe(this.#octets);
    this.forgetDerived();
    this.#usages.clear();
  }

  #requireLive(): void {
    if (this.#isWiped) throw new TypeError("the key was wiped: make it anew");
  }

  #live(): R {
    this.#requireLive();
    this.#root ??= this.#operations.root(this.#octets);
    return this.#root;
  }
}

function badKey(encType: EncType, length: number): CryptoError {
  return new CryptoError(
    "BAD_KEY",
    `a key of ${encType.name} has ${encType.keyBytes} octets, not ${length}: give a whole key, or its enctype`,
    {
      etype: encType.etype,
    },
  );
}
