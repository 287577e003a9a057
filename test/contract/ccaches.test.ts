import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type CacheCollection,
  type CacheHost,
  type CredentialCache,
  cacheTypes,
  configValue,
  createStoreCache,
  findCredential,
  type KeyValueStore,
  MemoryCaches,
  memoryStore,
  openCache,
  openCollection,
} from "../../src/credentials/index.ts";
import { CredentialError } from "../../src/errors.ts";
import { parsePrincipal } from "../../src/krb5/index.ts";
import { nodeRuntime } from "../../src/runtime/index.ts";
import { makeCredential, plainCredential, randomBytes } from "../support/credentials.ts";
import { type FakeKcm, startFakeKcm } from "../support/fake-kcm.ts";

const alice = parsePrincipal("alice@EXAMPLE.ORG");
const bob = parsePrincipal("bob@EXAMPLE.ORG");
const tgt = "krbtgt/EXAMPLE.ORG@EXAMPLE.ORG";
const host = "host/server.example.org@EXAMPLE.ORG";
const runtime = nodeRuntime();

/** What a name of each type is here. A type that is registered and has no row fails. */
const names: Record<string, (dir: string) => string> = {
  FILE: (dir) => `FILE:${dir}/cc`,
  DIR: (dir) => `DIR:${dir}/ccs`,
  MEMORY: () => "MEMORY:one",
  KCM: () => "KCM:0",
};

let dir: string;
let kcm: FakeKcm;
let cacheHost: CacheHost;
let store: KeyValueStore;
const storeKey = randomBytes(32);

beforeEach(async () => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "ccaches-"));
  store = memoryStore();
  kcm = await startFakeKcm(path.join(dir, "kcm.socket"));
  cacheHost = {
    ...(runtime.files === undefined ? {} : { files: runtime.files() }),
    ...(runtime.connectUnix === undefined ? {} : { connectUnix: runtime.connectUnix }),
    randomBytes,
    memory: new MemoryCaches(),
    kcmSocket: kcm.path,
  };
});
afterEach(async () => {
  await kcm.close();
  fs.rmSync(dir, { recursive: true });
});

const servers = async (cache: CredentialCache) =>
  (await cache.read())?.credentials.map(({ server }) => server.components.join("/"));

