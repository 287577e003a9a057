// The parts of credentials by themselves: what a source of one's own may give, secrets that are the same or not, keytabs that
// are read once, and clients that are chosen once.

import { describe, expect, it } from "vitest";
import { ChosenClients } from "../../../src/client/credentials/chosen.ts";
import {
  type CredentialSource,
  isCredentialSource,
  openSource,
  READ_AT_OPENING,
} from "../../../src/client/credentials/credential-source.ts";
import { interactive } from "../../../src/client/credentials/interactive.ts";
import { isSameHint, keytabSecret, passwordSecret, type Secret } from "../../../src/client/credentials/secret.ts";
import { KeytabMemory } from "../../../src/client/credentials/secret-loaders.ts";
import { decodeKeytab, Keytab } from "../../../src/credentials/index.ts";
import { createTestRealm } from "../../../src/entry/testing.ts";
import { formatPrincipal, parsePrincipal, servicePrincipal } from "../../../src/krb5/index.ts";
import { failureOf } from "../../support/credential-desk.ts";
import { allEncTypes } from "./harness.ts";

const REALM = "TEST.EXAMPLE";
const alice = parsePrincipal(`alice@${REALM}`);
const realm = await createTestRealm({
  realm: REALM,
  principals: { alice: { password: "a" }, robot: { password: "r" } },
});

describe("a source that somebody else wrote", () => {
  const whole = { principal: alice };
  const open = (value: unknown) =>
    openSource({ kind: "own", open: async () => value } as CredentialSource, {} as never);

  it.each<[string, unknown, string]>([
    ["nothing", undefined, "open() of the credentials gave undefined: it must give { principal, loadSecret, cache }"],
    ["null", null, "open() of the credentials gave null"],
    ["a text", "alice", "open() of the credentials gave a string"],
    ["a list", [], "open() of the credentials gave an array"],
    ["no principal", {}, "the principal that open() of the credentials gave"],
    ["a principal that is a text", { principal: "alice@R" }, "the principal that open() of the credentials gave"],
    ["a secret in the place of its loader", { ...whole, loadSecret: {} }, "the loadSecret that open() of the"],
    ["a cache that is a name", { ...whole, cache: "FILE:/tmp/cc" }, "the cache that open() of the credentials gave"],
  ])("that gives %s is the caller's mistake", async (_, value, words) => {
    const error = await failureOf(open(value));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toContain(words);
  });

  it.each(["etypes", "key", "isSame"])("whose secret has no %s() is the caller's mistake", async (method) => {
    const secret = { etypes: () => [], key: async () => undefined, isSame: () => false };
    const good = await open({ ...whole, loadSecret: async () => secret });
    expect(await good.loadSecret?.()).toBe(secret);
    for (const wrong of [{ ...secret, [method]: undefined }, undefined, null]) {
      const error = await failureOf((await open({ ...whole, loadSecret: async () => wrong })).loadSecret?.() as never);
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toMatch(/^what loadSecret\(\) of the credentials gave/);
    }
  });

  it("is opened without a secret, refreshed where it says so, and keeps what it has read", async () => {
    const bare = await open(whole);
    expect(bare).toEqual({ principal: alice, loadSecret: undefined, cache: undefined, isRefreshedAtHalf: false });
    expect(READ_AT_OPENING in bare).toBe(false);
    const read = { principal: alice, credentials: [], config: [] };
    const full = await open({ ...whole, isRefreshedAtHalf: true, [READ_AT_OPENING]: read });
    expect(full.isRefreshedAtHalf).toBe(true);
    expect(full[READ_AT_OPENING]).toBe(read);
  });

  it("is what has open(), and nothing else", () => {
    for (const value of [undefined, null, "open", {}, { open: 5 }, () => {}])
      expect(isCredentialSource(value)).toBe(false);
    expect(isCredentialSource({ open: async () => whole })).toBe(true);
  });
});

