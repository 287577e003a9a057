// The guards of caches, keytabs and stores, each by itself: what one of them keeps out, nothing behind it would.

import { describe, expect, it, onTestFinished, vi } from "vitest";
import { concat } from "../../../src/bytes/index.ts";
import { checkDirectory, checkWritable } from "../../../src/credentials/ccache/file-trust.ts";
import { withStoreLock } from "../../../src/credentials/ccache/store-lock.ts";
import {
  configValue,
  createStoreCache,
  decodeCcacheFile,
  decodeKeytab,
  encodeCcacheFile,
  findCredential,
  Keytab,
  type KeyValueStore,
  memoryStore,
  openCache,
  workersKvStore,
} from "../../../src/credentials/index.ts";
import { valueIn } from "../../../src/credentials/stores/value.ts";
import { PreauthError } from "../../../src/errors.ts";
import type { Connection } from "../../../src/host/index.ts";
import { parsePrincipal } from "../../../src/krb5/index.ts";
import { makeCredential, randomBytes } from "../../support/credentials.ts";

const alice = parsePrincipal("alice@EXAMPLE.ORG");
const bob = parsePrincipal("bob@EXAMPLE.ORG");
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "nothing",
    (error: { readonly code?: string; readonly name: string }) => error.code ?? error.name,
  );

describe("what a cache holds", () => {
  it("is found for the client that is asked for, and for the service of a remark", () => {
    const mine = makeCredential("host/a@R", { client: alice });
    const others = makeCredential("host/a@R", { client: bob, endTime: new Date(mine.endTime.getTime() + 1000) });
    const contents = { principal: alice, credentials: [mine, others] };
    expect(findCredential(contents, { server: mine.server })).toBe(mine);
    expect(findCredential(contents, { server: mine.server, client: bob })).toBe(others);
    const server = parsePrincipal("krbtgt/R@R");
    const config = [
      { key: "pa_type", server, value: Uint8Array.of(2) },
      { key: "pa_type", value: Uint8Array.of(1) },
    ];
    expect(configValue({ config }, "pa_type")).toEqual(Uint8Array.of(1));
    expect(configValue({ config }, "pa_type", server)).toEqual(Uint8Array.of(2));
    expect(configValue({ config }, "pa_type", parsePrincipal("krbtgt/S@R"))).toBeUndefined();
  });

  it("has a header of 65,535 octets at most", () => {
    const value = new Uint8Array(40_000);
    const one = { principal: alice, credentials: [], unknownTags: [{ tag: 7, value }] };
    expect(decodeCcacheFile(encodeCcacheFile(one)).unknownTags).toHaveLength(1);
    const two = { ...one, unknownTags: [...one.unknownTags, { tag: 8, value }] };
    expect(() => encodeCcacheFile(two)).toThrow("the header of a credential cache has at most 65,535 octets");
  });

  it("is no stray end where no ticket comes before it", () => {
    const octets = concat(encodeCcacheFile({ principal: alice, credentials: [] }), Uint8Array.of(0, 0, 0));
    expect(() => decodeCcacheFile(octets, { allowStrayEnd: true })).toThrow(/octets/);
    const one = encodeCcacheFile({ principal: alice, credentials: [makeCredential("a/1@R")] });
    expect(decodeCcacheFile(concat(one, Uint8Array.of(0, 0, 0)), { allowStrayEnd: true }).strayAt).toBe(one.length);
  });
});

describe("whose a file is", () => {
  const file = { kind: "file", mode: 0o600, uid: 1000 } as never;
  const me = { uid: 1000 };

  it("is asked where the host has users, and files have modes", () => {
    expect(() => checkDirectory("DIR:x", { mode: 0o777, uid: 1001 }, { uid: undefined })).not.toThrow();
    expect(() => checkDirectory("DIR:x", { mode: 0o777, uid: undefined } as never, me)).not.toThrow();
    expect(() => checkDirectory("DIR:x", { mode: undefined, uid: 1001 } as never, me)).not.toThrow();
    expect(() => checkWritable("FILE:x", { ...(file as object), mode: undefined, uid: 7 } as never, me)).not.toThrow();
  });

  it("of a directory is the user, root, or whom the user trusts", () => {
    for (const uid of [1000, 0]) expect(() => checkDirectory("DIR:x", { mode: 0o700, uid }, me)).not.toThrow();
    expect(() => checkDirectory("DIR:x", { mode: 0o700, uid: 7 }, { uid: 1000, trustOwner: 7 })).not.toThrow();
    expect(() => checkDirectory("DIR:x", { mode: 0o700, uid: 1001 }, me)).toThrow("its directory belongs to user 1001");
  });

  it("others may write to a directory where each can remove their own alone", () => {
    expect(() => checkDirectory("DIR:x", { mode: 0o770, uid: 1000 }, me)).toThrow("others may write to its directory");
    expect(() => checkDirectory("DIR:x", { mode: 0o1777, uid: 0 }, me)).not.toThrow();
  });
});