describe.each([...cacheTypes.map(({ type }) => type), "STORE"])("%s", (type) => {
  const open = (): CredentialCache =>
    type === "STORE"
      ? createStoreCache({ store, key: storeKey, principal: alice, randomBytes })
      : openCache((names[type] as (dir: string) => string)(dir), cacheHost);

  it("is not there until it is made", async () => {
    const cache = open();
    expect(cache.type).toBe(type);
    expect(cache.name.startsWith(`${type}:`)).toBe(true);
    expect(await cache.read()).toBeUndefined();
    expect(await cache.destroy()).toBe(false);
    for (const operation of [
      () => cache.store(makeCredential(tgt)),
      () => cache.remove(() => true),
      () => cache.setConfig({ key: "a", value: new Uint8Array(1) }),
    ]) {
      const error = await operation().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(CredentialError);
      expect(error).toMatchObject({ code: "CCACHE", message: expect.stringContaining(type) });
      expect((error as Error).message).toContain("kinit");
    }
    expect(await cache.read()).toBeUndefined();
  });

  it("gives back everything of what it keeps, to another who opens it", async () => {
    const full = makeCredential(tgt);
    const bare = makeCredential(host, {
      addresses: [],
      authData: [],
      secondTicket: new Uint8Array(),
      isSkey: true,
      flags: 0,
      key: { etype: -128, octets: new Uint8Array() },
    });
    const { startTime: _start, renewTill: _till, ...without } = bare;
    await open().initialize({ principal: alice, credentials: [full], clockOffsetMs: -7_000 });
    await open().store(without);
    const contents = await open().read();
    expect(contents?.principal).toEqual(alice);
    expect(contents?.clockOffsetMs).toBe(-7_000);
    expect(contents?.credentials.map(plainCredential)).toEqual([full, without].map(plainCredential));
    expect(contents?.config).toEqual([]);
  });

  it("is made anew with nothing left of what was there", async () => {
    await open().initialize({ principal: alice, credentials: [makeCredential(tgt)], clockOffsetMs: 1_000 });
    await open().setConfig({ key: "old", value: Uint8Array.of(1) });
    await open().initialize({ principal: bob });
    expect(await open().read()).toEqual({
      principal: bob,
      credentials: [],
      config: [],
      ...(type === "KCM" ? { clockOffsetMs: 0 } : {}),
    });
  });

  it("removes the tickets that are meant, and those only", async () => {
    await open().initialize({ principal: alice, config: [{ key: "kept", value: Uint8Array.of(1) }] });
    for (const server of [tgt, host, "HTTP/a@EXAMPLE.ORG", host]) await open().store(makeCredential(server));
    expect(await open().remove(({ server }) => server.components[0] === "host")).toBe(2);
    expect(await servers(open())).toEqual(["krbtgt/EXAMPLE.ORG", "HTTP/a"]);
    expect(await open().remove(({ server }) => server.components[0] === "host")).toBe(0);
    expect(await open().remove(() => true)).toBe(2);
    expect(await servers(open())).toEqual([]);
    expect((await open().read())?.config).toHaveLength(1);
    await open().store(makeCredential(host));
    expect(await servers(open())).toEqual(["host/server.example.org"]);
  });

  it("keeps remarks apart from tickets, by key and by principal", async () => {
    const about = parsePrincipal("krbtgt/A\\/B@EXAMPLE.ORG");
    await open().initialize({
      principal: alice,
      credentials: [makeCredential(tgt)],
      config: [{ key: "pa_type", server: about, value: Uint8Array.of(50) }],
    });
    await open().setConfig({ key: "fast_avail", value: new TextEncoder().encode("yes") });
    await open().setConfig({ key: "pa_type", value: Uint8Array.of(51) });
    await open().setConfig({ key: "pa_type", server: about, value: Uint8Array.of(52) });
    const read = async () => {
      const contents = await open().read();
      if (contents === undefined) throw new Error("no cache");
      expect(contents.credentials).toHaveLength(1);
      return [
        configValue(contents, "fast_avail"),
        configValue(contents, "pa_type"),
        configValue(contents, "pa_type", about),
        configValue(contents, "pa_type", alice),
      ].map((value) => value && [...value]);
    };
    expect(await read()).toEqual([[121, 101, 115], [51], [52], undefined]);
    await open().setConfig({ key: "pa_type", value: undefined });
    expect(await read()).toEqual([[121, 101, 115], undefined, [52], undefined]);
    await open().setConfig({ key: "never", value: undefined });
    expect((await open().read())?.config).toHaveLength(2);
  });

  it("keeps all that many add at once", async () => {
    await open().initialize({ principal: alice });
    const wanted = Array.from({ length: 40 }, (_, i) => `s/${i}`);
    await Promise.all(wanted.map((name) => open().store(makeCredential(`${name}@EXAMPLE.ORG`))));
    expect((await servers(open()))?.sort()).toEqual([...wanted].sort());
  });

  it("is destroyed once", async () => {
    await open().initialize({ principal: alice });
    expect(await open().destroy()).toBe(true);
    expect(await open().destroy()).toBe(false);
    expect(await open().read()).toBeUndefined();
  });
});