describe("a secret", () => {
  const keysOf = (...etypes: number[]) =>
    new Keytab(
      etypes.map((etype) => ({
        principal: alice,
        timestamp: new Date(0),
        kvno: 1,
        keyBlock: { etype, octets: new Uint8Array(etype === 17 || etype === 19 ? 16 : 32).fill(etype) },
      })),
    );

  it("P11: is the same as another of its kind with the same octets, and as none of another kind", () => {
    const one = passwordSecret(alice, "secret");
    expect(one.isSame(passwordSecret(alice, new TextEncoder().encode("secret")))).toBe(true);
    expect(one.isSame(passwordSecret(alice, "Secret"))).toBe(false);
    const keys = keytabSecret(alice, keysOf(18));
    expect(keys.isSame(keytabSecret(alice, keysOf(18)))).toBe(true);
    expect(keys.isSame(keytabSecret(alice, keysOf(17)))).toBe(false);
    // The octets of a key as a password, and the other way round.
    const octets = keys.identity?.() as Uint8Array;
    const other = passwordSecret(alice, octets);
    expect([keys.isSame(other), other.isSame(keys)]).toEqual([false, false]);
    // What nothing tells from others is the same as none.
    const { identity: _one, ...bare } = one;
    const { identity: _keys, ...bareKeys } = keys;
    expect([one.isSame(bare as Secret), keys.isSame(bareKeys as Secret)]).toEqual([false, false]);
  });

  it("ST5: of a keytab is the key that a login uses first, whatever else is there and in which order", () => {
    const idOf = (...etypes: number[]) => keytabSecret(alice, keysOf(...etypes)).identity?.() as Uint8Array;
    expect(idOf(17, 18)).toEqual(idOf(18));
    expect(idOf(19, 20, 17)).toEqual(idOf(17));
    expect(idOf(19, 20)).toEqual(idOf(20));
    expect([...idOf(18).subarray(0, 3)]).toEqual([0, 18, 18]);
    // Camellia: none of those that a login uses first.
    expect([...idOf(26).subarray(0, 3)]).toEqual([0, 26, 26]);
  });

  it("is kept as it was when it was made, though its octets change", async () => {
    const octets = new TextEncoder().encode("secret");
    const secret = passwordSecret(alice, octets);
    octets.fill(0);
    expect(secret.isSame(passwordSecret(alice, "secret"))).toBe(true);
    expect(await secret.key(allEncTypes, { etype: 17 })).toMatchObject({
      octets: (await passwordSecret(alice, "secret").key(allEncTypes, { etype: 17 })).octets,
    });
  });

  it("has a salt where one is known, and refuses one that is no text", () => {
    expect(passwordSecret(alice, "secret")).not.toHaveProperty("salt");
    expect(passwordSecret(alice, "secret", { salt: "" })).toMatchObject({ salt: "" });
    expect(() => passwordSecret(alice, "secret", { salt: 5 as never })).toThrow("the salt that the KDC makes the keys");
    for (const wrong of [5, undefined, null, {}, ["secret"]]) {
      expect(() => passwordSecret(alice, wrong as never)).toThrow(
        /^password is .*: it must be a string or a Uint8Array$/,
      );
    }
  });

  it("of a keytab imports a key once for each set of enctypes, and has what it has keys of", async () => {
    const secret = keytabSecret(alice, keysOf(18, 26));
    expect(secret.etypes(allEncTypes)).toEqual([18]);
    const key = await secret.key(allEncTypes, { etype: 18 });
    expect(await secret.key(allEncTypes, { etype: 18 })).toBe(key);
    const other = allEncTypes.restrict([18]);
    const again = await secret.key(other, { etype: 18 });
    expect(again).not.toBe(key);
    expect(again.octets).toEqual(key.octets);
    expect(() => keytabSecret(parsePrincipal(`bob@${REALM}`), keysOf(18))).toThrow(
      expect.objectContaining({ code: "KEYTAB_NO_KEY" }),
    );
  });

  it.each([
    [{ etype: 18 }, { etype: 18 }, true],
    [{ etype: 18 }, { etype: 17 }, false],
    [{ etype: 18, salt: "a" }, { etype: 18, salt: "a" }, true],
    [{ etype: 18, salt: "a" }, { etype: 18, salt: "b" }, false],
    [{ etype: 18, salt: "" }, { etype: 18 }, false],
    [{ etype: 18, s2kparams: Uint8Array.of(1) }, { etype: 18, s2kparams: Uint8Array.of(1) }, true],
    [{ etype: 18, s2kparams: Uint8Array.of(1) }, { etype: 18, s2kparams: Uint8Array.of(2) }, false],
    [{ etype: 18, s2kparams: Uint8Array.of(1) }, { etype: 18 }, false],
    [{ etype: 18 }, { etype: 18, s2kparams: Uint8Array.of(1) }, false],
  ])("is made by %j as by %j: %s", (a, b, isSame) => {
    expect(isSameHint(a, b)).toBe(isSame);
  });

  it("that is asked for is asked for once a login, by the name of whose it is", async () => {
    const asked: string[] = [];
    const ask = async (text: string): Promise<string> => {
      asked.push(text);
      return "secret";
    };
    const source = interactive(`alice@${REALM}`);
    const secret = await source.loadSecret();
    const key = await secret.key(allEncTypes, { etype: 18 }, ask);
    expect(await secret.key(allEncTypes, { etype: 18 }, ask)).toBe(key);
    expect(asked).toEqual([`Password for alice@${REALM}`]);
    expect(secret.isSame(secret)).toBe(false);
    expect(secret.identity).toBeUndefined();
  });
});

