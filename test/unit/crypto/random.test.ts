import { describe, expect, it } from "vitest";
import { createRandom } from "../../../src/crypto/random.ts";

/** A generator that counts: octet n of everything it ever gave is n modulo 251. */
function counting() {
  const calls: number[] = [];
  const buffers: Uint8Array[] = [];
  let next = 0;
  const fill = (octets: Uint8Array) => {
    if (octets.length > 65_536) throw new Error("QuotaExceededError");
    calls.push(octets.length);
    buffers.push(octets);
    for (let i = 0; i < octets.length; i++) octets[i] = next++ % 251;
  };
  return { calls, buffers, random: createRandom(fill) };
}

describe("random octets", () => {
  it("K6: the generator is not touched before the first request", () => {
    expect(counting().calls).toEqual([]);
  });

  it("K6: small requests share one call, and no octet is given twice", () => {
    const { calls, random } = counting();
    const given: number[] = [];
    for (let i = 0; i < 1000; i++) given.push(...random(1 + (i % 64)));
    // The end of a pool too small for a request is left, never given in part.
    let skipped = 0;
    for (let i = 1; i < given.length; i++) {
      const step = ((given[i] as number) - (given[i - 1] as number) + 251) % 251;
      if (step !== 1) skipped++;
    }
    expect(calls.every((length) => length === 4096)).toBe(true);
    expect(calls.length).toBeLessThan(12);
    expect(skipped).toBeLessThan(calls.length);
  });

  it("K6: octets handed out are overwritten in the pool", () => {
    const { buffers, random } = counting();
    const first = random(16);
    random(48);
    const pool = buffers[0] as Uint8Array;
    expect(first).toEqual(Uint8Array.from({ length: 16 }, (_, i) => i));
    expect(pool.subarray(0, 64)).toEqual(new Uint8Array(64));
    expect(pool[64]).toBe(64);
  });

  it("long requests go to the generator in calls it accepts", () => {
    const { calls, random } = counting();
    expect(random(65).length).toBe(65);
    expect(random(65_536).length).toBe(65_536);
    const long = random(140_000);
    expect(calls).toEqual([65, 65_536, 65_536, 65_536, 8928]);
    const start = (65 + 65_536) % 251;
    expect(long.every((octet, i) => octet === (start + i) % 251)).toBe(true);
  });

  it("K6: a generator that failed once gives nothing old afterwards", () => {
    let isBroken = true;
    const random = createRandom((octets) => {
      if (isBroken) throw new Error("no entropy");
      octets.fill(5);
    });
    expect(() => random(16)).toThrow("no entropy");
    isBroken = false;
    expect(random(16)).toEqual(new Uint8Array(16).fill(5));
  });
});
