// The shelf of a client's tickets: which of a cache's tickets are given out, and what is written there. A cache is shared with
// other programs, so that everything in it is looked at before it is used.

import { beforeEach, describe, expect, it } from "vitest";
import { READ_AT_OPENING } from "../../../src/client/credentials/credential-source.ts";
import { passwordSecret, type Secret } from "../../../src/client/credentials/secret.ts";
import { cacheShelf, type ShelfParts } from "../../../src/client/tickets/cache-shelf.ts";
import { TicketCache } from "../../../src/client/tickets/ticket-cache.ts";
import {
  type CacheContents,
  type Credential,
  type CredentialCache,
  createStoreCache,
  MemoryCaches,
  memoryStore,
  openCache,
} from "../../../src/credentials/index.ts";
import { CredentialError } from "../../../src/errors.ts";
import { TICKET_FLAG } from "../../../src/iana/index.ts";
import { parsePrincipal, type ServiceTicket, tgsPrincipal } from "../../../src/krb5/index.ts";
import { makeCredential, randomBytes } from "../../support/credentials.ts";
import { encTypes } from "./harness.ts";

const REALM = "TEST.EXAMPLE";
const alice = parsePrincipal(`alice@${REALM}`);
const bob = parsePrincipal(`bob@${REALM}`);
const host = parsePrincipal(`host/a@${REALM}`);
const tgs = tgsPrincipal(REALM);
const NOW = Date.UTC(2026, 5, 1, 12);
const HOUR = 3_600_000;
const { signal } = new AbortController();
const noSecret = async () => undefined;

let now: number;
let notes: string[];
let memory: TicketCache;
let cache: CredentialCache;
beforeEach(() => {
  now = NOW;
  notes = [];
  memory = new TicketCache();
  cache = openCache("MEMORY:shelf", { memory: new MemoryCaches(), randomBytes });
});

const one = (server = host, over: Partial<Credential> = {}): Credential =>
  makeCredential(server, {
    client: alice,
    flags: 0,
    authTime: new Date(NOW - HOUR),
    startTime: new Date(NOW - HOUR),
    endTime: new Date(NOW + HOUR),
    ...over,
  });

const shelfOf = (on: CredentialCache = cache, over: Partial<ShelfParts> = {}) =>
  cacheShelf(on, {
    credentials: { principal: alice },
    memory,
    encTypes,
    now: () => now,
    trace: (event) => {
      if (event.type === "note") notes.push(event.text);
    },
    mayBeRenamed: false,
    ...over,
  });

const put = (credentials: Credential[], more: Partial<CacheContents> = {}) =>
  cache.initialize({ principal: alice, credentials, ...more });

/** The cache, of which some calls fail. */
const failing = (error: Error, ...calls: readonly ("initialize" | "store" | "remove")[]): CredentialCache => {
  const inner = cache;
  const { type, name } = inner;
  const fail = async (): Promise<never> => Promise.reject(error);
  return {
    type,
    name,
    read: (options) => inner.read(options),
    initialize: calls.includes("initialize") ? fail : (...all) => inner.initialize(...all),
    store: calls.includes("store") ? fail : (...all) => inner.store(...all),
    remove: calls.includes("remove") ? fail : (...all) => inner.remove(...all),
    setConfig: (...all) => inner.setConfig(...all),
    destroy: (options) => inner.destroy(options),
  };
};

/** A ticket as a KDC gave it. */
const ticketOf = (from: Credential): ServiceTicket => ({
  client: from.client,
  service: from.server,
  sessionKey: encTypes.importKey(from.key.etype, from.key.octets),
  ticket: from.ticket,
  flags: from.flags,
  authTime: from.authTime,
  startTime: from.startTime ?? from.authTime,
  endTime: from.endTime,
  clockOffsetMs: 0,
});

