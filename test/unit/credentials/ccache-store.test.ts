import { createHash, createHmac } from "node:crypto";
import { inspect } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { concat, encodeHex } from "../../../src/bytes/index.ts";
import {
  type CacheContents,
  createStoreCache,
  type KeyValueStore,
  memoryStore,
  type StoreCacheOptions,
} from "../../../src/credentials/index.ts";
import {
  type AnyKerberosError,
  CryptoError,
  isKerberosError,
  KdcError,
  PreauthError,
  TransportError,
} from "../../../src/errors.ts";
import { parsePrincipal } from "../../../src/krb5/index.ts";
import { makeCredential, plainCredential, randomBytes } from "../../support/credentials.ts";

const alice = parsePrincipal("alice@EXAMPLE.ORG");
const bob = parsePrincipal("bob@EXAMPLE.ORG");
const tgt = () => makeCredential("krbtgt/EXAMPLE.ORG@EXAMPLE.ORG");
const key = randomBytes(32);

/** A store in memory whose contents a test can look at and change. */
function spiedStore({ hasAdd = true } = {}) {
  const inner = memoryStore();
  const values = new Map<string, { value: Uint8Array; ttlSeconds: number }>();
  const store: KeyValueStore = {
    get: inner.get,
    set: async (name, value, options) => {
      values.set(name, { value, ...options });
      await inner.set(name, value, options);
    },
    delete: async (name) => {
      values.delete(name);
      await inner.delete(name);
    },
    ...(hasAdd && inner.add ? { add: inner.add } : {}),
    ...(hasAdd && inner.deleteIf ? { deleteIf: inner.deleteIf } : {}),
  };
  return { store, values };
}

const open = (store: KeyValueStore, over: Partial<StoreCacheOptions> = {}) =>
  createStoreCache({ store, key, principal: alice, randomBytes, ...over });

const refusal = (errorCode: number) =>
  new KdcError("KDC", "the KDC said so", { errorCode, errorName: `KRB_ERR_${errorCode}` });
const rejected = (errorCode = 24) =>
  new PreauthError("WRONG_PASSWORD", "the KDC refused the password", {
    principal: "alice@EXAMPLE.ORG",
    offered: [2],
    cause: refusal(errorCode),
  });

async function failureOf(promise: Promise<unknown>): Promise<AnyKerberosError> {
  const reason = await promise.then(
    () => new Error("it did not fail"),
    (error: unknown) => error,
  );
  if (isKerberosError(reason)) return reason;
  throw reason;
}

describe("what a store sees", () => {
  it("is no ticket, no key and no name", async () => {
    const { store, values } = spiedStore();
    const ticket = tgt();
    await open(store).initialize({ principal: alice, credentials: [ticket] });
    await open(store).store(makeCredential("host/a@EXAMPLE.ORG"));
    expect([...values.keys()]).toEqual([expect.stringMatching(/^krb5:[0-9a-f]{32}:cache$/)]);
    const seen = [...values].map(([name, { value }]) => name + encodeHex(value)).join();
    for (const secret of [
      ticket.ticket,
      ticket.key.octets,
      new TextEncoder().encode("alice"),
      new TextEncoder().encode("krbtgt"),
    ]) {
      expect(seen).not.toContain(encodeHex(secret));
    }
    expect(seen).not.toContain("alice");
  });

  it("is kept until the last ticket cannot be renewed any more", async () => {
    const { store, values } = spiedStore();
    const soon = Date.now() + 3_600_000;
    const { renewTill: _till, ...one } = makeCredential("a/1@R", { endTime: new Date(soon) });
    const seconds = async () => [...values.values()].at(-1)?.ttlSeconds;
    await open(store).initialize({ principal: alice, credentials: [one] });
    expect(await seconds()).toBeGreaterThan(3_590);
    expect(await seconds()).toBeLessThanOrEqual(3_600);
    await open(store).initialize({
      principal: alice,
      credentials: [{ ...one, renewTill: new Date(soon + 3_600_000) }],
    });
    expect(await seconds()).toBeGreaterThan(7_190);
    await open(store).initialize({
      principal: alice,
      credentials: [makeCredential("a/1@R", { endTime: new Date(0), renewTill: new Date(0) })],
    });
    expect(await seconds()).toBe(60);
  });

  it("is another value each time", async () => {
    const { store, values } = spiedStore();
    const contents = { principal: alice, credentials: [tgt()] };
    await open(store).initialize(contents);
    const first = encodeHex([...values.values()][0]?.value ?? new Uint8Array());
    await open(store).initialize(contents);
    expect(encodeHex([...values.values()][0]?.value ?? new Uint8Array())).not.toBe(first);
  });

  it("is shown by no error and no logger", async () => {
    const { store } = spiedStore();
    const cache = open(store);
    await cache.initialize({ principal: alice, credentials: [tgt()] });
    for (const text of [JSON.stringify(cache), inspect(cache, { depth: 9 })]) {
      expect(text).not.toContain(inspect(key).slice(30, 60));
      expect(text).not.toContain(JSON.stringify([...key]).slice(1, 20));
    }
  });
});

