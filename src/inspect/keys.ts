import type { EncTypeSet, ProtocolKey } from "../crypto/index.ts";
import { isKerberosError } from "../errors.ts";
import { enctypeName } from "../iana/index.ts";
import { type EncryptedData, type EncryptionKey, openData } from "../krb5/index.ts";

interface Candidate {
  readonly key: ProtocolKey;
  readonly name: string;
}

/** The keys that encrypted parts are tried with: those that were given, and those that opened parts hold. */
export class KeyRing {
  readonly #encTypes: EncTypeSet;
  readonly #keys: Candidate[] = [];

  constructor(encTypes: EncTypeSet) {
    this.#encTypes = encTypes;
  }

  get isEmpty(): boolean {
    return this.#keys.length === 0;
  }

  /** Adds a key; one of an enctype that is not built in is ignored. `name` is shown where it opens something. */
  add(etype: number, octets: Uint8Array, name: string): boolean {
    try {
      this.#keys.push({ key: this.#encTypes.importKey(etype, octets), name });
      return true;
    } catch (error) {
      if (isKerberosError(error)) return false;
      throw error;
    }
  }

  learn({ keytype, keyvalue }: EncryptionKey, name: string): void {
    this.add(keytype, keyvalue, name);
  }

  /** The plaintext under the first key that opens it, and that key's name; or why none does. */
  open(
    data: EncryptedData,
    usages: readonly number[],
  ): { readonly plaintext: Uint8Array; readonly name: string } | { readonly reason: string } {
    const fitting = this.#keys.filter(({ key }) => key.encType.etype === data.etype);
    for (const { key, name } of fitting) {
      for (const usage of usages) {
        try {
          return { plaintext: openData(key, usage, data), name };
        } catch (error) {
          if (!isKerberosError(error)) throw error;
        }
      }
    }
    if (this.#keys.length === 0) return { reason: "no key was given" };
    const count = fitting.length;
    return {
      reason:
        count === 0
          ? `no key of ${enctypeName(data.etype)} is known`
          : `none of the ${count} known ${count === 1 ? "key" : "keys"} of its enctype opens it`,
    };
  }

  /** The plaintext of a sealed GSS message (RFC 4121 section 4.2.4). */
  openOctets(
    cipher: Uint8Array,
    usages: readonly number[],
  ): { readonly plaintext: Uint8Array; readonly name: string } | undefined {
    for (const { key } of this.#keys) {
      const opened = this.open({ etype: key.encType.etype, cipher }, usages);
      if ("plaintext" in opened) return opened;
    }
    return undefined;
  }
}
