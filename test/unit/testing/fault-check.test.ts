import { afterAll, describe, expect, it } from "vitest";
import { createTestRealm, type Fault } from "../../../src/entry/testing.ts";

const realm = await createTestRealm({ realm: "TEST.EXAMPLE", enctypes: [17] });

afterAll(() => realm.close());

describe("a fault that could never happen is the caller's mistake", () => {
  it.each([
    [null, TypeError, "an object"],
    [{ name: "no-such-fault" }, TypeError, "the fault's name is not one that there is"],
    [{ name: "wrong-nonse" }, TypeError, "did you mean wrong-nonce?"],
    [{ name: "toString" }, TypeError, "the fault's name is not one that there is"],
    [{}, TypeError, "the fault's name is undefined"],
    [
      { name: "drop", on: "as" },
      TypeError,
      'on is a string: it must be one of "as-rep", "tgs-rep", "as-req", "tgs-req", "error", "any"',
    ],
    [{ name: "drop", on: null }, TypeError, "on is null: it must be one of"],
    [{ name: "drop", on: "toString" }, TypeError, "on is a string: it must be one of"],
    [{ name: "drop", count: 0 }, RangeError, "count is 0"],
    [{ name: "drop", count: Number.NaN }, RangeError, "count is NaN"],
    [{ name: "drop", count: 1.5 }, RangeError, "whole"],
    [{ name: "drop", count: "1" }, TypeError, "count is a string"],
    [{ name: "krb-error" }, TypeError, "code is undefined"],
    [{ name: "krb-error", code: 2 ** 31 }, RangeError, "code is 2147483648"],
    [{ name: "krb-error", code: 60, seconds: Number.NaN }, RangeError, "seconds is NaN"],
    [{ name: "referral" }, TypeError, "realm is undefined"],
    [{ name: "referral", realm: "" }, TypeError, "realm is an empty string"],
    [{ name: "wrong-realm" }, TypeError, "realm is undefined"],
    [{ name: "iterations" }, TypeError, "iterations is undefined"],
    [{ name: "iterations", iterations: 2 ** 32 }, RangeError, "iterations is 4294967296"],
    [{ name: "slow" }, TypeError, "ms is undefined"],
    [{ name: "slow", ms: Number.NaN }, RangeError, "ms is NaN"],
    [{ name: "slow", ms: -1 }, RangeError, "ms is -1"],
    [{ name: "slow", ms: Number.POSITIVE_INFINITY }, RangeError, "from 0 to 2147483647"],
    [{ name: "slow", ms: 2 ** 31 }, RangeError, "from 0 to 2147483647"],
    [{ name: "length-word" }, TypeError, "value is undefined"],
    [{ name: "length-word", value: -1 }, RangeError, "value is -1"],
  ] as const)("%j", async (fault, error, words) => {
    const add = () => realm.fault(fault as unknown as Fault);
    expect(add).toThrow(error);
    expect(add).toThrow(words);
    const faults = [fault as unknown as Fault];
    await expect(createTestRealm({ realm: "TEST.EXAMPLE", enctypes: [17], faults })).rejects.toThrow(error);
  });

  it.each([
    { name: "drop", count: Number.POSITIVE_INFINITY },
    { name: "krb-error", code: 0 },
    { name: "slow", ms: 2 ** 31 - 1 },
    { name: "slow", ms: 0.5 },
    { name: "length-word", value: 2 ** 32 - 1 },
  ] as Fault[])("%j is one", (fault) => {
    realm.fault(fault).clear();
  });
});