describe("a sealed value", () => {
  it("ST1: is not used if any octet of it was changed, cut or added, and stops nothing", async () => {
    const { store, values } = spiedStore();
    await open(store).initialize({ principal: alice, credentials: [tgt()] });
    const [name = "", sealed] = [...values][0] ?? [];
    const value = sealed?.value ?? new Uint8Array();
    const tampered = [
      value.subarray(0, 20),
      value.subarray(0, value.length - 1),
      concat(value, Uint8Array.of(0)),
      new Uint8Array(),
    ];
    for (const at of [0, 5, 16, 17, 40, value.length - 1]) {
      const copy = value.slice();
      copy[at] = (copy[at] as number) ^ 1;
      tampered.push(copy);
    }
    for (const bad of tampered) {
      await store.set(name, bad, { ttlSeconds: 60 });
      const notes: unknown[] = [];
      expect(await open(store, { onTrace: (event) => notes.push(event) }).read()).toBeUndefined();
      expect(notes).toMatchObject([{ text: expect.stringContaining("was changed there") }]);
      // A login goes on, and its tickets take the place of what was there.
      const fresh = { isFresh: () => true, obtain: async () => ({ principal: alice, credentials: [tgt(), tgt()] }) };
      expect((await open(store).acquire(fresh)).credentials).toHaveLength(2);
      expect((await open(store).read())?.credentials).toHaveLength(2);
    }
    await store.set(name, value, { ttlSeconds: 60 });
    expect((await open(store).read())?.credentials).toHaveLength(1);
  });

  it("ST2: is not used in another principal's, secret's or prefix's place, nor for another purpose", async () => {
    const { store, values } = spiedStore();
    await open(store).initialize({ principal: alice, credentials: [tgt()] });
    const [aliceName = "", sealed] = [...values][0] ?? [];
    const value = sealed?.value ?? new Uint8Array();
    const others: [StoreCacheOptions["principal"], Partial<StoreCacheOptions>][] = [
      [bob, { principal: bob }],
      [alice, { secret: randomBytes(8) }],
      [alice, { prefix: "other:" }],
    ];
    for (const [principal, over] of others) {
      const before = new Set(values.keys());
      await open(store, over).initialize({ principal });
      const name = [...values.keys()].find((one) => !before.has(one)) ?? aliceName;
      await store.set(name, value, { ttlSeconds: 60 });
      expect(await open(store, over).read()).toBeUndefined();
      await store.delete(name);
    }
    expect((await open(store).read())?.credentials).toHaveLength(1);
    await store.delete(aliceName);
    await store.set(aliceName.replace(":cache", ":rest"), value, { ttlSeconds: 60 });
    const fresh = { isFresh: () => true, obtain: async () => ({ principal: alice, credentials: [tgt()] }) };
    expect((await open(store).acquire(fresh)).credentials).toHaveLength(1);
  });

  it("ST6: has a name that nobody can make without the key, for each principal and secret", async () => {
    const nameOf = async (over: Partial<StoreCacheOptions>) => {
      const { store, values } = spiedStore();
      await open(store, over).initialize({ principal: alice });
      return [...values.keys()][0] ?? "";
    };
    const names = await Promise.all([
      nameOf({}),
      nameOf({ key: randomBytes(32) }),
      nameOf({ principal: bob }),
      nameOf({ secret: new TextEncoder().encode("password") }),
      nameOf({ secret: new TextEncoder().encode("passwors") }),
      nameOf({ secret: new Uint8Array() }),
    ]);
    expect(new Set(names).size).toBe(names.length);
    expect(await nameOf({ secret: new TextEncoder().encode("password") })).toBe(names[3]);
    for (const text of ["alice@EXAMPLE.ORG", "alice@EXAMPLE.ORG\0password"]) {
      for (const guess of [createHash("sha256").update(text), createHmac("sha256", key).update(text)]) {
        expect(names[0]).not.toContain(guess.digest("hex").slice(0, 32));
      }
    }
  });

  it("ST7: that was kept and put back after it was destroyed, or after it ended, is not used", async () => {
    const { store, values } = spiedStore();
    const cache = open(store, { secret: randomBytes(8) });
    await cache.initialize({ principal: alice, credentials: [tgt()] });
    const [name = "", old] = [...values][0] ?? [];
    const putBack = () => store.set(name, old?.value ?? new Uint8Array(), { ttlSeconds: 60 });
    await cache.destroy();
    await putBack();
    expect(await cache.read()).toBeUndefined();
    await cache.initialize({ principal: alice, credentials: [tgt(), tgt()] });
    expect((await cache.read())?.credentials).toHaveLength(2);
  });

  it("ST7: that was sealed before notBefore is not used", async () => {
    const { store } = spiedStore();
    await open(store).initialize({ principal: alice, credentials: [tgt()] });
    expect((await open(store, { notBefore: new Date(Date.now() - 60_000) }).read())?.credentials).toHaveLength(1);
    expect(await open(store, { notBefore: new Date(Date.now() + 60_000) }).read()).toBeUndefined();
  });

  it("ST7: whose tickets have all ended is not used, however long the store keeps it", async () => {
    const { store } = spiedStore();
    const kept: KeyValueStore = { ...store, set: (name, value) => store.set(name, value, { ttlSeconds: 1e6 }) };
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      const { renewTill: _till, ...one } = makeCredential("a/1@R", { endTime: new Date(Date.now() + 3_600_000) });
      await open(kept).initialize({ principal: alice, credentials: [one] });
      vi.setSystemTime(Date.now() + 3_599_000);
      expect((await open(kept).read())?.credentials).toHaveLength(1);
      vi.setSystemTime(Date.now() + 2_000);
      expect(await open(kept).read()).toBeUndefined();
    } finally {
      vi.useRealTimers();
    }
  });

  it("is opened with any of several keys, and sealed with the first", async () => {
    const { store } = spiedStore();
    const [old, fresh] = [randomBytes(16), randomBytes(32)];
    await open(store, { key: old }).initialize({ principal: alice, credentials: [tgt()] });
    expect((await open(store, { key: [fresh, old] }).read())?.credentials).toHaveLength(1);
    expect(await open(store, { key: fresh }).read()).toBeUndefined();
    await open(store, { key: [fresh, old] }).store(makeCredential("a/1@R"));
    expect((await open(store, { key: fresh }).read())?.credentials).toHaveLength(2);
    expect(await open(store, { key: old }).read()).toBeUndefined();
  });

  it("ST4: needs a key of 16 or 32 octets", () => {
    for (const bad of [new Uint8Array(), randomBytes(15), randomBytes(24), [], [key, randomBytes(8)]]) {
      expect(() => open(memoryStore(), { key: bad })).toThrow(RangeError);
    }
  });
});