describe.each(cacheTypes.flatMap((row) => (row.openCollection === undefined ? [] : [row.type])))(
  "%s collection",
  (type) => {
    const open = (): CacheCollection => {
      const collection = openCollection((names[type] as (dir: string) => string)(dir), cacheHost);
      if (collection === undefined) throw new Error("no collection");
      return collection;
    };
    const owners = async () => {
      const caches = await open().list();
      return await Promise.all(caches.map(async (cache) => (await cache.read())?.principal.components[0]));
    };

    it("lists its caches, the primary first, and lets another be chosen", async () => {
      expect(await open().list()).toEqual([]);
      const collection = open();
      await openCache((names[type] as (dir: string) => string)(dir), cacheHost).initialize({ principal: alice });
      const second = await collection.create();
      expect(await owners()).toEqual(["alice"]);
      await second.initialize({ principal: bob });
      const third = await collection.create();
      expect(third.name).not.toBe(second.name);
      await third.initialize({ principal: parsePrincipal("carol@EXAMPLE.ORG") });
      expect((await owners())[0]).toBe("alice");
      expect((await owners()).sort()).toEqual(["alice", "bob", "carol"]);
      await collection.setPrimary(second);
      expect((await owners())[0]).toBe("bob");
      expect((await open().primary()).name).toBe(second.name);
      expect((await openCache(second.name, cacheHost).read())?.principal).toEqual(bob);
      await second.destroy();
      expect((await owners()).sort()).toEqual(["alice", "carol"]);
    });
  },
);

describe("findCredential", () => {
  const at = (seconds: number) => new Date(1_700_000_000_000 + seconds * 1000);
  const of = (server: string, start: number, end: number, etype = 18) =>
    makeCredential(server, {
      authTime: at(start),
      startTime: at(start),
      endTime: at(end),
      key: { etype, octets: randomBytes(16) },
    });
  const credentials = [of(host, 0, 100), of(tgt, 0, 500), of(host, 0, 300, 17), of(host, 400, 900), of(host, 0, 200)];

  it("takes the ticket for the server that ends last, of those that are good", () => {
    const index = (query: Omit<Parameters<typeof findCredential>[1], "server">) => {
      const found = findCredential({ credentials }, { server: parsePrincipal(host), ...query });
      return found === undefined ? -1 : credentials.indexOf(found);
    };
    expect(index({})).toBe(3);
    expect(index({ at: at(50) })).toBe(2);
    expect(index({ at: at(50), enctypes: [18] })).toBe(4);
    expect(index({ at: at(200), enctypes: [18] })).toBe(-1);
    expect(index({ at: at(400) })).toBe(3);
    expect(index({ at: at(900) })).toBe(-1);
    expect(index({ enctypes: [20] })).toBe(-1);
  });

  it("passes over a ticket that needs another ticket's session key", () => {
    const userToUser = makeCredential(host, { isSkey: true });
    expect(findCredential({ credentials: [userToUser] }, { server: parsePrincipal(host) })).toBeUndefined();
  });
});

describe("openCache", () => {
  it("takes a bare path for a file", () => {
    expect(openCache("/tmp/a:b", cacheHost).name).toBe("FILE:/tmp/a:b");
    expect(openCache("cc", cacheHost).name).toBe("FILE:cc");
    expect(openCache("C:\\cc", cacheHost).name).toBe("FILE:C:\\cc");
    expect(openCache("FILE:cc", cacheHost).name).toBe("FILE:cc");
  });

  it("says what to do instead of a type that cannot be had", () => {
    for (const [name, advice] of [
      ["KEYRING:persistent:0", /kernel.*FILE:/],
      ["API:", /macOS.*FILE:/],
      ["MSLSA:", /Windows.*FILE:/],
      ["NONSENSE:x", /FILE:, DIR:, MEMORY:/],
    ] as const) {
      expect(() => openCache(name, cacheHost)).toThrow(CredentialError);
      expect(() => openCache(name, cacheHost)).toThrow(advice);
    }
  });

  it("says so on a host without files or sockets", async () => {
    for (const name of ["FILE:/tmp/x", "DIR:/tmp/x", "KCM:0"]) {
      await expect(openCache(name, { randomBytes }).read()).rejects.toMatchObject({
        code: "CCACHE",
        message: expect.stringContaining("this host"),
      });
    }
  });
});