describe("the primary of a collection", () => {
  const collection = (primary: string) => {
    const files = { uid: undefined, read: async () => new TextEncoder().encode(primary) };
    return openCache("DIR:/d", { files: files as never, randomBytes });
  };

  it.each(["tkta\ntktb", "tkta", "tkta\nx", "tkta\n\n", "tkta\nx\n", "\n", "/tkt\n", "tk\n", "tkt\0\n"])(
    "is not %j",
    async (text) => {
      expect(await codeOf(collection(text).read())).toBe("CCACHE");
    },
  );
});

describe("a KCM daemon's reply", () => {
  const int = (value: number) => new Uint8Array(new Int32Array([value]).buffer).reverse();
  const daemon = (...pieces: Uint8Array[]) => {
    const connection = {
      read: async () => pieces.shift(),
      write: async () => {},
      close: async () => {},
      abort: () => {},
    };
    return openCache("KCM:0", {
      connectUnix: async () => connection as unknown as Connection,
      randomBytes,
      kcmSocket: "/s",
    });
  };

  it("comes in pieces of any size, and ends where it says", async () => {
    const whole = concat(int(0), int(-1765328189));
    expect(await daemon(whole).read()).toBeUndefined();
    expect(await daemon(...[...whole].map((octet) => Uint8Array.of(octet))).read()).toBeUndefined();
    const long = concat(int(3), int(0), Uint8Array.of(1, 2, 3, 4));
    expect(await codeOf(daemon(long).read())).toBe("CCACHE");
  });
});

describe("a file that stays damaged", () => {
  it.each([
    ["nothing of a cache", [1, 2, 3], "DECODE"],
    ["nothing", [], "DECODE"],
  ])("is looked at five times and then refused: %s", async (_, octets, code) => {
    let looks = 0;
    const files = {
      uid: undefined,
      stat: async () => undefined,
      read: async () => {
        looks += 1;
        // Another look would be one too many: it says so rather than going on for ever.
        if (looks > 5) throw Object.assign(new Error("a sixth look"), { code: "EIO" });
        return Uint8Array.from(octets);
      },
    };
    const error = await openCache("FILE:/c", { files: files as never, randomBytes })
      .read()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "CCACHE", reason: "damaged", cause: { code } });
    expect(looks).toBe(5);
  });

  it("is not looked at again where the host refuses", async () => {
    let looks = 0;
    const files = {
      uid: undefined,
      read: async () => {
        looks += 1;
        throw Object.assign(new Error("EIO: broken"), { code: "EIO" });
      },
    };
    expect(await codeOf(openCache("FILE:/c", { files: files as never, randomBytes }).read())).toBe("CCACHE");
    expect(looks).toBe(1);
  });
});

describe("a lock in a store", () => {
  const options = (store: KeyValueStore, ttlSeconds = 30) => ({
    store,
    key: "lock",
    randomBytes,
    ttlSeconds,
    onStuck: () => {},
  });

  function plainStore() {
    const items = new Map<string, Uint8Array>();
    const store: KeyValueStore = {
      get: async (key) => items.get(key),
      set: async (key, value) => void items.set(key, value),
      delete: async (key) => void items.delete(key),
    };
    return { items, store };
  }

  it("is free again at once where it cannot have ended meanwhile, and is left alone where it is another's", async () => {
    const { items, store } = plainStore();
    await withStoreLock(options(store), async () => expect(items.has("lock")).toBe(true));
    expect(items.has("lock")).toBe(false);
    await withStoreLock(options(store), async () => void items.set("lock", Uint8Array.of(7)));
    expect(items.get("lock")).toEqual(Uint8Array.of(7));
    items.delete("lock");
    // Half of its time is over when it is released: the next one could be another's.
    await withStoreLock(options(store, 0.02), async () => new Promise((resolve) => setTimeout(resolve, 30)));
    expect(items.has("lock")).toBe(true);
  });
});

