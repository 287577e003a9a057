import { describe, expect, it } from "vitest";
import {
  type Checks,
  checkAbove,
  checkBoolean,
  checkDate,
  checkFunction,
  checkList,
  checkMethods,
  checkNumber,
  checkObject,
  checkOctets,
  checkOptions,
  checkSignal,
  checkString,
  checkText,
  checkWhole,
  checkWholeOrInfinity,
  checkWord,
  optionElsewhere,
} from "../../../src/checks/index.ts";

/** What stands in every value here that could be a secret, and in no message. */
const SECRET = "hunter2";

interface Wide {
  readonly kdc: string;
  readonly onTrace: () => void;
  readonly idleTimeoutMs: number;
  readonly totalTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly enctypes: readonly string[];
  readonly port: number;
}

const checks: Checks<Wide> = {
  kdc: checkText,
  onTrace: checkFunction,
  idleTimeoutMs: [checkAbove, 0],
  totalTimeoutMs: [checkAbove, 0],
  connectTimeoutMs: [checkAbove, 0],
  enctypes: [checkList, checkText],
  port: [checkWhole, 1, 65_535],
};

const check = (options: object | undefined | null | string): unknown =>
  checkOptions("createThing", options as Wide, checks, (name) =>
    name === "dial" ? "it is an option of createClient" : undefined,
  );

describe("options", () => {
  it("that are known and right pass; undefined counts as not given", () => {
    expect(() => check({})).not.toThrow();
    expect(() => check({ kdc: "a", port: 1, idleTimeoutMs: Number.POSITIVE_INFINITY, enctypes: ["x"] })).not.toThrow();
    expect(() => check({ kdc: undefined, kdcs: undefined })).not.toThrow();
  });

  it.each([
    ["kdcs", "did you mean kdc?"],
    ["KDC", "did you mean kdc?"],
    ["timeoutMs", "did you mean idleTimeoutMs, totalTimeoutMs, connectTimeoutMs?"],
    ["trace", "did you mean onTrace?"],
    ["encTypes", "did you mean enctypes?"],
    ["etypes", "did you mean enctypes?"],
    ["prot", "did you mean port?"],
    ["dial", "it is an option of createClient"],
    ["colour", "there are kdc, onTrace, idleTimeoutMs, totalTimeoutMs, connectTimeoutMs, enctypes, port"],
    ["constructor", "there are kdc"],
  ])("have no name %s: %s", (name, words) => {
    const make = (): unknown => check({ [name]: SECRET });
    expect(make).toThrow(TypeError);
    expect(make).toThrow(`createThing has no option ${name}: ${words}`);
    expect(make).not.toThrow(SECRET);
  });

  it("whose name is not a word are not quoted", () => {
    for (const name of [`${SECRET} ${SECRET}`, "x".repeat(41), "a\nb", ""]) {
      expect(() => check({ [name]: 1 })).toThrow("createThing has no option of that name: there are kdc");
    }
  });

  it.each([
    [null, "null"],
    [SECRET, "a string"],
    [[SECRET], "an array"],
    [Uint8Array.of(1), "a Uint8Array"],
    [Promise.resolve({}), "a promise"],
    [() => SECRET, "a function"],
  ])("that are %j are not options", (options, kind) => {
    expect(() => check(options as object)).toThrow(
      new TypeError(`the options of createThing are ${kind}: they must be an object`),
    );
  });

  it("that an object inherits are checked too, and its methods are not options", () => {
    class Settings {
      get port(): number {
        return 0;
      }
      describe(): void {}
    }
    expect(() => check(new Settings())).toThrow("port is 0: it must be a whole number from 1 to 65535");
  });
});

