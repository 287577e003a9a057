// What a login leaves in a sealed store for the next process: one contract over the ways in which a client comes to its
// store. Each `fresh` client is a process of its own: it has nothing but the store and its secret.

import { afterEach, describe, expect, it, vi } from "vitest";
import type { CredentialHost, CredentialSource } from "../../src/client/index.ts";
import { createStoreCache, type KeyValueStore, memoryStore } from "../../src/credentials/index.ts";
import { type ClientOptions, keytab, parsePrincipal, password } from "../../src/entry/index.ts";
import { createTestRealm } from "../../src/entry/testing.ts";
import { encryptedChallenge, encTimestamp } from "../../src/preauth/index.ts";
import { randomBytes } from "../support/credentials.ts";
import { REALM, type Setting, setting, TGS } from "../unit/client/cold-harness.ts";
import { refusal } from "../unit/client/harness.ts";

const ASKED = ["AS tgt", "AS tgt timestamp"];
const UNASKED = ["AS tgt timestamp"];
const DAY = 86_400_000;
const alice = (secret = "secret"): CredentialSource => password(`alice@${REALM}`, secret);
const robot = (self: Setting): CredentialSource => keytab(`robot@${REALM}`, self.realm.keytab("robot"));
const key = randomBytes(32);

/** A store whose owner looks at it, and changes it. */
function openStore() {
  const values = new Map<string, Uint8Array>();
  const inner = memoryStore();
  const store: KeyValueStore = {
    ...inner,
    get: async (name) => values.get(name),
    set: async (name, value) => void values.set(name, value),
    delete: async (name) => void values.delete(name),
  };
  /** The names of what is kept for one purpose. */
  const names = (purpose: string): string[] => [...values.keys()].filter((name) => name.endsWith(`:${purpose}`));
  return { store, values, names };
}

const onTraceOf = ({ onTrace }: CredentialHost) => (onTrace === undefined ? {} : { onTrace });

const ways: readonly (readonly [string, (source: CredentialSource, store: KeyValueStore) => Partial<ClientOptions>])[] =
  [
    ["a client with the option cache", (credentials, store) => ({ credentials, cache: { store, key } })],
    [
      "a client whose credentials bring a cache",
      (source, store) => ({
        credentials: {
          kind: source.kind,
          open: async (host) => {
            const opened = await source.open(host);
            return {
              ...opened,
              cache: createStoreCache({ store, key, principal: opened.principal, ...onTraceOf(host) }),
            };
          },
        },
      }),
    ],
  ];

afterEach(() => {
  vi.useRealTimers();
});