describe("a ticket of the cache is given out", () => {
  const found = async (credential: Credential, more: Partial<CacheContents> = {}, query: object = {}) => {
    await put([credential], more);
    const ticket = await shelfOf().find(host, query);
    return ticket !== undefined && Buffer.from(ticket.ticket).equals(credential.ticket);
  };
  const at = (ms: number): Date => new Date(NOW + ms);

  it.each<[string, Partial<Credential>, boolean]>([
    ["that is as it must be", {}, true],
    ["DG6: of another client", { client: bob }, false],
    ["for user to user", { isSkey: true }, false],
    ["that ends this moment", { endTime: at(0) }, false],
    ["that begins within the skew", { startTime: at(300_000) }, true],
    ["that begins later", { startTime: at(300_001) }, false],
    ["of an enctype that is not permitted", { key: { etype: 20, octets: new Uint8Array(32) } }, false],
    ["whose key has a wrong length", { key: { etype: 18, octets: new Uint8Array(16) } }, false],
    ["of another service", { server: parsePrincipal(`host/b@${REALM}`) }, false],
    ["of the same service of another realm", { server: parsePrincipal("host/a@OTHER") }, false],
  ])("%s: %#", async (_, over, isGiven) => {
    expect(await found(one(host, over))).toBe(isGiven);
  });

  it("by the KDC's clock, as the cache knows it", async () => {
    expect(await found(one(), { clockOffsetMs: HOUR - 61_000 })).toBe(true);
    expect(await found(one(), { clockOffsetMs: HOUR })).toBe(false);
    const begins = one(host, { startTime: at(HOUR), endTime: at(3 * HOUR) });
    expect(await found(begins, { clockOffsetMs: HOUR - 300_000 })).toBe(true);
    expect(await found(begins, { clockOffsetMs: HOUR - 300_001 })).toBe(false);
  });

  it("without a start by when the client proved who it is", async () => {
    const { startTime: _, ...bare } = one(host, { authTime: at(300_001), endTime: at(3 * HOUR) });
    expect(await found(bare)).toBe(false);
    expect(await found({ ...bare, authTime: at(300_000) })).toBe(true);
  });

  it("of an enctype that was asked for, where one was", async () => {
    const other = one(host, { key: { etype: 17, octets: new Uint8Array(16) } });
    expect(await found(other, {}, { requested: [17] })).toBe(true);
    expect(await found(other, {}, { requested: [18] })).toBe(false);
  });

  it("that is about to end as the last resort alone", async () => {
    const short = one(host, { endTime: at(60_000) });
    expect(await found(short)).toBe(false);
    expect(await found(short, {}, { isLastResort: true })).toBe(true);
    expect(await found(one(host, { endTime: at(60_001) }))).toBe(true);
    expect(await found(one(host, { endTime: at(-1) }), {}, { isLastResort: true })).toBe(false);
  });

  it("the one that lasts longest, and one that cannot be used is passed over with a note", async () => {
    const ends = [1, 3, 2].map((hours) => one(host, { endTime: at(hours * HOUR) }));
    await put([...ends, one(host, { endTime: at(9 * HOUR), key: { etype: 20, octets: new Uint8Array(32) } })]);
    expect((await shelfOf().find(host, {}))?.endTime).toEqual(at(3 * HOUR));
    expect(notes).toEqual([expect.stringMatching(`^a cached ticket for host/a@${REALM} is passed over: `)]);
  });

  it("under a name without a realm, or in the client's own", async () => {
    const bare = parsePrincipal("host/a@");
    await put([one()]);
    expect((await shelfOf().find(bare, {}))?.service).toEqual(host);
    await put([one(bare)]);
    expect((await shelfOf().find(bare, {}))?.service).toEqual(bare);
    await put([one(parsePrincipal("host/a@OTHER"))]);
    expect(await shelfOf().find(bare, {})).toBeUndefined();
  });

  it("of this principal's cache: another's is an error, or stale where the KDC may call the client otherwise", async () => {
    await cache.initialize({ principal: bob, credentials: [one(host, { client: bob })] });
    await expect(shelfOf().find(host, {})).rejects.toMatchObject({ code: "CCACHE" });
    expect(await shelfOf(cache, { mayBeRenamed: true }).find(host, {})).toBeUndefined();
    await put([one()]);
    expect(await shelfOf(cache, { mayBeRenamed: true }).find(host, {})).toBeDefined();
    await cache.destroy();
    expect(await shelfOf().find(host, {})).toBeUndefined();
  });
});

