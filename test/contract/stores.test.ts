import { afterEach, describe, expect, it, vi } from "vitest";
import {
  createStoreCache,
  type KeyValueStore,
  memoryStore,
  redisStore,
  unstorageStore,
  workersKvStore,
} from "../../src/credentials/index.ts";
import { parsePrincipal } from "../../src/krb5/index.ts";
import { makeCredential, plainCredential, randomBytes } from "../support/credentials.ts";

/** What Redis does with the commands that the store gives, by a clock that tests move. */
function fakeRedis(entries = new Map<string, { value: string; until: number }>()) {
  return async (command: string, ...args: string[]): Promise<unknown> => {
    const [key = "", value = "", ex, seconds, nx] = args;
    const now = Date.now();
    const entry = entries.get(key);
    const current = entry !== undefined && entry.until > now ? entry : undefined;
    switch (command) {
      case "GET":
        return current?.value ?? null;
      case "DEL":
        return entries.delete(key) ? 1 : 0;
      case "EVAL": {
        // The one script: compare and delete, with the number of keys, the key and the value.
        const [script, count, name = "", expected] = args;
        if (count !== "1" || !/GET.*==ARGV\[1\].*DEL/.test(script ?? "")) throw new Error("ERR unknown script");
        return entries.get(name)?.value === expected && entries.delete(name) ? 1 : 0;
      }
      case "SET":
        if (ex !== "EX" || !/^[1-9]\d*$/.test(seconds ?? "")) throw new Error("ERR syntax error");
        if (nx === "NX" && current !== undefined) return null;
        entries.set(key, { value, until: now + Number(seconds) * 1000 });
        return "OK";
      default:
        throw new Error(`ERR unknown command ${command}`);
    }
  };
}

function fakeUnstorage(items = new Map<string, { value: string; until: number }>()) {
  return {
    async getItem(key: string): Promise<unknown> {
      const item = items.get(key);
      if (item === undefined || item.until <= Date.now()) return null;
      // As unstorage does, what looks like JSON is parsed.
      try {
        return JSON.parse(item.value);
      } catch {
        return item.value;
      }
    },
    async setItem(key: string, value: string, options?: { readonly ttl?: number }) {
      items.set(key, { value, until: Date.now() + (options?.ttl ?? 1e9) * 1000 });
    },
    async removeItem(key: string) {
      items.delete(key);
    },
  };
}

function fakeKv() {
  const items = new Map<string, { value: Uint8Array; until: number }>();
  return {
    async get(key: string, type: "arrayBuffer") {
      expect(type).toBe("arrayBuffer");
      const item = items.get(key);
      return item === undefined || item.until <= Date.now() ? null : (item.value.slice().buffer as ArrayBuffer);
    },
    async put(key: string, value: Uint8Array, { expirationTtl }: { readonly expirationTtl: number }) {
      if (!(expirationTtl >= 60)) throw new Error("KV PUT failed: expirationTtl must be at least 60");
      items.set(key, { value: value.slice(), until: Date.now() + expirationTtl * 1000 });
    },
    async delete(key: string) {
      items.delete(key);
    },
  };
}

const stores: [string, boolean, () => KeyValueStore][] = [
  ["memoryStore", true, () => memoryStore()],
  [
    "redisStore over ioredis",
    true,
    () => redisStore({ call: fakeRedis(), sendCommand: () => Promise.reject(new Error("of another shape")) } as never),
  ],
  [
    "redisStore over node-redis",
    true,
    () => {
      const run = fakeRedis();
      return redisStore({ sendCommand: ([command = "", ...args]: string[]) => run(command, ...args) });
    },
  ],
  [
    "redisStore over Bun's client, whose strings are octets",
    true,
    () => {
      const run = fakeRedis();
      return redisStore({
        send: async (command: string, args: string[]) => {
          const reply = await run(command, ...args);
          return typeof reply === "string" ? new TextEncoder().encode(reply) : reply;
        },
      });
    },
  ],
  ["unstorageStore", false, () => unstorageStore(fakeUnstorage())],
  ["workersKvStore", false, () => workersKvStore(fakeKv())],
];

afterEach(() => {
  vi.useRealTimers();
});

