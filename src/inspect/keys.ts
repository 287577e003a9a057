import { encodeText } from "../bytes/index.ts";
import { cf2, type EncTypeSet, type ProtocolKey } from "../crypto/index.ts";
import { enctypeName } from "../iana/index.ts";
import { type EncryptedData, type EncryptionKey, openData } from "../krb5/index.ts";
import { attempt } from "./attempt.ts";

interface Candidate {
  readonly key: ProtocolKey;
  readonly name: string;
}

/** A plaintext, and what opened it. */
export interface Opened {
  readonly plaintext: Uint8Array;
  readonly key: ProtocolKey;
  readonly name: string;
  readonly usage: number;
}

/** How many keys are combined with another, and how many there are at most that are made so: a keytab has thousands. */
const MAX_COMBINED = 16;
const MAX_MADE = 4096;

/** Octets that trying all keys may cost: a keytab has thousands of keys, and a message may be large. */
const MAX_TRIED_OCTETS = 134_217_728;
/** What a try costs beside its octets: keys are derived. */
const TRY_OCTETS = 8_192;

/** The keys that encrypted parts are tried with: those that were given, and those that opened parts hold. */
export class KeyRing {
  readonly #encTypes: EncTypeSet;
  readonly #keys: Candidate[] = [];
  /** The same by enctype: a cache has as many tickets as keys, and each ticket asks. */
  readonly #byEtype = new Map<number, Candidate[]>();
  /** Those that were given: a client's own may be among them. */
  readonly #given: Candidate[] = [];
  #armor: ProtocolKey | undefined;
  #tgsSubkey: ProtocolKey | undefined;
  #triedOctets = 0;

  constructor(encTypes: EncTypeSet) {
    this.#encTypes = encTypes;
  }

  get isEmpty(): boolean {
    return this.#keys.length === 0;
  }

  /** Adds a key; one of an enctype that is not built in is ignored. `name` is shown where it opens something. */
  add(etype: number, octets: Uint8Array, name: string): boolean {
    const key = this.#import(etype, octets);
    if (key === undefined) return false;
    this.#put({ key, name });
    this.#given.push({ key, name });
    return true;
  }

  learn({ keytype, keyvalue }: EncryptionKey, name: string): void {
    const key = this.#import(keytype, keyvalue);
    if (key !== undefined) this.#put({ key, name });
  }

  /**
   * Learns the armor key of an AP-REQ, whose authenticator a session key opened (RFC 6113 section 5.4.1.1); of a
   * PA-TGS-REQ, the implicit armor. Where both are in one request, their key too.
   */
  learnArmor(sessionKey: ProtocolKey, { keytype, keyvalue }: EncryptionKey, isTgs: boolean): void {
    const subkey = this.#import(keytype, keyvalue);
    if (subkey === undefined) return;
    const armor = this.#combine(subkey, "subkeyarmor", sessionKey, "ticketarmor");
    this.#make(armor, isTgs ? "the implicit armor key" : "the armor key");
    if (isTgs) {
      this.#tgsSubkey = subkey;
      return;
    }
    this.#armor = armor;
    if (this.#tgsSubkey === undefined) return;
    const both = this.#combine(armor, "explicitarmor", this.#tgsSubkey, "tgsarmor");
    this.#make(both, "the explicit armor key");
  }

  /** Learns what reply keys become with a strengthen-key (RFC 6113 section 5.4.3). */
  learnStrengthen({ keytype, keyvalue }: EncryptionKey): void {
    const strengthen = this.#import(keytype, keyvalue);
    if (strengthen === undefined) return;
    const first = this.#given.slice(0, MAX_COMBINED);
    for (const { key, name } of [...first, ...this.#keys.slice(first.length).slice(-MAX_COMBINED)]) {
      this.#make(this.#combine(strengthen, "strengthenkey", key, "replykey"), `${name}, strengthened`);
    }
  }

  /** Learns the keys of encrypted challenges inside the armor (RFC 6113 section 5.4.6), of the keys that were given. */
  learnChallenges(): void {
    const armors = this.#armor === undefined ? this.#keys.slice(0, MAX_COMBINED) : [{ key: this.#armor, name: "" }];
    for (const { key: armor } of armors) {
      for (const { key, name } of this.#given.slice(0, MAX_COMBINED)) {
        for (const side of ["client", "kdc"]) {
          const made = this.#combine(armor, `${side}challengearmor`, key, "challengelongterm");
          this.#make(made, `${name}, for the ${side}'s challenge`);
        }
      }
    }
  }

  /** The plaintext under the first key that opens it, and that key's name; or why none does. */
  open(data: EncryptedData, usages: readonly number[]): Opened | { readonly reason: string } {
    const fitting = this.#byEtype.get(data.etype) ?? [];
    for (const { key, name } of fitting) {
      for (const usage of usages) {
        this.#triedOctets += TRY_OCTETS + data.cipher.length;
        if (this.#triedOctets > MAX_TRIED_OCTETS) return { reason: "there are too many keys to try: give fewer" };
        const plaintext = attempt(
          () => openData(key, usage, data),
          () => undefined,
        );
        if (plaintext !== undefined) return { plaintext, key, name, usage };
      }
    }
    const count = fitting.length;
    return {
      reason:
        count === 0
          ? `no key of ${enctypeName(data.etype)} is known`
          : `none of the ${count} known ${count === 1 ? "key" : "keys"} of its enctype opens it`,
    };
  }

  /** The plaintext of a sealed GSS message (RFC 4121 section 4.2.4). */
  openOctets(cipher: Uint8Array, usages: readonly number[]): Opened | undefined {
    for (const etype of this.#byEtype.keys()) {
      const opened = this.open({ etype, cipher }, usages);
      if ("plaintext" in opened) return opened;
    }
    return undefined;
  }

  #put(candidate: Candidate): void {
    this.#keys.push(candidate);
    const { etype } = candidate.key.encType;
    if (this.#byEtype.get(etype)?.push(candidate) === undefined) this.#byEtype.set(etype, [candidate]);
  }

  #make(key: ProtocolKey, name: string): void {
    if (this.#keys.length < this.#given.length + MAX_MADE) this.#put({ key, name });
  }

  #import(etype: number, octets: Uint8Array): ProtocolKey | undefined {
    return attempt(
      () => this.#encTypes.importKey(etype, octets),
      () => undefined,
    );
  }

  #combine(key1: ProtocolKey, pepper1: string, key2: ProtocolKey, pepper2: string): ProtocolKey {
    return cf2(this.#encTypes.provider, key1, key2, encodeText(pepper1), encodeText(pepper2));
  }
}
