// How messages become a command: each bound at its edge, and each continue status in each state.

import { describe, expect, it } from "vitest";
import { concat } from "../../../src/bytes/index.ts";
import { BufferPool } from "../../../src/server/buffer-pool.ts";
import { Budget, ByteStore } from "../../../src/server/byte-store.ts";
import {
  CommandAssembler,
  type CommandLimits,
  decodeArguments,
  sourceOf,
} from "../../../src/server/command-decoder.ts";
import { REFUSAL } from "../../../src/server/failure.ts";
import { formatCommand } from "../../../src/server/log-line.ts";

const LIMITS: CommandLimits = { maxArguments: 2, maxCommandBytes: 1000 };
const word = (value: number) => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
const argument = (text: string) => concat(word(text.length), new TextEncoder().encode(text));
const texts = (args: readonly Uint8Array[]) => args.map((arg) => new TextDecoder().decode(arg));
const COMMAND = concat(word(2), argument("a"), argument("bc"));

describe("the arguments of a command", () => {
  const decode = (octets: Uint8Array) => decodeArguments(sourceOf(octets), LIMITS);

  it.each([
    ["none", word(0), []],
    ["one that is empty", concat(word(1), word(0)), [""]],
    ["as many as may be", COMMAND, ["a", "bc"]],
  ])("may be %s", (_, octets, args) => {
    expect(texts(decode(octets) as Uint8Array[])).toEqual(args);
  });

  it.each([
    ["nothing", new Uint8Array(0), REFUSAL.badCommand],
    ["half a count", new Uint8Array(3), REFUSAL.badCommand],
    ["one argument too many", concat(word(3), argument(""), argument(""), argument("")), REFUSAL.tooManyArgs],
    ["a count of 2^32 - 1", word(0xffffffff), REFUSAL.tooManyArgs],
    ["fewer arguments than the count", concat(word(2), argument("a")), REFUSAL.badCommand],
    ["half a length", concat(word(1), new Uint8Array(3)), REFUSAL.badCommand],
    ["a length one longer than there is", concat(word(1), word(2), Uint8Array.of(1)), REFUSAL.badCommand],
    ["a length of 2^32 - 1", concat(word(1), word(0xffffffff)), REFUSAL.badCommand],
    ["an octet that is left over", concat(COMMAND, Uint8Array.of(0)), REFUSAL.badCommand],
    ["an octet behind no arguments", concat(word(0), Uint8Array.of(0)), REFUSAL.badCommand],
  ])("are refused where there is %s", (_, octets, refusal) => {
    expect(decode(octets)).toBe(refusal);
  });

  it("are read no further than they go", () => {
    const source = sourceOf(Uint8Array.of(1, 2, 3));
    expect(source.read(2)).toEqual(Uint8Array.of(1, 2));
    expect(() => source.read(2)).toThrow("2 octets wanted, 1 left");
    expect(source.read(1)).toEqual(Uint8Array.of(3));
    expect(source.remaining).toBe(0);
  });
});