describe.each(stores)("%s", (_name, hasAdd, make) => {
  const octets = Uint8Array.from({ length: 256 }, (_, i) => i);

  it("gives back what was set, octet for octet, until it is deleted", async () => {
    const store = make();
    expect(await store.get("a:b")).toBeUndefined();
    await store.set("a:b", octets, { ttlSeconds: 100 });
    expect(await store.get("a:b")).toEqual(octets);
    await store.set("a:b", Uint8Array.of(1), { ttlSeconds: 100 });
    expect(await store.get("a:b")).toEqual(Uint8Array.of(1));
    await store.set("empty", new Uint8Array(), { ttlSeconds: 100 });
    expect(await store.get("empty")).toEqual(new Uint8Array());
    await store.delete("a:b");
    await store.delete("a:b");
    expect(await store.get("a:b")).toBeUndefined();
  });

  it("forgets a value after its lifetime, which may be part of a second", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const store = make();
    await store.set("a", octets, { ttlSeconds: 99.5 });
    await store.set("b", octets, { ttlSeconds: 0.1 });
    vi.setSystemTime(Date.now() + 99_000);
    expect(await store.get("a")).toEqual(octets);
    expect(await store.get("b")).toBeUndefined();
    vi.setSystemTime(Date.now() + 1_001);
    expect(await store.get("a")).toBeUndefined();
  });

  it("adds only where nothing is, if it adds at all", async () => {
    const store = make();
    expect(store.add !== undefined).toBe(hasAdd);
    if (store.add === undefined) return;
    const results = await Promise.all(
      [1, 2, 3].map((value) => store.add?.("a", Uint8Array.of(value), { ttlSeconds: 9 })),
    );
    expect(results.filter(Boolean)).toHaveLength(1);
    expect(await store.get("a")).toEqual(Uint8Array.of(results.indexOf(true) + 1));
    await store.delete("a");
    expect(await store.add("a", octets, { ttlSeconds: 9 })).toBe(true);
  });

  it("ST8: deletes only what is still there, if it can compare at all", async () => {
    const store = make();
    expect(store.deleteIf !== undefined).toBe(hasAdd);
    if (store.deleteIf === undefined) return;
    await store.set("a", octets, { ttlSeconds: 9 });
    expect(await store.deleteIf("a", Uint8Array.of(1))).toBe(false);
    expect(await store.get("a")).toEqual(octets);
    expect(await store.deleteIf("a", octets)).toBe(true);
    expect(await store.deleteIf("a", octets)).toBe(false);
    expect(await store.get("a")).toBeUndefined();
  });

  it("carries a cache", async () => {
    const principal = parsePrincipal("alice@EXAMPLE.ORG");
    const store = make();
    const key = randomBytes(32);
    const open = () => createStoreCache({ store, key, principal, randomBytes });
    const credentials = [makeCredential("a/1@R"), makeCredential("a/2@R")];
    await open().initialize({ principal, credentials: credentials.slice(0, 1) });
    await open().store(credentials[1] as (typeof credentials)[0]);
    expect((await open().read())?.credentials.map(plainCredential)).toEqual(credentials.map(plainCredential));
    expect(await open().destroy()).toBe(true);
    expect(await open().read()).toBeUndefined();
  });
});

describe("what the owner of a store puts in a value's place", () => {
  const principal = parsePrincipal("alice@EXAMPLE.ORG");
  const contents = { principal, credentials: [makeCredential("a/1@R")] };
  const acquire = (store: KeyValueStore, key: Uint8Array) =>
    createStoreCache({ store, key, principal, randomBytes, lockSeconds: 0.1 }).acquire({
      isFresh: () => true,
      obtain: async () => contents,
    });

  it.each(["!!!", "b64.!!!", "", "AAAA", "null", "{", "b64.", "\0"])(
    "ST1: %j, base64 or not, stops no login",
    async (text) => {
      for (const make of [
        (items: Map<string, { value: string; until: number }>) => redisStore({ call: fakeRedis(items) }),
        (items: Map<string, { value: string; until: number }>) => unstorageStore(fakeUnstorage(items)),
      ]) {
        const items = new Map<string, { value: string; until: number }>();
        const store = make(items);
        const key = randomBytes(32);
        await acquire(store, key);
        expect(items.size).toBeGreaterThan(0);
        for (const name of [...items.keys(), ...[...items.keys()].map((one) => one.replace(":cache", ":rest"))]) {
          items.set(name, { value: text, until: Number.POSITIVE_INFINITY });
        }
        expect((await acquire(store, key)).credentials.map(plainCredential)).toEqual(
          contents.credentials.map(plainCredential),
        );
      }
    },
  );

  it("ST1: nor does null, which many stores give for nothing, or anything else that is not octets", async () => {
    for (const nothing of [null, "text", 7, {}]) {
      const items = new Map<string, Uint8Array>();
      const store = {
        get: async (name: string) => items.get(name) ?? nothing,
        set: async (name: string, value: Uint8Array) => void items.set(name, value),
        delete: async (name: string) => void items.delete(name),
      } as unknown as KeyValueStore;
      const key = randomBytes(32);
      await acquire(store, key);
      expect((await createStoreCache({ store, key, principal }).read())?.credentials).toHaveLength(1);
    }
  });
});

it("a store in memory lets go of what has ended, though nobody asks for it by its name again", async () => {
  let now = 0;
  const store = memoryStore(() => now);
  const deleted = new Map<unknown, number>();
  const real = Map.prototype.delete;
  vi.spyOn(Map.prototype, "delete").mockImplementation(function (this: Map<unknown, unknown>, name: unknown) {
    if (this !== deleted && this.has(name)) deleted.set(name, (deleted.get(name) ?? 0) + 1);
    return real.call(this, name);
  });
  try {
    for (let i = 0; i < 5_000; i++) {
      now += 1_000;
      await store.add?.(`replay:${i}`, Uint8Array.of(1), { ttlSeconds: 60 });
    }
  } finally {
    vi.restoreAllMocks();
  }
  const swept = [...deleted.keys()].filter((name) => String(name).startsWith("replay:"));
  expect(swept.length).toBeGreaterThan(3_000);
  expect(await store.get("replay:4999")).toBeDefined();
  expect(swept).not.toContain("replay:4999");
});
