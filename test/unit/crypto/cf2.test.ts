import { describe, expect, it } from "vitest";
import { concat } from "../../../src/bytes/index.ts";
import { type CryptoProvider, cf2, prfPlus, strongEncTypes } from "../../../src/crypto/index.ts";
import { providers } from "./providers.ts";

const provider = providers[0]?.[1] as CryptoProvider;
const info = new TextEncoder().encode("info");

describe.each(strongEncTypes.map((type) => [type.name, type] as const))("PRF+ of %s", (_name, type) => {
  const key = type.importKey(provider, new Uint8Array(type.keyBytes).fill(1));

  it("is PRF(1 | info) | PRF(2 | info) and so on, cut to any length", () => {
    const blocks = concat(...[1, 2, 3].map((n) => key.prf(concat(Uint8Array.of(n), info))));
    for (let length = 0; length <= 3 * type.prfBytes; length++)
      expect(prfPlus(key, info, length)).toEqual(blocks.subarray(0, length));
  });

  it("gives at most what one octet can number", () => {
    expect(prfPlus(key, info, 255 * type.prfBytes).length).toBe(255 * type.prfBytes);
    expect(() => prfPlus(key, info, 255 * type.prfBytes + 1)).toThrow(RangeError);
  });

  it("CF2 depends on each key, each pepper, and which goes with which", () => {
    const other = type.importKey(provider, new Uint8Array(type.keyBytes).fill(2));
    const [a, b] = [Uint8Array.of(97), Uint8Array.of(98)];
    const made = [
      cf2(provider, key, other, a, b),
      cf2(provider, key, other, b, a),
      cf2(provider, key, other, a, a),
      cf2(provider, key, key, a, b),
    ].map(({ octets, encType }) => {
      expect(encType).toBe(type);
      return octets.join();
    });
    expect(new Set(made).size).toBe(made.length);
    // Both exchanged is the same: the halves are joined by XOR.
    expect(cf2(provider, other, key, a, b).octets.join()).toBe(made[1]);
  });
});