describe("values", () => {
  const all: Record<string, readonly [unknown, readonly (readonly [unknown, ErrorConstructor, string])[]]> = {};
  all.text = [
    checkText,
    [
      ["", TypeError, "x is an empty string: it must be a string that is not empty"],
      [5, TypeError, "x is a number"],
    ],
  ];
  all.string = [
    checkString,
    [
      [5, TypeError, "x is a number: it must be a string"],
      [null, TypeError, "x is null"],
    ],
  ];
  all.boolean = [checkBoolean, [["no", TypeError, "x is a string: it must be true or false"]]];
  all.function = [checkFunction, [[{}, TypeError, "x is an object: it must be a function"]]];
  all.octets = [checkOctets, [[[1], TypeError, "x is an array: it must be a Uint8Array"]]];
  all.date = [
    checkDate,
    [
      [5, TypeError, "x is a number"],
      [new Date(Number.NaN), RangeError, "x is an invalid Date"],
    ],
  ];
  all.object = [
    checkObject,
    [
      [[], TypeError, "x is an array"],
      [null, TypeError, "x is null: it must be an object"],
    ],
  ];
  all.signal = [
    checkSignal,
    [
      [{ aborted: false }, TypeError, "x is an object: it must be an AbortSignal"],
      [null, TypeError, "x is null"],
    ],
  ];

  for (const [name, [run, bad]] of Object.entries(all)) {
    it.each(bad)(`${name}: %j is refused`, (value, kind, words) => {
      const make = (): unknown => (run as (name: string, value: unknown) => void)("x", value);
      expect(make).toThrow(kind);
      expect(make).toThrow(words);
    });
  }

  it("that are right pass", () => {
    checkText("x", "a");
    checkString("x", "");
    checkBoolean("x", false);
    checkFunction("x", () => {});
    checkOctets("x", new Uint8Array());
    checkDate("x", new Date(0));
    checkObject("x", {});
    checkSignal("x", new AbortController().signal);
    checkSignal("x", AbortSignal.timeout(1));
    checkWord("x", "b", "a", "b");
    checkList("x", [], checkText);
    checkMethods("x", new Map(), "get", "set");
  });

  it("words, lists and methods say what is expected, and not what came", () => {
    expect(() => checkWord("x", SECRET, "a", "b")).toThrow(new TypeError('x is a string: it must be one of "a", "b"'));
    expect(() => checkList("x", ["a", SECRET.length], checkText)).toThrow("x[1] is a number: it must be a string");
    const holes: unknown[] = [];
    holes[1] = "a";
    expect(() => checkList("x", holes, checkText)).toThrow("x[0] is undefined");
    expect(() => checkList("x", SECRET, checkText)).toThrow("x is a string: it must be an array");
    expect(() => checkMethods("x", { get() {} }, "get", "set")).toThrow(
      "x has no set(): it must be an object with get(), set()",
    );
    expect(() => checkMethods("x", null, "get")).toThrow("x is null");
  });

  it.each([
    [() => checkNumber("x", Number.NaN, 0), RangeError, "x is NaN: it must be 0 or more"],
    [() => checkNumber("x", -1, 0), RangeError, "x is -1"],
    [() => checkNumber("x", 11, 0, 10), RangeError, "x is 11: it must be from 0 to 10"],
    [() => checkNumber("x", "5", 0), TypeError, "x is a string: it must be a number, 0 or more"],
    [() => checkAbove("x", 0, 0), RangeError, "x is 0: it must be above 0"],
    [() => checkAbove("x", Number.NaN, 0), RangeError, "x is NaN"],
    [() => checkAbove("x", 5n, 0), TypeError, "x is a bigint"],
    [() => checkWhole("x", 1.5, 1), RangeError, "x is 1.5: it must be a whole number, 1 or more"],
    [() => checkWhole("x", Number.POSITIVE_INFINITY, 1), RangeError, "x is Infinity"],
    [() => checkWhole("x", 0, 1, 9), RangeError, "x is 0: it must be a whole number from 1 to 9"],
    [() => checkWhole("x", null, 1), TypeError, "x is null"],
    [() => checkWholeOrInfinity("x", 0.5, 0), RangeError, "x is 0.5"],
  ])("numbers: %s", (make, kind, words) => {
    expect(make).toThrow(kind);
    expect(make).toThrow(words);
  });

  it("a name of another function's option is told, written rightly or nearly so", () => {
    const names = ["kdc", "timeoutMs"];
    const refuse = (name: string) => () =>
      checkOptions(
        "f",
        { [name]: SECRET },
        { timeMs: checkNumber } as never,
        optionElsewhere("g", names, { timeMs: 1 }),
      );
    expect(refuse("kdc")).toThrow("f has no option kdc: it is an option of g: give it there");
    expect(refuse("kdcs")).toThrow("f has no option kdcs: did you mean kdc, an option of g?");
    expect(refuse("timesMs")).toThrow("f has no option timesMs: did you mean timeMs?");
    expect(refuse("other")).toThrow("f has no option other: there are timeMs");
  });

  it("numbers at their bounds pass", () => {
    checkNumber("x", 0, 0);
    checkNumber("x", Number.POSITIVE_INFINITY, 0);
    checkAbove("x", Number.MIN_VALUE, 0);
    checkWhole("x", 65_535, 1, 65_535);
    checkWholeOrInfinity("x", Number.POSITIVE_INFINITY, 1);
  });
});