describe.each(ways)("%s", (_, way) => {
  /** A process that begins when all tickets have ended, logs in once and ends: what it asked the KDC. */
  async function fresh(
    self: Setting,
    source: CredentialSource,
    store: KeyValueStore,
    more: Partial<ClientOptions> = {},
    laterMs = DAY,
  ): Promise<string[]> {
    self.nowMs += laterMs;
    await self.client({ preauth: [encTimestamp], ...way(source, store), ...more }).getTicket(TGS);
    return self.take();
  }

  it("proves a password unasked that the KDC took of another process, and a keytab's key", async () => {
    const self = await setting();
    for (const source of [alice(), robot(self)]) {
      const { store } = openStore();
      expect(await fresh(self, source, store)).toEqual(ASKED);
      expect(await fresh(self, source, store)).toEqual(UNASKED);
      expect(await fresh(self, source, store)).toEqual(UNASKED);
    }
  });

  it("P19: asks first with another secret, for another principal, and under another key of the store", async () => {
    const self = await setting({ principals: { bob: { password: "secret" } } });
    const { store } = openStore();
    await fresh(self, alice(), store);
    expect(await fresh(self, password(`bob@${REALM}`, "secret"), store)).toEqual(ASKED);
    await self.realm.setPassword("alice", "new");
    expect(await fresh(self, alice("new"), store)).toEqual(ASKED);
    expect(await fresh(self, alice("new"), store)).toEqual(UNASKED);
    const other = { cache: { store, key: randomBytes(32) } };
    expect(await fresh(self, alice("new"), store, { credentials: alice("new"), ...other })).toEqual(ASKED);
  });

  it.each([
    ["spake", ["spake", "encrypted-timestamp"]],
    ["fast", ["fast", "encrypted-timestamp"]],
  ] as const)("P19: a KDC that offers %s when it is asked ends it, for a password", async (_offer, preauth) => {
    const self = await setting();
    const { store, names } = openStore();
    await fresh(self, alice(), store);
    expect(names("proof")).toHaveLength(1);
    const later = await createTestRealm({
      realm: REALM,
      now: () => self.nowMs,
      preauth,
      principals: { alice: { password: "secret" } },
    });
    self.answer = (request) => later.handle(request, { transport: "udp" });
    expect(await fresh(self, alice(), store, {}, 7 * DAY)).toEqual(ASKED);
    expect(names("proof")).toEqual([]);
    expect(await fresh(self, alice(), store)).toEqual(ASKED);
  });

  it("P19: a KDC is asked what it offers once a week, however often the key is proven", async () => {
    const self = await setting();
    const { store } = openStore();
    const days: boolean[] = [];
    for (let day = 0; day < 15; day++) days.push((await fresh(self, robot(self), store)).length === 1);
    expect(days.flatMap((isUnasked, day) => (isUnasked ? [] : [day]))).toEqual([0, 7, 14]);
    // Nor is it used where the clock went back by a week or more.
    expect(await fresh(self, robot(self), store, {}, -7 * DAY)).toEqual(ASKED);
  });

  it("P19: nor by a note that the store keeps for longer than it was asked to", async () => {
    const self = await setting();
    const { store } = openStore();
    await fresh(self, robot(self), store);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 7 * DAY });
    // The client's own clock has not moved: it is the seal that says when the note ends.
    expect(await fresh(self, robot(self), store, {}, 0)).toEqual(ASKED);
  });

  it("P19: asks first where any octet of the note was changed, and where it is cut, moved or another's", async () => {
    const self = await setting({ principals: { bob: { password: "secret" } } });
    const { store, values, names } = openStore();
    await fresh(self, password(`bob@${REALM}`, "secret"), store);
    const [bobs = ""] = names("proof");
    await fresh(self, alice(), store);
    const [name = ""] = names("proof").filter((one) => one !== bobs);
    const good = values.get(name) as Uint8Array;
    const bad = [
      ...Array.from({ length: 12 }, (_, n) => Math.floor((n * (good.length - 1)) / 11)).map((at) =>
        good.map((octet, n) => (n === at ? octet ^ 1 : octet)),
      ),
      good.subarray(1),
      good.subarray(0, -1),
      new Uint8Array(),
      values.get(bobs) as Uint8Array,
      values.get(name.replace(/proof$/, "cache")) as Uint8Array,
    ];
    for (const octets of bad) {
      values.set(name, octets);
      expect(await fresh(self, alice(), store)).toEqual(ASKED);
    }
    expect(await fresh(self, alice(), store)).toEqual(UNASKED);
    const old = values.get(name) as Uint8Array;
    await self.realm.setPassword("alice", "new");
    await fresh(self, alice("new"), store);
    const [mine = ""] = names("proof").filter((one) => one !== name && one !== bobs);
    values.set(mine, old);
    expect(await fresh(self, alice("new"), store)).toEqual(ASKED);
  });

  it("P19: asks first where the note cannot be taken away: another process would prove the same", async () => {
    const self = await setting();
    const { store, names } = openStore();
    await fresh(self, alice(), store);
    const stuck: KeyValueStore = {
      ...store,
      delete: async (name) => {
        if (name.endsWith(":proof")) throw new Error("read only");
        await store.delete(name);
      },
    };
    expect(await fresh(self, alice(), stuck)).toEqual(ASKED);
    expect(names("proof")).toHaveLength(1);
    expect(await fresh(self, alice(), store)).toEqual(UNASKED);
  });

  it("P19: logs in all the same where the note cannot be read or kept", async () => {
    const self = await setting();
    for (const call of ["get", "set"] as const) {
      const { store, names } = openStore();
      const broken: KeyValueStore = {
        ...store,
        [call]: async (name: string, ...rest: never[]) => {
          if (name.endsWith(":proof")) throw new Error("no room");
          return await (store[call] as (...all: unknown[]) => Promise<unknown>)(name, ...rest);
        },
      };
      expect(await fresh(self, alice(), broken)).toEqual(ASKED);
      expect(names("proof")).toHaveLength(call === "get" ? 1 : 0);
      expect(self.notes.filter((text) => text.includes("no room"))).not.toEqual([]);
      self.notes.length = 0;
    }
  });

  it("P19: a refused key is proven once, by one process; the next one asks", async () => {
    const self = await setting();
    const { store, names } = openStore();
    await fresh(self, alice(), store);
    await self.realm.setPassword("alice", "secret");
    expect(await refusal(fresh(self, alice(), store))).toMatch(/^WRONG_PASSWORD: .*names another salt/);
    expect(self.take()).toEqual(["AS tgt timestamp", "AS tgt"]);
    expect(names("proof")).toEqual([]);
    expect(await fresh(self, alice(), store)).toEqual(ASKED);
    expect(await fresh(self, alice(), store)).toEqual(UNASKED);
  });

  it("P19: of five processes at once with a key that is stale one proves it unasked", async () => {
    const self = await setting();
    const { store } = openStore();
    const stale = robot(self);
    await fresh(self, stale, store);
    await self.realm.setPassword("robot", "another");
    self.nowMs += DAY;
    const clients = Array.from({ length: 5 }, () => self.client({ preauth: [encTimestamp], ...way(stale, store) }));
    await Promise.allSettled(clients.map((client) => client.getTicket(TGS)));
    // By UDP each process hears by itself that the KDC refuses a key.
    expect(self.take()).toEqual(["AS tgt timestamp", "AS tgt", ...Array.from({ length: 4 }, () => ASKED).flat()]);
  });

  it("P19: a process that ends before its answer leaves nothing to prove", async () => {
    const self = await setting();
    const { store, names } = openStore();
    await fresh(self, alice(), store);
    let seen: string[] | undefined;
    self.answer = () => {
      seen ??= names("proof");
      return undefined;
    };
    expect(await fresh(self, alice(), store)).toEqual(UNASKED);
    expect(seen).toEqual([]);
  });

  it("P19: a KDC that wants its cookie back is asked first by each process, after the first that was refused", async () => {
    const self = await setting({ requireCookie: true });
    const { store } = openStore();
    expect(await fresh(self, alice(), store)).toEqual(ASKED);
    expect(await refusal(fresh(self, alice(), store))).toMatch(/^PREAUTH: .*log in again/);
    expect(self.take()).toEqual(UNASKED);
    for (let n = 0; n < 3; n++) expect(await fresh(self, alice(), store)).toEqual(ASKED);
  });

  it("LE1, P19: proves no key that this process must not prove", async () => {
    const self = await setting();
    const { store } = openStore();
    await fresh(self, alice(), store);
    const config = "[libdefaults]\n permitted_enctypes = aes128-cts\n";
    expect(await fresh(self, alice(), store, { config })).toEqual(ASKED);
  });

  it("P19: a login inside FAST leaves the note alone, and proves nothing by it", async () => {
    const self = await setting({ preauth: ["encrypted-timestamp", "fast", "encrypted-challenge"] });
    const { store, names } = openStore();
    await fresh(self, robot(self), store);
    const before = names("proof");
    expect(before).toHaveLength(1);
    const armored = { armor: alice(), preauth: [encryptedChallenge, encTimestamp] };
    // The armor's login, and that of the keytab inside it: asked, and proven where nobody sees it.
    expect(await fresh(self, robot(self), store, armored)).toEqual([...ASKED, "AS tgt", "AS tgt"]);
    expect(names("proof")).toEqual(before);
    expect(await fresh(self, robot(self), store)).toEqual(UNASKED);
  });

  it("P19: keeps nothing of what went unasked and was never asked for", async () => {
    const self = await setting();
    const { store, names } = openStore();
    const known = password(`alice@${REALM}`, "secret", { salt: "of alice" });
    expect(await fresh(self, known, store, { preauth: "timestamp-first" })).toEqual(UNASKED);
    expect(names("proof")).toEqual([]);
  });

  it("keeps nothing where the store cannot add in one step: two processes could take the same", async () => {
    const self = await setting();
    const { store, names } = openStore();
    const { add: _add, deleteIf: _deleteIf, ...plain } = store;
    expect(await fresh(self, alice(), plain)).toEqual(ASKED);
    expect(names("cache")).toHaveLength(1);
    expect(names("proof")).toEqual([]);
    expect(await fresh(self, alice(), plain)).toEqual(ASKED);
  });

  it("shows no name, salt or time to who reads the store", async () => {
    const self = await setting();
    const { store, values, names } = openStore();
    await fresh(self, alice(), store);
    const [name = ""] = names("proof");
    expect(name).toMatch(/^krb5:[0-9a-f]{32}:proof$/);
    const octets = Buffer.from(values.get(name) as Uint8Array);
    expect(octets.length).toBeLessThan(300);
    for (const word of ["alice", REALM, "version", "salt"]) expect(octets.includes(word)).toBe(false);
  });
});

describe("who destroys the cache", () => {
  it("has nothing left in the store, and passes over what somebody puts back", async () => {
    const { store, values, names } = openStore();
    const principal = parsePrincipal(`alice@${REALM}`);
    const cache = createStoreCache({ store, key, principal });
    const notes: (Uint8Array | undefined)[] = [];
    const acquire = () =>
      cache.acquire({
        isFresh: () => false,
        obtain: async (kept) => {
          notes.push(await kept?.take());
          kept?.keep(Uint8Array.of(7), 60);
          return { principal, credentials: [] };
        },
      });
    await acquire();
    const [name = ""] = names("proof");
    const old = values.get(name) as Uint8Array;
    await acquire();
    expect(await cache.destroy()).toBe(true);
    expect([...values.keys()]).toEqual([]);
    values.set(name, old);
    await acquire();
    expect(notes).toEqual([undefined, Uint8Array.of(7), undefined]);
  });
});