describe("acquire", () => {
  const isFresh = ({ credentials }: CacheContents) => credentials.length > 0;

  it("logs in once for a hundred that start at once", async () => {
    const { store, values } = spiedStore();
    let logins = 0;
    const obtain = async () => {
      logins++;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return { principal: alice, credentials: [tgt()], clockOffsetMs: 2_000 };
    };
    const all = await Promise.all(Array.from({ length: 100 }, () => open(store).acquire({ isFresh, obtain })));
    expect(logins).toBe(1);
    expect(new Set(all.map(({ credentials }) => JSON.stringify(credentials.map(plainCredential)))).size).toBe(1);
    expect(all.every(({ clockOffsetMs }) => clockOffsetMs === 2_000)).toBe(true);
    // Its locks are gone.
    expect([...values.keys()].map((name) => name.split(":")[2])).toEqual(["cache"]);
    expect(await open(store).acquire({ isFresh, obtain }).then(isFresh)).toBe(true);
    expect(logins).toBe(1);
  });

  it("logs in about once with a store that cannot add in one step", async () => {
    const { store } = spiedStore({ hasAdd: false });
    let logins = 0;
    const obtain = async () => {
      logins++;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return { principal: alice, credentials: [tgt()] };
    };
    await Promise.all(Array.from({ length: 20 }, () => open(store).acquire({ isFresh, obtain })));
    expect(logins).toBeGreaterThan(0);
    expect(logins).toBeLessThan(5);
  });

  it("logs in anew when the tickets will not do, and by each in turn when the login fails", async () => {
    const { store } = spiedStore();
    await open(store).initialize({ principal: alice, credentials: [] });
    let logins = 0;
    const obtain = async () => {
      logins++;
      throw new TransportError("KDC_UNREACHABLE", "no KDC answers");
    };
    const all = await Promise.allSettled([1, 2, 3].map(() => open(store).acquire({ isFresh, obtain })));
    expect(all.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(logins).toBe(3);
  });

  it("ST3: lets a rejected secret rest for everyone: one failed login, not a hundred", async () => {
    const { store, values } = spiedStore();
    let logins = 0;
    const obtain = async () => {
      logins++;
      throw rejected();
    };
    const all = await Promise.allSettled(Array.from({ length: 100 }, () => open(store).acquire({ isFresh, obtain })));
    expect(logins).toBe(1);
    for (const one of all) expect((one as PromiseRejectedResult).reason).toMatchObject({ code: "WRONG_PASSWORD" });
    const later = await failureOf(open(store).acquire({ isFresh, obtain }));
    expect(later.message).toMatch(/the KDC refused the password .*not tried again before/);
    expect(later).toBeInstanceOf(PreauthError);
    expect(later).toMatchObject({ code: "WRONG_PASSWORD", principal: "alice@EXAMPLE.ORG", offered: [2] });
    expect(later.retryAfter?.getTime()).toBeGreaterThan(Date.now() + 290_000);
    expect(logins).toBe(1);
    expect([...values].find(([name]) => name.endsWith(":rest"))?.[1].ttlSeconds).toBe(300);
  });

  it("tries another secret at once, and the same one when the rest is over or forgotten", async () => {
    const { store } = spiedStore();
    let logins = 0;
    const fail = async () => {
      logins++;
      throw rejected();
    };
    const secretOf = (text: string) => ({ secret: new TextEncoder().encode(text) });
    const acquire = (secret: string, restSeconds = 300) =>
      open(store, { restSeconds, ...secretOf(secret) })
        .acquire({ isFresh, obtain: fail })
        .catch(() => {});
    await acquire("a");
    await acquire("a");
    expect(logins).toBe(1);
    await acquire("b");
    expect(logins).toBe(2);
    await open(store, secretOf("b")).forgetRejection();
    await acquire("b");
    expect(logins).toBe(3);
    // The store kept the value for longer than the rest is here.
    await new Promise((resolve) => setTimeout(resolve, 10));
    await acquire("b", 0.001);
    expect(logins).toBe(4);
    const cache = open(store, secretOf("b"));
    await cache.forgetRejection();
    await cache.acquire({ isFresh, obtain: async () => ({ principal: alice, credentials: [tgt()] }) });
    expect((await cache.read())?.credentials).toHaveLength(1);
  });

  it("lets no secret rest for an error that is not its fault", async () => {
    const { store } = spiedStore();
    let logins = 0;
    const errors = [
      // What a stranger can say of any account, and what was never proven to a KDC.
      refusal(6),
      refusal(18),
      rejected(23),
      new PreauthError("WRONG_PASSWORD", "the reply does not open", { cause: new CryptoError("INTEGRITY", "changed") }),
      new TransportError("TIMEOUT", "late"),
      new CryptoError("INTEGRITY", "changed"),
      new TypeError("mistake"),
    ];
    for (const error of errors) {
      const obtain = async () => {
        logins++;
        throw error;
      };
      await expect(open(store).acquire({ isFresh, obtain })).rejects.toBe(error);
    }
    expect(logins).toBe(errors.length);
    await expect(
      open(store).acquire({ isFresh, obtain: () => Promise.reject(rejected()), mayRest: () => false }),
    ).rejects.toThrow();
    await open(store).acquire({ isFresh, obtain: async () => ({ principal: alice, credentials: [tgt()] }) });
  });

  it("gives the tickets although the store does not keep them", async () => {
    const { store } = spiedStore();
    const notes: unknown[] = [];
    const broken = { ...store, set: () => Promise.reject(new Error("the store is full")) };
    const contents = await open(broken, { onTrace: (event) => notes.push(event) }).acquire({
      isFresh,
      obtain: async () => ({ principal: alice, credentials: [tgt()] }),
    });
    expect(contents.credentials).toHaveLength(1);
    expect(notes).toMatchObject([{ type: "note", text: expect.stringContaining("the store is full") }]);
  });

  it("takes over from a process that began a login and died", async () => {
    const { store } = spiedStore();
    const dead = open(store, { lockSeconds: 1 }).acquire({ isFresh, obtain: () => new Promise(() => {}) });
    dead.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 30));
    const start = Date.now();
    const obtain = async () => ({ principal: alice, credentials: [tgt()] });
    expect(await open(store, { lockSeconds: 1 }).acquire({ isFresh, obtain }).then(isFresh)).toBe(true);
    expect(Date.now() - start).toBeGreaterThan(500);
  });

  it("gives up waiting when the caller says so, or when the lock never ends", async () => {
    const { store } = spiedStore();
    open(store)
      .acquire({ isFresh, obtain: () => new Promise(() => {}) })
      .catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 30));
    const obtain = async () => ({ principal: alice });
    const signal = AbortSignal.timeout(50);
    await expect(open(store).acquire({ isFresh, obtain, signal })).rejects.toMatchObject({ code: "ABORTED" });
    const locked: KeyValueStore = { ...store, add: async () => false };
    // ST8: whoever owns the store could put one there for ever: it is passed over, and the login goes on.
    const notes: unknown[] = [];
    const onTrace = (event: unknown) => void notes.push(event);
    const stuck = open(locked, { lockSeconds: 0.1, onTrace, principal: bob });
    expect(
      await stuck.acquire({ isFresh, obtain: async () => ({ principal: bob, credentials: [tgt()] }) }).then(isFresh),
    ).toBe(true);
    expect(JSON.stringify(notes)).toContain("never ends");
  });

  it("ST8: frees no lock but its own, though it held that for too long", async () => {
    for (const hasStep of [true, false]) {
      const { store } = spiedStore();
      const { deleteIf, ...bare } = store;
      const used: KeyValueStore = hasStep && deleteIf ? { ...bare, deleteIf } : bare;
      const lockOf = async () => {
        for (const name of names) if ((await store.get(name)) !== undefined) return name;
        return undefined;
      };
      const names = new Set<string>();
      const watched: KeyValueStore = {
        ...used,
        add: async (name, value, options) => {
          names.add(name);
          return (await store.add?.(name, value, options)) ?? false;
        },
        // Between the look and the deletion, the lock ends and another takes it.
        get: async (name) => {
          const value = await store.get(name);
          if (name.endsWith(":login") && value !== undefined) {
            await store.set(name, Uint8Array.of(1, 2, 3), { ttlSeconds: 60 });
          }
          return value;
        },
      };
      const obtain = async () => {
        await new Promise((resolve) => setTimeout(resolve, 700));
        if (hasStep) await store.set((await lockOf()) ?? "", Uint8Array.of(1, 2, 3), { ttlSeconds: 60 });
        return { principal: alice, credentials: [tgt()] };
      };
      await open(watched, { lockSeconds: 1 }).acquire({ isFresh, obtain });
      expect(await lockOf()).toMatch(/:login$/);
    }
  });
});

it("wraps a failure of the store with the cache's name", async () => {
  const broken = { ...memoryStore(), get: () => Promise.reject(new Error("connection refused")) };
  const error = await failureOf(open(broken).read());
  expect(error.message).toBe("STORE:alice@EXAMPLE.ORG: reading it failed: connection refused");
});
