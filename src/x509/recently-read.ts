import { encodeHex, equal } from "../bytes/index.ts";

const MAX_KEPT = 32;
/** Of one: what its octets are a part of. */
const MAX_BYTES = 16_384;
/** The end of a certificate is its signature: two that are not the same differ there. */
const KEY_BYTES = 16;

/**
 * What was made of octets lately: the same few certificates come with each login, and reading one takes as long as a
 * signature. Nothing is trusted for being here: it was read, and not verified.
 */
export class RecentlyRead<T extends { readonly octets: Uint8Array }> {
  readonly #kept = new Map<string, T>();

  /** What was made of the same octets before. */
  find(octets: Uint8Array): T | undefined {
    const key = keyOf(octets);
    const found = this.#kept.get(key);
    if (found === undefined || !equal(found.octets, octets)) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, found);
    return found;
  }

  /** Keeps one, and forgets the one that was not asked for the longest. */
  keep(one: T): T {
    const { octets } = one;
    if (octets.buffer.byteLength > MAX_BYTES) return one;
    this.#kept.set(keyOf(octets), one);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return one;
  }
}

function keyOf(octets: Uint8Array): string {
  return encodeHex(octets.subarray(-KEY_BYTES));
}