describe("a ticket-granting ticket of the cache", () => {
  const look = (over: Partial<ShelfParts> = {}) => shelfOf(cache, over).look(signal, noSecret);

  it("is held where it has not ended, and good where it is not about to", async () => {
    const held = async (over: Partial<Credential>) => {
      await put([one(tgs, over)]);
      const { held, isGood } = await look();
      return [held !== undefined, isGood];
    };
    expect(await held({})).toEqual([true, true]);
    expect(await held({ endTime: new Date(NOW + 60_000) })).toEqual([true, false]);
    expect(await held({ endTime: new Date(NOW) })).toEqual([false, false]);
    expect(await held({ flags: TICKET_FLAG.invalid })).toEqual([false, false]);
    await put([one(tgs, { flags: TICKET_FLAG.invalid, endTime: new Date(NOW + 2 * HOUR) }), one(tgs)]);
    expect((await look()).held?.ticket.endTime).toEqual(new Date(NOW + HOUR));
  });

  it("is that of the realm where the client was sent to", async () => {
    const foreign = parsePrincipal("krbtgt/OTHER@OTHER");
    const config = [{ key: "start_realm", value: new TextEncoder().encode("OTHER") }];
    await put([one(tgs), one(foreign)], { config });
    expect((await look()).held?.ticket.service).toEqual(foreign);
  });

  it("is renewed when its time has come, for credentials that want that", async () => {
    const config = [{ key: "refresh_time", value: new TextEncoder().encode(String(NOW / 1000)) }];
    await put([one(tgs)], { config });
    const wanting = { credentials: { principal: alice, isRefreshedAtHalf: true } };
    expect([(await look()).isGood, (await look(wanting)).isGood]).toEqual([true, false]);
    now = NOW - 1;
    expect((await look(wanting)).isGood).toBe(true);
    now = NOW;
    await put([one(tgs)]);
    expect((await look(wanting)).isGood).toBe(true);
  });

  it("of another realm is taken into memory: for a walk that begins there; what memory has stays", async () => {
    const other = (realm: string, over: Partial<Credential> = {}) =>
      one(parsePrincipal(`krbtgt/${realm}@${REALM}`), over);
    await put([one(tgs), one(host), other("A"), other("B", { endTime: new Date(NOW + 60_000) }), other("C")]);
    const kept = ticketOf(other("C"));
    memory.set(kept.service, kept);
    await look();
    const has = (name: string) => memory.get(parsePrincipal(name), NOW);
    expect(has(`krbtgt/A@${REALM}`)).toBeDefined();
    expect(has(`krbtgt/C@${REALM}`)).toBe(kept);
    for (const name of [`krbtgt/B@${REALM}`, `host/a@${REALM}`, `krbtgt/${REALM}@${REALM}`])
      expect(has(name)).toBeUndefined();
    expect(memory.size).toBe(2);
  });

  it("is not taken into memory where the client has none of its own to begin with", async () => {
    await put([one(parsePrincipal(`krbtgt/A@${REALM}`))]);
    expect(await look()).toMatchObject({ held: undefined, isGood: false });
    expect(memory.size).toBe(0);
  });
});

describe("what was read when the credentials were opened", () => {
  const reading = async () => {
    await put([one()]);
    const contents = (await cache.read()) as CacheContents;
    await cache.destroy();
    return shelfOf(cache, {
      credentials: { principal: alice, [READ_AT_OPENING]: contents } as ShelfParts["credentials"],
    });
  };

  it("CC17: is used once, for a second, whichever way the clock went", async () => {
    for (const [ms, isUsed] of [
      [0, true],
      [999, true],
      [-999, true],
      [1000, false],
      [-1000, false],
    ] as const) {
      now = NOW;
      const shelf = await reading();
      now = NOW + ms;
      expect([ms, (await shelf.find(host, {})) !== undefined]).toEqual([ms, isUsed]);
      expect(await shelf.find(host, {})).toBeUndefined();
    }
  });

  it("CC17: is not used where the call that opened them ended without a look", async () => {
    const shelf = await reading();
    shelf.forgetRead();
    expect(await shelf.find(host, {})).toBeUndefined();
  });
});

describe("what a client got is kept", () => {
  const names = async () => (await cache.read())?.credentials.map(({ server }) => server);
  const other = parsePrincipal("host/b@OTHER");
  const bare = parsePrincipal("host/a@");

  it("under the name that was asked for, or that of the client's own realm, with the tickets of the way", async () => {
    await put([]);
    const shelf = shelfOf();
    const hop = parsePrincipal(`krbtgt/OTHER@${REALM}`);
    await shelf.add(other, ticketOf(one(other)), [ticketOf(one(hop))]);
    expect(await names()).toEqual([hop, other]);
    await put([]);
    await shelf.add(bare, ticketOf(one(host)), []);
    expect(await names()).toEqual([host]);
    await put([]);
    await shelf.add(bare, ticketOf(one(other)), []);
    expect(await names()).toEqual([bare]);
    await put([]);
    // An alias: the name that was asked for finds it, not the one that the KDC gave.
    await shelf.add(parsePrincipal(`host/alias@${REALM}`), ticketOf(one(host)), []);
    expect(await names()).toEqual([parsePrincipal(`host/alias@${REALM}`)]);
  });

  it("in memory only where the cache cannot be written: a note, and no error; a fault of the program is one", async () => {
    const full = failing(new CredentialError("CCACHE", "no room"), "store", "remove");
    await shelfOf(full).add(host, ticketOf(one()), []);
    await shelfOf(full).drop(ticketOf(one()));
    expect(notes).toEqual(["kept in memory only: no room", "not removed: no room"]);
    const faulty = failing(new RangeError("a fault"), "store", "remove");
    await expect(shelfOf(faulty).add(host, ticketOf(one()), [])).rejects.toThrow("a fault");
    await expect(shelfOf(faulty).drop(ticketOf(one()))).rejects.toThrow("a fault");
  });

  it("after a login: the cache is made anew; where that fails, nothing is written to what stands there", async () => {
    const login = async (on: CredentialCache) => {
      const shelf = shelfOf(on);
      const { acquire } = await shelf.look(signal, noSecret);
      const ticket = ticketOf(one(tgs));
      const held = await acquire(
        async () => ({ ticket }),
        signal,
        () => false,
      );
      expect(held?.ticket.ticket).toEqual(ticket.ticket);
      await shelf.add(host, ticketOf(one()), []);
    };
    await login(cache);
    expect(await names()).toEqual([tgs, host]);
    await put([]);
    await login(failing(new CredentialError("CCACHE", "not ours"), "initialize"));
    expect(await names()).toEqual([]);
    expect(notes).toEqual(["kept in memory only: not ours"]);
  });

  it("of a login for a service is given as such, and else the ticket-granting ticket", async () => {
    const get = async (direct: typeof host | undefined, over: Partial<Credential> = {}) => {
      const { acquire } = await shelfOf().look(signal, noSecret);
      const obtain = async () => ({ ticket: ticketOf(one(direct ?? tgs, over)) });
      return (await acquire(obtain, signal, () => false, direct))?.ticket.service;
    };
    expect(await get(host)).toEqual(host);
    expect(await get(undefined)).toEqual(tgs);
    // One that is about to end is no ticket for the service.
    await put([]);
    expect(await get(host, { endTime: new Date(NOW + 60_000) })).toBeUndefined();
  });
});