describe("a COMMAND message", () => {
  const make = (limits = LIMITS, bytes = 2 ** 20) => {
    const budget = new Budget(bytes);
    return { budget, assembler: new CommandAssembler(limits, budget.of("alice")) };
  };
  const message = (status: number, data: Uint8Array = new Uint8Array(0), keepAlive = 1) =>
    Uint8Array.of(keepAlive, status, ...data);
  const [first, rest] = [COMMAND.subarray(0, 6), COMMAND.subarray(6)];

  /** What brings an assembler to a state. */
  const states: Readonly<Record<string, (assembler: CommandAssembler) => void>> = {
    "at the beginning": () => {},
    "within a command": (assembler) => void assembler.take(message(1, first)),
    "after a part that was refused": (assembler) => void assembler.take(message(2, first)),
    "after another message within a command": (assembler) => {
      assembler.take(message(1, first));
      assembler.interrupt();
    },
  };

  it.each([
    ["at the beginning", 0, "command", false],
    ["at the beginning", 1, "nothing", true],
    ["at the beginning", 2, "refused, and more may come", false],
    ["at the beginning", 3, "refused", false],
    ["at the beginning", 4, "refused", false],
    ["at the beginning", undefined, "refused", false],
    ["within a command", 0, "refused", false],
    ["within a command", 1, "refused, and more may come", false],
    ["within a command", 2, "nothing", true],
    ["within a command", 3, "refused", false],
    ["within a command", 4, "refused, and more may come", false],
    ["within a command", undefined, "refused, and more may come", false],
    ["after a part that was refused", 0, "command", false],
    ["after a part that was refused", 1, "nothing", true],
    ["after a part that was refused", 2, "nothing", false],
    ["after a part that was refused", 3, "nothing", false],
    ["after another message within a command", 0, "command", false],
    ["after another message within a command", 2, "nothing", false],
  ])("%s, with the status %s: %s", (state, status, type, isContinued) => {
    const { assembler, budget } = make();
    states[state]?.(assembler);
    const outcome = assembler.take(status === undefined ? Uint8Array.of(1) : message(status, COMMAND));
    const more = outcome.type === "refused" && outcome.isPartial ? ", and more may come" : "";
    expect(`${outcome.type}${more}`).toBe(type);
    if (outcome.type === "refused") expect([outcome.refusal, outcome.keepAlive]).toEqual([REFUSAL.badCommand, true]);
    expect(assembler.isContinued).toBe(isContinued);
    if (!isContinued) expect(budget.used).toBe(0);
  });

  it("and the rest of it are one command, wherever it is cut, which gives its room back", () => {
    for (let cut = 0; cut <= COMMAND.length; cut++) {
      const { assembler, budget } = make();
      assembler.take(message(1, COMMAND.subarray(0, cut)));
      expect(assembler.take(message(2))).toEqual({ type: "nothing", closes: false });
      const outcome = assembler.take(message(3, COMMAND.subarray(cut), 0));
      if (outcome.type !== "command") throw new Error(outcome.type);
      expect([texts(outcome.args), outcome.keepAlive]).toEqual([["a", "bc"], false]);
      expect(assembler.isContinued).toBe(false);
      expect(budget.used).toBeGreaterThan(0);
      outcome.release();
      expect(budget.used).toBe(0);
    }
  });

  it("that ends what was refused closes where it says so, once", () => {
    for (const [keepAlive, closes] of [
      [0, true],
      [1, false],
    ] as const) {
      const { assembler } = make();
      assembler.take(message(2, first));
      expect(assembler.take(message(2, rest, 0))).toEqual({ type: "nothing", closes: false });
      expect(assembler.take(message(3, rest, keepAlive))).toEqual({ type: "nothing", closes });
      expect(assembler.take(message(3, rest))).toMatchObject({ type: "refused", refusal: REFUSAL.badCommand });
    }
  });

  it("begins anew after a reset", () => {
    const { assembler, budget } = make();
    assembler.take(message(1, first));
    assembler.reset();
    expect([assembler.isContinued, budget.used]).toEqual([false, 0]);
    expect(assembler.take(message(2, rest))).toMatchObject({ type: "refused", isPartial: true });
    assembler.reset();
    expect(assembler.take(message(3, rest))).toMatchObject({ type: "refused", isPartial: false });
  });

  it.each([
    ["whole", (data: Uint8Array) => [message(0, data)]],
    ["in two parts", (data: Uint8Array) => [message(1, data.subarray(0, 9)), message(3, data.subarray(9))]],
  ])("may have as many octets as the limit, and not one more: %s", (_, cut) => {
    const ofLength = (octets: number) => concat(word(1), word(octets - 8), new Uint8Array(octets - 8));
    for (const [octets, type] of [
      [1000, "command"],
      [1001, "refused"],
    ] as const) {
      const { assembler, budget } = make();
      const outcomes = cut(ofLength(octets)).map((one) => assembler.take(one));
      expect(outcomes.at(-1)?.type).toBe(type);
      if (type === "refused") {
        expect(outcomes.at(-1)).toMatchObject({ refusal: REFUSAL.tooMuchData, isPartial: false });
        expect(budget.used).toBe(0);
      }
    }
  });

  it("has 65,532 octets of a command at most, whatever the limit", () => {
    const { assembler } = make({ maxArguments: 1, maxCommandBytes: 2 ** 20 });
    const longest = concat(word(1), word(65_524), new Uint8Array(65_524));
    expect(assembler.take(message(0, longest)).type).toBe("command");
    expect(assembler.take(message(0, concat(longest, Uint8Array.of(0))))).toMatchObject({
      type: "refused",
      refusal: REFUSAL.tooMuchData,
    });
  });

  it("is refused where there is no room for it, and more of it may come", () => {
    const { assembler } = make(LIMITS, 8191);
    expect(assembler.take(message(1, first))).toMatchObject({
      type: "refused",
      refusal: REFUSAL.tooMuchData,
      isPartial: true,
    });
    expect(assembler.isContinued).toBe(false);
  });
});

