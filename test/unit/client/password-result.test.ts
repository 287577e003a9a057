// What a password server answers, in words: every code, the words of a server, and Active Directory's policy.

import { describe, expect, it } from "vitest";
import { decodePasswordResult, decodePolicy, passwordError } from "../../../src/client/password/password-result.ts";

const text = (words: string): Uint8Array => new TextEncoder().encode(words);

/** The 30 octets of a policy. */
function policyOf({ minLength = 0, historyLength = 0, properties = 0, maxAge = 0n, minAge = 0n } = {}): Uint8Array {
  const octets = new Uint8Array(30);
  const view = new DataView(octets.buffer);
  view.setUint32(2, minLength);
  view.setUint32(6, historyLength);
  view.setUint32(10, properties);
  view.setBigUint64(14, maxAge);
  view.setBigUint64(22, minAge);
  return octets;
}
const DAY = 864_000_000_000n;

describe("a result", () => {
  it("is a code of 16 bits and words; less than a code is none", () => {
    expect(decodePasswordResult(Uint8Array.of(1, 2, 0x61))).toEqual({ resultCode: 0x102, octets: Uint8Array.of(0x61) });
    expect(decodePasswordResult(Uint8Array.of(0, 4))).toEqual({ resultCode: 4, octets: new Uint8Array(0) });
    for (const length of [0, 1]) expect(decodePasswordResult(new Uint8Array(length))).toBeUndefined();
  });

  it.each<[number, string, string]>([
    [1, "PASSWORD_CHANGE", "it says that the request was malformed"],
    [2, "PASSWORD_CHANGE", "the server failed: try again later"],
    [3, "PASSWORD_CHANGE", "it does not accept the ticket that asks"],
    [4, "PASSWORD_REJECTED", "the new password is not accepted: choose another"],
    [5, "PASSWORD_CHANGE", "this client may not change this password"],
    [6, "PASSWORD_CHANGE", "it does not know this version"],
    [7, "PASSWORD_CHANGE", "it wants a ticket that comes straight from a login"],
    [8, "PASSWORD_CHANGE", "it refused with code 8"],
    [65535, "PASSWORD_CHANGE", "it failed and does not say why"],
  ])("of code %i is %s", (resultCode, code, words) => {
    const error = passwordError({ resultCode, octets: text(" too short\n") }, true);
    expect(error).toMatchObject({ code, resultCode, serverMessage: "too short", isProven: true });
    expect(error).not.toHaveProperty("policy");
    expect(error.message).toContain(`the password was not changed by the server: ${words}`);
    expect(error.message).toMatch(/; it says: too short$/);
    const silent = passwordError({ resultCode, octets: new Uint8Array(0) }, false);
    expect(silent.isProven).toBe(false);
    expect(silent.message).not.toContain("it says:");
  });
});

describe("the policy of an Active Directory", () => {
  it("is thirty octets that begin with two zeros", () => {
    expect(decodePolicy(policyOf())).toEqual({
      minLength: 0,
      historyLength: 0,
      requireComplexity: false,
      minAgeDays: 0,
    });
    for (const at of [0, 1]) expect(decodePolicy(policyOf().fill(1, at, at + 1))).toBeUndefined();
    for (const length of [0, 29, 31]) expect(decodePolicy(new Uint8Array(length))).toBeUndefined();
  });

  it("has ages in days; the largest age stands for none", () => {
    expect(decodePolicy(policyOf({ minAge: DAY, maxAge: 42n * DAY }))).toMatchObject({ minAgeDays: 1, maxAgeDays: 42 });
    expect(decodePolicy(policyOf({ maxAge: (1n << 63n) - 1n }))).toHaveProperty("maxAgeDays");
    for (const maxAge of [0n, 1n << 63n]) expect(decodePolicy(policyOf({ maxAge }))).not.toHaveProperty("maxAgeDays");
    for (const [properties, requireComplexity] of [
      [1, true],
      [2, false],
      [3, true],
    ] as const) {
      expect(decodePolicy(policyOf({ properties }))).toMatchObject({ requireComplexity });
    }
  });

  it.each<[Parameters<typeof policyOf>[0], string]>([
    [{ properties: 1 }, "it needs three of lower case, upper case, digits and other characters, and no part of"],
    [{ minLength: 7 }, "; it says: it needs at least 7 characters"],
    [{ historyLength: 24 }, "; it says: it must differ from the last 24"],
    [{ minAge: DAY }, "; it says: it can be changed once in 1 day"],
    [{ minAge: 2n * DAY }, "; it says: it can be changed once in 2 days"],
    [{ minLength: 7, historyLength: 2 }, "it needs at least 7 characters; it must differ from the last 2"],
  ])("%o is said in words", (policy, words) => {
    const { message } = passwordError({ resultCode: 4, octets: policyOf(policy) }, true);
    expect(message).toContain(words);
    if (policy?.minLength === undefined) expect(message).not.toContain("at least");
    if (policy?.historyLength === undefined) expect(message).not.toContain("differ");
    if (policy?.minAge === undefined) expect(message).not.toContain("once in");
    if (policy?.minAge === DAY) expect(message).not.toContain("days");
    if (policy?.properties === undefined) expect(message).not.toContain("three of");
  });

  it("that asks for nothing has no words", () => {
    expect(passwordError({ resultCode: 4, octets: policyOf() }, true).message).toMatch(/choose another$/);
  });
});
