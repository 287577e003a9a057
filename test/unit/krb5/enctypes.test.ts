import { describe, expect, it } from "vitest";
import { etypeOf, etypesOf, permittedTypes, weakEtypesOf } from "../../../src/krb5/index.ts";

describe("enctypes of an option", () => {
  it("are names in any case, aliases and numbers, in order, each once", () => {
    expect(etypesOf("enctypes", ["AES256-SHA2", 18, "aes256-cts-hmac-sha1-96", "aes128-sha1"])).toEqual([20, 18, 17]);
    expect(permittedTypes(["aes128-sha2", 20]).map(({ etype }) => etype)).toEqual([19, 20]);
    expect(permittedTypes(undefined).map(({ etype }) => etype)).toEqual([18, 17, 20, 19]);
    expect(etypeOf("subkeyEnctype", "rc4-hmac")).toBe(23);
  });

  it("of the option login are deprecated ones, by name or by the word of krb5.conf", () => {
    expect(weakEtypesOf(["rc4", "des3"])).toEqual([23, 16]);
    expect(weakEtypesOf(["arcfour-hmac", 23])).toEqual([23]);
    expect(() => weakEtypesOf(["aes256-sha1"])).toThrow(RangeError);
    expect(() => weakEtypesOf("rc4" as never)).toThrow("login is not a list");
  });

  const secret = "hunter2-hunter2";
  it.each([
    [secret, TypeError, "enctypes is not a list"],
    [[], RangeError, "enctypes is empty"],
    [["aes256-sha1", secret], RangeError, "enctypes has an unknown name at index 1: give aes256-cts-hmac-sha1-96"],
    [[18, 23], RangeError, "enctypes has arcfour-hmac: give"],
    [[99], RangeError, "enctypes has etype 99"],
    [[17.5], RangeError, "enctypes has etype 17.5"],
    [[null], TypeError, "enctypes has null at index 0"],
    [[{ name: secret }], TypeError, "enctypes has object at index 0"],
  ])("%j is the caller's mistake, and is not quoted", (enctypes, kind, words) => {
    const make = (): unknown => permittedTypes(enctypes as never);
    expect(make).toThrow(kind);
    expect(make).toThrow(words);
    expect(make).not.toThrow(secret);
  });
});
