import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SequenceWindow } from "../../../src/gssapi/sequence-window.ts";

const MASK = (1n << 64n) - 1n;

function check(window: SequenceWindow, number: bigint): string {
  const wrapped = number & MASK;
  return window.check(Number(wrapped >> 32n), Number(wrapped & 0xffffffffn));
}

/** The same rules written for reading, with a BigInt set: what the window is compared with. */
class Model {
  #next: bigint;
  readonly #initial: bigint;
  readonly #seen = new Set<bigint>();

  constructor(initial: bigint) {
    this.#initial = initial;
    this.#next = initial;
  }

  check(number: bigint): string {
    if (number >= this.#next) {
      const gap = number > this.#next;
      this.#seen.add(number);
      this.#next = number + 1n;
      return gap ? "GAP" : "COMPLETE";
    }
    if (number < this.#initial || this.#next - number > 64n) return "OLD";
    if (this.#seen.has(number)) return "DUPLICATE";
    this.#seen.add(number);
    return "UNSEQ";
  }
}

describe("the sequence window", () => {
  it("W10: numbers in order are COMPLETE, from whatever start", () => {
    for (const initial of [0, 1, 0x3fffffff, 0x7fffffff, 0x80000000, 0xffffffff]) {
      const window = new SequenceWindow(initial);
      for (let i = 0; i < 200; i++) expect(check(window, BigInt(initial) + BigInt(i))).toBe("COMPLETE");
    }
  });

  it("W10: a number that came before is DUPLICATE", () => {
    const window = new SequenceWindow(7);
    expect(check(window, 7n)).toBe("COMPLETE");
    expect(check(window, 7n)).toBe("DUPLICATE");
    expect(check(window, 8n)).toBe("COMPLETE");
    expect(check(window, 7n)).toBe("DUPLICATE");
  });

  it("W10: a later number is GAP, the missing ones are UNSEQ once and then DUPLICATE", () => {
    const window = new SequenceWindow(100);
    expect(check(window, 103n)).toBe("GAP");
    expect(check(window, 101n)).toBe("UNSEQ");
    expect(check(window, 101n)).toBe("DUPLICATE");
    expect(check(window, 103n)).toBe("DUPLICATE");
    expect(check(window, 104n)).toBe("COMPLETE");
    expect(check(window, 100n)).toBe("UNSEQ");
  });

  it("W10: more than 64 behind the expected number is OLD, 64 is remembered", () => {
    const window = new SequenceWindow(0);
    for (let i = 0n; i < 100n; i++) check(window, i);
    expect(check(window, 36n)).toBe("DUPLICATE");
    expect(check(window, 35n)).toBe("OLD");
    expect(check(window, 0n)).toBe("OLD");
  });

  it("W10: a number from before the start is OLD, never new", () => {
    const window = new SequenceWindow(10);
    expect(check(window, 9n)).toBe("OLD");
    check(window, 10n);
    check(window, 13n);
    expect(check(window, 9n)).toBe("OLD");
    expect(check(window, 11n)).toBe("UNSEQ");
    expect(check(new SequenceWindow(0), MASK)).toBe("OLD");
  });

  it("W10: counting goes on past 2^32 and round at 2^64", () => {
    const window = new SequenceWindow(0xfffffffe);
    for (let i = 0n; i < 10n; i++) expect(check(window, 0xfffffffen + i)).toBe("COMPLETE");
    expect(check(window, 0xffffffffn)).toBe("DUPLICATE");
    // The circle: half of 2^64 at a time, so that each step is a gap forwards.
    expect(check(window, 1n << 62n)).toBe("GAP");
    expect(check(window, (1n << 63n) + 5n)).toBe("GAP");
    expect(check(window, MASK)).toBe("GAP");
    expect(check(window, MASK + 1n)).toBe("COMPLETE");
    expect(check(window, MASK + 2n)).toBe("COMPLETE");
    expect(check(window, MASK)).toBe("DUPLICATE");
    expect(check(window, MASK - 1n)).toBe("UNSEQ");
  });

  it("W10: a gap of any length forgets exactly what has left the window", () => {
    for (const gap of [1n, 2n, 31n, 32n, 33n, 62n, 63n, 64n, 65n, 1n << 32n, (1n << 32n) + 1n, 1n << 40n]) {
      const window = new SequenceWindow(50);
      const model = new Model(50n);
      const numbers = [50n, 51n, 53n, 53n + gap, 50n, 51n, 52n, 53n, 52n + gap, 54n + gap];
      for (const number of numbers) expect(check(window, number), `gap ${gap}, ${number}`).toBe(model.check(number));
    }
  });

  it("W10: agrees with a model on any order of numbers", () => {
    const step = fc.oneof(
      fc.integer({ min: -70, max: 70 }),
      fc.integer({ min: -3, max: 3 }),
      fc.integer({ min: -(2 ** 33), max: 2 ** 33 }),
    );
    fc.assert(
      fc.property(fc.nat({ max: 0xffffffff }), fc.array(step, { minLength: 1, maxLength: 200 }), (initial, steps) => {
        const window = new SequenceWindow(initial);
        const model = new Model(BigInt(initial));
        let at = BigInt(initial);
        for (const by of steps) {
          at += BigInt(by);
          if (at < 0n) at = 0n;
          expect(check(window, at)).toBe(model.check(at));
        }
      }),
      { numRuns: 500 },
    );
  });
});
