import { afterAll, afterEach, describe, expect, it } from "vitest";
import {
  createTestRealm,
  type TestPrincipalOptions,
  type TestRealm,
  type TestRealmOptions,
} from "../../../src/entry/testing.ts";
import { asBody, asReq, errorOf, login } from "./requests.ts";

const enctypes = [17];
const realm = await createTestRealm({ realm: "TEST.EXAMPLE", enctypes, principals: { alice: { password: "secret" } } });
let other: TestRealm | undefined;

afterAll(() => realm.close());
afterEach(() => other?.close());

const noDate = new Date(Number.NaN);
const farDate = new Date(8.64e15);

describe("a realm that could not work", () => {
  it.each([
    [{ realm: "A@B" }, TypeError, "without slashes"],
    [{ realm: "A B" }, TypeError, "without slashes"],
    [{ realm: "A\nB" }, TypeError, "without slashes"],
    [{ realm: "A\\B" }, TypeError, "without slashes"],
    [{ enctypes: [] }, RangeError, "enctypes is empty"],
    [
      { enctypes: [23] },
      RangeError,
      "enctypes has arcfour-hmac: give aes256-cts-hmac-sha1-96, aes128-cts-hmac-sha1-96, ",
    ],
    [{ enctypes: [undefined] }, TypeError, "enctypes has undefined at index 0"],
    [{ enctypes: ["aes256-sha1", "secret"] }, RangeError, "enctypes has an unknown name at index 1"],
    [{ enctypes: "18" }, TypeError, "enctypes is not a list"],
    [{ requirePreauth: "no" }, TypeError, "requirePreauth is a string"],
    [{ clockSkewSeconds: -1 }, RangeError, "clockSkewSeconds is -1"],
    [{ clockSkewSeconds: "300" }, TypeError, "clockSkewSeconds is a string"],
    [{ clockOffsetSeconds: Number.NaN }, RangeError, "clockOffsetSeconds is NaN"],
    [{ clockOffsetSeconds: Number.NEGATIVE_INFINITY }, RangeError, "clockOffsetSeconds is -Infinity"],
    [{ clockOffsetSeconds: 2 ** 40 }, RangeError, "the realm's clock"],
    [{ ticketLifetimeSeconds: 0 }, RangeError, "ticketLifetimeSeconds is 0"],
    [{ ticketLifetimeSeconds: Number.POSITIVE_INFINITY }, RangeError, "from 1 to 2147483647"],
    [{ ticketLifetimeSeconds: 1.5 }, RangeError, "whole"],
    [{ renewLifetimeSeconds: -1 }, RangeError, "renewLifetimeSeconds is -1"],
    [{ renewLifetimeSeconds: Number.POSITIVE_INFINITY }, RangeError, "renewLifetimeSeconds is Infinity"],
    [{ maxFailures: Number.NaN }, RangeError, "maxFailures is NaN"],
    [{ maxDatagramBytes: Number.NaN }, RangeError, "maxDatagramBytes is NaN"],
    [{ now: () => Number.NaN }, RangeError, "the realm's clock"],
    [{ principals: ["alice"] }, TypeError, "principals is an array: it must be an object"],
    [{ principals: { "alice@OTHER.EXAMPLE": {} } }, TypeError, "leave the realm out"],
    [{ principals: { "alice\\": {} } }, TypeError, "ends with a backslash"],
    [{ principals: { "a\0b": {} } }, TypeError, "has a NUL"],
    [{ trusts: [5] }, TypeError, "createTestRealm"],
    [{ principals: { "alice@": {} } }, TypeError, "leave the realm out"],
    [{ principals: { a: {}, b: { aliases: ["a"] } } }, TypeError, "a, an alias of b, is a name of a already"],
    [{ principals: { b: { aliases: ["a"] }, a: {} } }, TypeError, "a is a name of b already"],
  ])("%j", async (options, error, words) => {
    const made = createTestRealm({ realm: "TEST.EXAMPLE", enctypes, ...options } as TestRealmOptions);
    await expect(made).rejects.toThrow(words);
    await expect(made).rejects.toBeInstanceOf(error);
  });

  it("an option that is undefined is left out", async () => {
    other = await createTestRealm({
      realm: "TEST.EXAMPLE",
      enctypes,
      ticketLifetimeSeconds: undefined,
      principals: { alice: { password: "secret", expires: undefined } },
    } as unknown as TestRealmOptions);
    other.setPolicy({ clockSkewSeconds: undefined } as object);
    const { part } = await login(other, "alice", "secret", { etype: enctypes });
    expect(part.endtime.getTime()).toBeGreaterThan(Date.now());
  });

  it("a policy that is changed to one is refused, and stays", async () => {
    expect(() => realm.setPolicy({ ticketLifetimeSeconds: Number.NaN })).toThrow(RangeError);
    expect(() => realm.setPolicy({ clockOffsetSeconds: 2 ** 40 })).toThrow("the realm's clock");
    await login(realm, "alice", "secret", { etype: enctypes });
  });
});

