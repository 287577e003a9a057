import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTestRealm, type TestRealm } from "../../../src/entry/testing.ts";

let realm: TestRealm;

beforeEach(async () => {
  realm = await createTestRealm({
    realm: "TEST.EXAMPLE",
    enctypes: [17],
    principals: { alice: { aliases: ["one", "alice@corp.example"] }, bob: {}, "host/a": {} },
  });
});

afterEach(() => realm.close());

const isKnown = (name: string): boolean => {
  try {
    return realm.keytab(name).length > 0;
  } catch (error) {
    expect(error).toBeInstanceOf(name.includes("@") ? TypeError : RangeError);
    return false;
  }
};

describe("aliases", () => {
  it("that are changed take the place of the old", () => {
    realm.changePrincipal("alice", { aliases: ["two"] });
    expect(["one", "alice@corp.example", "two"].map(isKnown)).toEqual([false, false, true]);
    realm.changePrincipal("alice", { isLocked: true });
    expect(isKnown("two")).toBe(true);
    realm.changePrincipal("alice", { aliases: [] });
    expect(isKnown("two")).toBe(false);
  });

  it("may be given to another once they are free", async () => {
    realm.changePrincipal("alice", { aliases: [] });
    realm.changePrincipal("bob", { aliases: ["one"] });
    await realm.addPrincipal("carol", { aliases: ["alice@corp.example"] });
    await realm.addPrincipal("carol", { aliases: ["alice@corp.example"] });
    realm.removePrincipal("carol");
    await realm.addPrincipal("alice\\@corp.example");
    expect(isKnown("one")).toBe(true);
  });

  it.each(["one", "alice", "host/a", "alice@corp.example"])("%s is a name of another already", async (alias) => {
    const words = `${alias}, an alias of bob, is a name of ${alias === "host/a" ? "host/a" : "alice"} already`;
    expect(() => realm.changePrincipal("bob", { aliases: [alias] })).toThrow(new TypeError(words));
    await expect(realm.addPrincipal("bob", { aliases: [alias] })).rejects.toThrow(new TypeError(words));
    expect(isKnown("bob")).toBe(true);
  });

  it.each(["one", "alice\\@corp.example"])("a principal cannot be called %s, an alias of another", async (name) => {
    await expect(realm.addPrincipal(name)).rejects.toThrow(TypeError);
  });
});