describe("a keytab that is given as octets", () => {
  const octets = realm.keytab("alice");
  const made = () => {
    const read: Uint8Array[] = [];
    const memory = new KeytabMemory((bytes) => {
      read.push(bytes);
      return decodeKeytab(bytes);
    });
    return { memory, read };
  };

  it("is read once while they are the same ones, and again when they are others", () => {
    const { memory, read } = made();
    const first = memory.decode(octets);
    expect(memory.decode(octets)).toBe(first);
    expect(read).toHaveLength(1);
    expect(memory.decode(octets.slice())).not.toBe(first);
    expect(memory.decode(octets)).not.toBe(first);
    expect(read).toHaveLength(3);
  });

  it("as base64 likewise, and one that was parsed is what it is", () => {
    const { memory, read } = made();
    const text = Buffer.from(octets).toString("base64");
    const first = memory.decode({ base64: text });
    expect(memory.decode({ base64: text })).toBe(first);
    expect(read).toHaveLength(1);
    const parsed = decodeKeytab(octets);
    expect(memory.decode(parsed)).toBe(parsed);
    expect(read).toHaveLength(1);
    expect(() => memory.decode(5 as never)).toThrow(TypeError);
  });

  it("is one secret for one client: what was derived of its keys is kept", () => {
    const { memory } = made();
    const keys = decodeKeytab(realm.keytab(["alice", "robot"]));
    const robot = parsePrincipal(`robot@${REALM}`);
    const secret = memory.secretOf(alice, keys);
    expect(memory.secretOf(alice, keys)).toBe(secret);
    expect(memory.secretOf(robot, keys)).not.toBe(secret);
    const again = memory.secretOf(alice, keys);
    expect(memory.secretOf(alice, decodeKeytab(realm.keytab(["alice", "robot"])))).not.toBe(again);
  });
});

describe("the client that is chosen for a service", () => {
  const source = (name?: string): CredentialSource => ({
    kind: "own",
    ...(name === undefined ? {} : { principal: parsePrincipal(name) }),
    open: async () => ({ principal: alice }),
  });

  it("is found once a service, and made once for each principal", async () => {
    const found: string[] = [];
    const made: string[] = [];
    const clients = new ChosenClients(
      async ({ components: [, host = ""] }) => {
        found.push(host);
        return host === "none" ? undefined : host === "nameless" ? source() : source(`${host[0]}@R`);
      },
      ({ principal }) => {
        made.push(formatPrincipal(principal as never));
        return { name: formatPrincipal(principal as never) };
      },
    );
    const forHost = (host: string) => clients.for(servicePrincipal("host", host));
    const first = await forHost("a1");
    expect(first).toEqual({ name: "a@R" });
    expect(await forHost("a2")).toBe(first);
    expect(await forHost("a1")).toBe(first);
    for (let n = 0; n < 2; n++)
      expect([await forHost("none"), await forHost("nameless")]).toEqual([undefined, undefined]);
    const second = await forHost("b1");
    expect([found, made]).toEqual([
      ["a1", "a2", "none", "nameless", "b1"],
      ["a@R", "b@R"],
    ]);
    expect(clients.of(parsePrincipal("a@R"))).toBe(first);
    expect(clients.of(parsePrincipal("c@R"))).toBeUndefined();
    expect([...clients.all()]).toEqual([first, second]);
  });

  it("is remembered for the thousand services that came last: a peer who names more fills no memory", async () => {
    let looks = 0;
    const clients = new ChosenClients(
      async () => {
        looks += 1;
        return undefined;
      },
      () => ({}),
    );
    const forHost = (n: number) => clients.for(servicePrincipal("host", `${n}`));
    for (let n = 0; n < 1000; n++) await forHost(n);
    await forHost(0);
    expect(looks).toBe(1000);
    await forHost(1000);
    await forHost(1);
    expect(looks).toBe(1001);
    await forHost(0);
    expect(looks).toBe(1002);
  });
});