describe("a lock in a store without a step that adds", () => {
  /** A store whose clock is the test's, with somebody who acts after each write. */
  function contested(meddle: (items: Map<string, Uint8Array>) => void) {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    onTestFinished(() => void vi.useRealTimers());
    const items = new Map<string, Uint8Array>();
    const store: KeyValueStore = {
      get: async (key) => items.get(key),
      set: async (key, value) => {
        items.set(key, value);
        meddle(items);
      },
      delete: async (key) => void items.delete(key),
    };
    let isRun = false;
    let isStuck = false;
    const locking = withStoreLock(
      {
        store,
        key: "lock",
        randomBytes,
        ttlSeconds: 1,
        onStuck: () => {
          isStuck = true;
        },
      },
      async () => {
        isRun = true;
      },
    );
    return { items, locking, isRun: () => isRun, isStuck: () => isStuck };
  }

  it("is not taken while another holds it, and is ignored after twice its time", async () => {
    const { items, locking, isRun, isStuck } = contested(() => {});
    items.set("lock", Uint8Array.of(9));
    await vi.advanceTimersByTimeAsync(1_900);
    expect([isRun(), isStuck()]).toEqual([false, false]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect([isRun(), isStuck()]).toEqual([true, true]);
    await locking;
    expect(items.get("lock")).toEqual(Uint8Array.of(9));
  });

  it.each([
    ["is another's", (items: Map<string, Uint8Array>) => void items.set("lock", Uint8Array.of(9))],
    ["has ended", (items: Map<string, Uint8Array>) => void items.delete("lock")],
  ])("is not one's own where after the claim it %s", async (_, meddle) => {
    let count = 0;
    const { items, locking, isRun } = contested((held) => {
      count += 1;
      if (count === 1) meddle(held);
    });
    await vi.advanceTimersByTimeAsync(55);
    expect(isRun()).toBe(false);
    items.delete("lock");
    await vi.advanceTimersByTimeAsync(400);
    expect([isRun(), count]).toEqual([true, 2]);
    await locking;
    expect(items.has("lock")).toBe(false);
  });

  it("is left where another has it when it is freed", async () => {
    const { items, locking } = contested(() => {});
    await vi.advanceTimersByTimeAsync(40);
    // The claim is one's own, and is looked at once more after the work.
    const own = items.get("lock");
    let looks = 0;
    items.get = () => (++looks === 1 ? own : Uint8Array.of(9));
    await vi.advanceTimersByTimeAsync(20);
    await locking;
    expect([looks, items.has("lock")]).toEqual([2, true]);
  });
});

describe("a cache in a store", () => {
  const contents = { principal: alice, credentials: [makeCredential("a/1@R")] };
  const open = (store: KeyValueStore, key: Uint8Array, more: object = {}) =>
    createStoreCache({ store, key, principal: alice, randomBytes, ...more });

  it("asks for what acquire needs", async () => {
    const cache = open(memoryStore(), randomBytes(32));
    const obtain = async () => contents;
    for (const options of [{}, { obtain }, { isFresh: () => true }]) {
      expect(await codeOf(cache.acquire(options as never))).toBe("TypeError");
    }
  });

  it("gives what is fresh, and does not log in", async () => {
    const cache = open(memoryStore(), randomBytes(32));
    let logins = 0;
    const obtain = async () => {
      logins++;
      return contents;
    };
    await cache.acquire({ isFresh: () => true, obtain });
    await cache.acquire({ isFresh: () => true, obtain });
    await cache.acquire({ isFresh: () => false, obtain });
    expect(logins).toBe(2);
  });

  it("has a version, and reads no other", async () => {
    const { items, store } = (() => {
      const items = new Map<string, Uint8Array>();
      const store: KeyValueStore = {
        get: async (key) => items.get(key),
        set: async (key, value) => void items.set(key, value.slice()),
        delete: async (key) => void items.delete(key),
      };
      return { items, store };
    })();
    const key = randomBytes(32);
    await open(store, key).initialize(contents);
    expect((await open(store, key).read())?.credentials).toHaveLength(1);
    for (const value of items.values()) value[0] = 3;
    expect(await open(store, key).read()).toBeUndefined();
  });

  it("lets no secret rest where that is turned off", async () => {
    const store = memoryStore();
    const cache = open(store, randomBytes(32), { restSeconds: 0 });
    let tries = 0;
    const obtain = async (): Promise<never> => {
      tries++;
      throw new PreauthError("WRONG_PASSWORD", "wrong");
    };
    for (let i = 0; i < 2; i++)
      expect(await codeOf(cache.acquire({ isFresh: () => true, obtain }))).toBe("WRONG_PASSWORD");
    expect(tries).toBe(2);
  });
});

describe("stores", () => {
  it("a clock that is no function is the caller's mistake", () => {
    expect(() => memoryStore(5 as never)).toThrow(/^now\b/);
  });

  it("a value ends with its time, not after it", async () => {
    let now = 1_000;
    const store = memoryStore(() => now);
    await store.set("a", Uint8Array.of(1), { ttlSeconds: 1 });
    now = 1_999;
    expect(await store.get("a")).toBeDefined();
    now = 2_000;
    expect(await store.get("a")).toBeUndefined();
  });

  it("forgets what has ended without being asked, and does not look through all at each write", async () => {
    let asked = 0;
    const store = memoryStore(() => {
      asked += 1;
      return 1_000;
    });
    for (let i = 0; i < 1_000; i++) await store.set(`a${i}`, Uint8Array.of(1), { ttlSeconds: 60 });
    expect(asked).toBe(1_000);
    for (let i = 1_000; i < 3_000; i++) await store.set(`a${i}`, Uint8Array.of(1), { ttlSeconds: 60 });
    // Twice in all: at 1,024 values and at 2,048.
    expect(asked).toBe(3_000 + 1_024 + 2_048);
  });

  it("what is no value, and no namespace, is the caller's mistake", async () => {
    const store = memoryStore();
    const ttl = { ttlSeconds: 60 };
    for (const call of [
      () => store.set("a", "text" as never, ttl),
      () => store.set("a", Uint8Array.of(1), undefined as never),
      () => store.set("a", Uint8Array.of(1), { ttlSeconds: "1" as never }),
      () => store.add?.("a", "text" as never, ttl),
    ]) {
      expect(await codeOf(call() as Promise<unknown>)).toBe("TypeError");
    }
    expect(await codeOf(store.set("a", Uint8Array.of(1), { ttlSeconds: -1 }))).toBe("RangeError");
    expect(await store.get("a")).toBeUndefined();
    expect(await codeOf(memoryStore().deleteIf?.("a", "text" as never) as Promise<unknown>)).toBe("TypeError");
    expect(() => workersKvStore({ get: () => {}, put: () => {} } as never)).toThrow(TypeError);
  });
});

describe("a keytab", () => {
  const entry = (kvno: number, seconds = 0) => ({
    principal: alice,
    kvno,
    timestamp: new Date(seconds * 1000),
    keyBlock: { etype: 18, octets: new Uint8Array(32).fill(kvno & 0xff) },
  });

  it("that is empty is said to be that", () => {
    expect(() => decodeKeytab(new Uint8Array())).toThrow("not a keytab file: it is empty");
  });

  it("gives the newest key: of one version the first, and by the time where the version began again", () => {
    const newest = (...entries: ReturnType<typeof entry>[]) => {
      const found = new Keytab(entries).find({ principal: alice });
      return [found?.kvno, Number(found?.timestamp) / 1000];
    };
    expect(newest(entry(7, 1), entry(7, 2))).toEqual([7, 1]);
    expect(newest(entry(6, 3), entry(7, 2))).toEqual([7, 2]);
    for (const [a, b, wanted] of [
      [entry(255, 1), entry(1, 2), [1, 2]],
      [entry(255, 2), entry(1, 1), [255, 2]],
    ] as const) {
      expect(newest(a, b)).toEqual(wanted);
      expect(newest(b, a)).toEqual(wanted);
    }
  });
});

it("a store's value is its octets, in whichever view of them it comes, and nothing else is one", async () => {
  const octets = Uint8Array.of(9, 1, 2, 3, 4, 9);
  const storeOf = (value: unknown) => ({ get: async () => value }) as unknown as Parameters<typeof valueIn>[0];
  const { buffer } = octets;
  for (const view of [new Uint8Array(buffer, 1, 4), new DataView(buffer, 1, 4), new Int8Array(buffer, 1, 4)]) {
    const value = await valueIn(storeOf(view), "k");
    expect(value?.subarray(0)).toEqual(Uint8Array.of(1, 2, 3, 4));
  }
  for (const none of [null, undefined, "text", [1], octets.buffer]) {
    expect(await valueIn(storeOf(none), "k")).toBeUndefined();
  }
});
