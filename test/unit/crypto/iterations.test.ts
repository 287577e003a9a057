import { describe, expect, it } from "vitest";
import { type CryptoProvider, strongEncTypes } from "../../../src/crypto/index.ts";
import { CryptoError } from "../../../src/errors.ts";

const password = new TextEncoder().encode("password");
const uint32 = (n: number) => {
  const octets = new Uint8Array(4);
  new DataView(octets.buffer).setUint32(0, n);
  return octets;
};

/** A provider that notes the iterations it is asked for, and does no work. */
function noting() {
  const asked: number[] = [];
  const provider = {
    pbkdf2: async (_hash: string, _password: unknown, _salt: unknown, iterations: number, length: number) => {
      asked.push(iterations);
      return new Uint8Array(length);
    },
    aesCbc: () => ({ encrypt() {}, decrypt() {} }),
    hmac: () => ({ mac: () => new Uint8Array(48), tag: () => new Uint8Array(48) }),
  } as unknown as CryptoProvider;
  return { asked, provider };
}

describe.each(strongEncTypes.map((type) => [type.name, type] as const))(
  "string-to-key parameters of %s",
  (_name, type) => {
    const least = type.etype < 19 ? 4096 : 32_768;

    it("P3: the default count without parameters, and counts within the bounds, are taken", async () => {
      const { asked, provider } = noting();
      expect(type.defaultIterations).toBe(least);
      await type.stringToKey(provider, password, password);
      for (const n of [least, least + 1, 100_000, 1_000_000])
        await type.stringToKey(provider, password, password, uint32(n));
      expect(asked).toEqual([least, least, least + 1, 100_000, 1_000_000]);
    });

    const refusals: readonly (readonly [string, Uint8Array, string])[] = [
      ["no octets", new Uint8Array(0), "0 octets where exactly 4"],
      ["3 octets", uint32(least).subarray(1), "3 octets where exactly 4"],
      ["5 octets", Uint8Array.of(0, ...uint32(least)), "5 octets where exactly 4"],
      ["0, which is 2^32", uint32(0), "4,294,967,296"],
      ["1 iteration", uint32(1), "fewer than the least"],
      ["one less than the default", uint32(least - 1), "fewer than the least"],
      ["one more than the most", uint32(1_000_001), "more than the most"],
      ["2^24", uint32(2 ** 24), "more than the most"],
      ["2^31", uint32(2 ** 31), "more than the most"],
      ["2^32 - 1", uint32(2 ** 32 - 1), "more than the most"],
    ];
    it.each(refusals)("P3: %s: refused before any work", async (_case, params, words) => {
      const { asked, provider } = noting();
      const made = type.stringToKey(provider, password, password, params);
      await expect(made).rejects.toBeInstanceOf(CryptoError);
      await expect(made).rejects.toMatchObject({
        code: "BAD_STRING_TO_KEY_PARAMETERS",
        message: expect.stringContaining(words),
      });
      expect(asked).toEqual([]);
    });

    it("P3: the upper bound is the caller's; the lower one goes only when asked, and 0 never", async () => {
      const { asked, provider } = noting();
      const refused = { code: "BAD_STRING_TO_KEY_PARAMETERS" };
      const make = (n: number, options: object) => type.stringToKey(provider, password, password, uint32(n), options);
      await expect(make(50_001, { maxIterations: 50_000 })).rejects.toMatchObject(refused);
      await make(50_000, { maxIterations: 50_000 });
      await make(2_000_000, { maxIterations: 2_000_000 });
      await make(1, { allowWeakIterations: true });
      await expect(make(0, { allowWeakIterations: true, maxIterations: 2 ** 33 })).rejects.toMatchObject(refused);
      await expect(make(1_000_001, { allowWeakIterations: true })).rejects.toMatchObject(refused);
      expect(asked).toEqual([50_000, 2_000_000, 1]);
    });

    it("reads parameters that lie anywhere in other octets", async () => {
      const { asked, provider } = noting();
      const around = Uint8Array.of(9, 9, 9, ...uint32(40_000), 9, 9);
      await type.stringToKey(provider, password, password, around.subarray(3, 7));
      expect(asked).toEqual([40_000]);
    });
  },
);