describe("a ticket that a server refused", () => {
  it("is taken out of the cache, and no other", async () => {
    const [bad, good] = [one(), one()];
    await put([bad, good]);
    const shelf = shelfOf();
    await shelf.drop(ticketOf(bad));
    expect((await cache.read())?.credentials.map(({ ticket }) => ticket)).toEqual([good.ticket]);
    expect((await shelf.find(host, {}))?.ticket).toEqual(good.ticket);
  });

  it("is not given out again though it stays there: of the 64 that were refused last", async () => {
    const bad = one();
    await put([bad]);
    const shelf = shelfOf(failing(new CredentialError("CCACHE", "read only"), "remove"));
    await shelf.drop(ticketOf(bad));
    expect(await shelf.find(host, {})).toBeUndefined();
    for (let n = 0; n < 63; n++) await shelf.drop(ticketOf(one()));
    expect(await shelf.find(host, {})).toBeUndefined();
    await shelf.drop(ticketOf(one()));
    expect(await shelf.find(host, {})).toBeDefined();
  });
});

describe("ST5: a store serves many secrets", () => {
  const key = new Uint8Array(32).fill(7);
  const store = memoryStore();
  const storeCache = () => createStoreCache({ store, key, principal: alice });
  const as = (secret: Secret | undefined) =>
    secret === undefined
      ? shelfOf(storeCache())
      : shelfOf(storeCache(), { credentials: { principal: alice, loadSecret: async () => secret } });
  const right = passwordSecret(alice, "right");
  const { identity: _, ...nameless } = right;

  it("and gives the tickets of one to that one, and of none that nobody can tell from another", async () => {
    // The seal of a store goes by the real clock.
    now = Date.now();
    const far = { authTime: new Date(now - HOUR), startTime: new Date(now - HOUR), endTime: new Date(now + HOUR) };
    const shelf = as(right);
    const { acquire } = await shelf.look(signal, async () => right);
    let isGiven: boolean | undefined;
    await acquire(
      async (kept) => {
        isGiven = kept !== undefined;
        return { ticket: ticketOf(one(tgs, far)) };
      },
      signal,
      () => false,
    );
    expect(isGiven).toBe(true);
    await shelf.add(host, ticketOf(one(host, far)), []);
    const sees = async (secret: Secret | undefined) => (await as(secret).find(host, {})) !== undefined;
    expect(await sees(right)).toBe(true);
    expect(await sees(passwordSecret(alice, "wrong"))).toBe(false);
    expect(await sees(undefined)).toBe(false);
    // A keytab whose key has the octets of the password.
    expect(await sees({ ...right, kind: "keytab" })).toBe(false);
    expect(await sees(nameless as Secret)).toBe(false);
  });

  it("and keeps nothing for a secret that nobody can tell from another", async () => {
    const shelf = as(nameless as Secret);
    const { acquire, isGood } = await shelf.look(signal, async () => nameless as Secret);
    expect(isGood).toBe(false);
    const held = await acquire(
      async () => ({ ticket: ticketOf(one(tgs)) }),
      signal,
      () => false,
    );
    expect(held).toBeDefined();
    await shelf.add(host, ticketOf(one()), []);
    await shelf.drop(ticketOf(one()));
    await shelf.forgetRejection();
    expect(await shelf.find(host, {})).toBeUndefined();
    expect(notes).toEqual([]);
  });
});