describe("a principal that could not work", () => {
  it.each([
    [null, TypeError, "the entry of bob is null"],
    [{ password: 5 }, TypeError, "password of bob is a number"],
    [{ password: null }, TypeError, "password of bob is null"],
    [{ password: new Uint8Array(3) }, TypeError, "password of bob is a Uint8Array"],
    [{ salt: 5 }, TypeError, "salt of bob"],
    [{ enctypes: [] }, RangeError, "enctypes of bob is empty"],
    [{ enctypes: [23] }, RangeError, "enctypes of bob has arcfour-hmac"],
    [{ enctypes: [18] }, RangeError, "enctypes of bob has aes256-cts-hmac-sha1-96: give aes128-cts-hmac-sha1-96"],
    [{ enctypes: "17" }, TypeError, "enctypes of bob is not a list"],
    [{ kvno: 0 }, RangeError, "kvno of bob is 0"],
    [{ kvno: 2 ** 32 }, RangeError, "kvno of bob is 4294967296"],
    [{ password: "p", iterations: 0 }, RangeError, "iterations of bob is 0"],
    [{ password: "p", iterations: 1.5 }, RangeError, "whole"],
    [{ password: "p", iterations: 2 ** 32 }, RangeError, "iterations of bob is 4294967296"],
    [{ expires: noDate }, RangeError, "expires of bob is not a valid Date"],
    [{ passwordExpires: noDate }, RangeError, "passwordExpires of bob is not a valid Date"],
    [{ passwordExpires: farDate }, RangeError, "passwordExpires of bob is not a valid Date"],
    [{ expires: 0 }, TypeError, "expires of bob is a number"],
    [{ aliases: "ally" }, TypeError, "aliases of bob is a string: it must be an array"],
    [{ aliases: [""] }, TypeError, "aliases of bob[0] is an empty string"],
    [{ isLocked: "yes" }, TypeError, "isLocked of bob is a string"],
  ])("%j", async (options, error, words) => {
    const added = realm.addPrincipal("bob", options as TestPrincipalOptions);
    await expect(added).rejects.toThrow(words);
    await expect(added).rejects.toBeInstanceOf(error);
    expect(() => realm.keytab("bob")).toThrow("no principal");
  });

  it("is none after a change either", async () => {
    expect(() => realm.changePrincipal("alice", { expires: noDate })).toThrow(RangeError);
    await expect(realm.setPassword("alice", undefined as never)).rejects.toThrow(TypeError);
    await expect(realm.setPassword("alice", "new", { passwordExpires: noDate })).rejects.toThrow(RangeError);
    await login(realm, "alice", "secret", { etype: enctypes });
  });

  it("few rounds, an empty password and the largest version are right", async () => {
    await realm.addPrincipal("carol", { password: "", salt: "", iterations: 1, kvno: 2 ** 32 - 1 });
    expect(errorOf(realm.handle(asReq(asBody(realm, "carol", { etype: enctypes })))).errorCode).toBe(25);
    realm.removePrincipal("carol");
  });
});

describe("names", () => {
  it("may have this realm, everywhere", async () => {
    await realm.addPrincipal("host/one@TEST.EXAMPLE");
    expect(realm.keytab("host/one")).toEqual(realm.keytab("host/one@TEST.EXAMPLE"));
    realm.ccache("alice@TEST.EXAMPLE", { services: ["host/one@TEST.EXAMPLE"] });
    realm.removePrincipal("host/one@TEST.EXAMPLE");
    expect(() => realm.keytab("host/one")).toThrow(RangeError);
    expect(() => realm.keytab("alice@OTHER.EXAMPLE")).toThrow(TypeError);
  });

  it("have an @ behind a backslash", async () => {
    await realm.addPrincipal("at\\@home", { requirePreauth: false });
    expect(realm.keytab("at\\@home").length).toBeGreaterThan(0);
    expect(() => realm.keytab("nobody")).toThrow("at\\@home");
    realm.removePrincipal("at\\@home");
  });
});

describe("a cache that could not be made", () => {
  it.each([
    [{ services: ["nosuch/x"] }, RangeError, 'no principal "nosuch/x"; it has krbtgt/TEST.EXAMPLE'],
    [{ services: "host/x" }, TypeError, "services is a string: it must be an array"],
    [{ lifetimeSeconds: -5 }, RangeError, "lifetimeSeconds is -5"],
    [{ lifetimeSeconds: Number.NaN }, RangeError, "lifetimeSeconds is NaN"],
    [{ lifetimeSeconds: 0 }, RangeError, "lifetimeSeconds is 0"],
    [{ renewLifetimeSeconds: 0 }, RangeError, "renewLifetimeSeconds is 0"],
    [{ enctypes: [] }, RangeError, "enctypes is empty"],
    [{ enctypes: [18] }, RangeError, "enctypes has aes256"],
  ])("%j", (options, error, words) => {
    const make = () => realm.ccache("alice", options as object);
    expect(make).toThrow(error);
    expect(make).toThrow(words);
  });

  it("because the service has no such key", async () => {
    other = await createTestRealm({
      realm: "TEST.EXAMPLE",
      enctypes: [18, 17],
      principals: { alice: {}, "host/x": { enctypes: [18] } },
    });
    const make = () => other?.ccache("alice", { services: ["host/x"], enctypes: [17] });
    expect(make).toThrow(RangeError);
    expect(make).toThrow("no ticket of alice for host/x: no requested encryption type");
  });
});