describe("octets that are kept", () => {
  const BLOCK = 8192;
  const pattern = (length: number, from = 0) => Uint8Array.from({ length }, (_, i) => (from + i) % 251);

  it.each([1, 7, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK])("come back as they were, in pieces of %s", (size) => {
    const all = pattern(3 * BLOCK + 5);
    const store = new ByteStore(new Budget(2 ** 20).of("a"));
    for (let at = 0; at < all.length; at += size) expect(store.append(all.subarray(at, at + size))).toBe(true);
    expect([store.length, store.remaining]).toEqual([all.length, all.length]);
    expect(store.read(0)).toHaveLength(0);
    let at = 0;
    for (const count of [1, BLOCK - 2, 2, BLOCK, BLOCK + 4]) {
      expect(Buffer.compare(store.read(count), all.subarray(at, at + count))).toBe(0);
      at += count;
    }
    expect(store.remaining).toBe(0);
    expect(() => store.read(1)).toThrow("1 octets wanted, 0 left");
  });

  it("count by blocks of 8 KiB, and nothing is added where there is no room", () => {
    const budget = new Budget(2 * BLOCK);
    const store = new ByteStore(budget.of("a"));
    store.append(new Uint8Array(1));
    expect(budget.used).toBe(BLOCK);
    store.append(new Uint8Array(BLOCK - 1));
    expect(budget.used).toBe(BLOCK);
    expect(store.append(new Uint8Array(2 * BLOCK))).toBe(false);
    expect([store.length, budget.used]).toEqual([BLOCK, BLOCK]);
    store.release();
    store.release();
    expect([store.length, store.remaining, budget.used]).toEqual([0, 0, 0]);
  });
});

describe("a buffer that is given back", () => {
  it("has no plaintext, and is kept up to the number that is kept", () => {
    const pool = new BufferPool(10, 1);
    const [one, two] = [pool.take(), pool.take()];
    one.fill(7);
    pool.give(one, 4);
    pool.give(two);
    expect(pool.take()).toBe(one);
    expect(one).toEqual(Uint8Array.of(0, 0, 0, 0, 7, 7, 7, 7, 7, 7));
    expect(pool.take()).not.toBe(two);
  });
});

describe("the words of a command in the log", () => {
  const log = (mask: readonly (number | string)[] | "all", ...args: string[]) =>
    formatCommand(
      args.map((arg) => new TextEncoder().encode(arg)),
      mask,
    );

  it.each([
    ["all", ["a", "b", "c"], "a **MASKED** **MASKED**"],
    [[0, 2], ["a", "b", "c"], "a b **MASKED**"],
    [["--key"], ["a", "--key", "secret", "c"], "a --key **MASKED** c"],
    [["--key"], ["a", "--key=secret", "c"], "a --key=**MASKED** c"],
    [["--key"], ["a", "--keys=x", "--ke", "c"], "a --keys=x --ke c"],
    [["a"], ["a", "b"], "a b"],
    [[1, "b"], ["a", "b", "c"], "a **MASKED** **MASKED**"],
    [[], ["a\nb", "\u001b[31m", "t\tt", "\u2028"], "a?b ?[31m t\tt ?"],
  ] as const)("with the mask %j of %j: %s", (mask, args, line) => {
    expect(log(mask, ...args)).toBe(line);
  });

  it("are 64 at most", () => {
    const words = Array.from({ length: 65 }, (_, index) => `w${index}`);
    expect(log([], ...words.slice(0, 64))).toBe(words.slice(0, 64).join(" "));
    expect(log([], ...words)).toBe(`${words.slice(0, 64).join(" ")} ... (1 more)`);
  });
});
