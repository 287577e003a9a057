// What a client does with its tickets and its secret, through createClient and with no socket.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  cacheHost,
  createStoreCache,
  credentialOfTicket,
  decodeKeytab,
  Keytab,
  MemoryCaches,
  memoryStore,
  openCache,
  passwordSecret,
} from "../../../src/entry/credentials.ts";
import {
  type ClientOptions,
  CredentialError,
  contentsOfLogin,
  createClient,
  createKerberos,
  KerberosError,
  type RemctlClient,
  type TraceEvent,
} from "../../../src/entry/index.ts";
import { createTestRealm, type TestRealm } from "../../../src/entry/testing.ts";
import { formatPrincipal, parsePrincipal } from "../../../src/krb5/index.ts";
import { nodeRuntime } from "../../../src/runtime/index.ts";
import { startFakeKcm } from "../../support/fake-kcm.ts";
import { rejectedWith } from "../../support/rejected.ts";
import { udpTo } from "../../support/udp-to-realm.ts";

const alice = "alice@TEST.EXAMPLE";
const tgs = "krbtgt/TEST.EXAMPLE@TEST.EXAMPLE";
const service = "host/localhost@TEST.EXAMPLE";
const MINUTE = 60_000;

let realm: TestRealm;
let nowMs: number;
/** What was asked, and the proofs of the secret among it. */
let asked: string[];
let proofs: number;
let notes: string[];

beforeEach(async () => {
  nowMs = Date.now();
  realm = await createTestRealm({
    realm: "TEST.EXAMPLE",
    now: () => nowMs,
    principals: {
      alice: { password: "secret" },
      bob: { password: "bobs" },
      "host/localhost": {},
      "HTTP/localhost": {},
    },
  });
  asked = [];
  proofs = 0;
  notes = [];
});
afterEach(() => realm.close());

const onTrace = (event: TraceEvent): void => {
  if (event.type === "kdc-request") asked.push(event.message);
  if (event.type === "preauth-chosen") proofs += 1;
  if (event.type === "note") notes.push(event.text);
};

function clientOf(options: Partial<ClientOptions> = {}): RemctlClient {
  return createClient({
    credentials: { principal: alice, password: "secret" },
    kdc: realm.kdc,
    dial: realm.dial,
    now: () => nowMs,
    onTrace,
    ...options,
  });
}

/** A datagram socket of a realm. */
/** Alice's, with a key that the KDC does not have. */
function staleKeytab(octet: number): Keytab {
  const keyBlock = { etype: 18, octets: new Uint8Array(32).fill(octet) };
  return new Keytab([{ principal: parsePrincipal(alice), timestamp: new Date(0), kvno: octet, keyBlock }]);
}

const failure = rejectedWith(KerberosError);

describe("tickets", () => {
  it("that for krbtgt of the client's own realm is the login", async () => {
    const client = clientOf();
    const ticket = await client.getTicket(tgs);
    expect(formatPrincipal(ticket.service)).toBe(tgs);
    expect(asked).toEqual(["AS-REQ", "AS-REQ"]);
    await client.getTicket(service);
    expect(await client.getTicket(tgs)).toBe(ticket);
    expect(asked).toEqual(["AS-REQ", "AS-REQ", "TGS-REQ"]);
  });

  it("those who ask at the same time share one login and one ticket", async () => {
    const client = clientOf();
    await Promise.all([
      client.getTicket(service),
      client.getTicket(service),
      client.getTicket("HTTP/localhost@TEST.EXAMPLE"),
    ]);
    expect(asked).toEqual(["AS-REQ", "AS-REQ", "TGS-REQ", "TGS-REQ"]);
  });

  it("a login is renewed before it ends, with no proof of the secret, and made anew when it cannot be", async () => {
    const client = clientOf({ lifetimeSeconds: 600, renewLifetimeSeconds: 1500 });
    const first = await client.getTicket(tgs);
    nowMs += 9.5 * MINUTE;
    const second = await client.getTicket(tgs);
    expect(second.endTime.getTime()).toBeGreaterThan(first.endTime.getTime());
    expect(second.authTime).toEqual(first.authTime);
    expect({ asked, proofs }).toEqual({ asked: ["AS-REQ", "AS-REQ", "TGS-REQ"], proofs: 1 });
    // To the last moment of its renewals, and then a new login.
    nowMs += 9.4 * MINUTE;
    expect((await client.getTicket(tgs)).renewTill).toEqual(first.renewTill);
    nowMs += 10 * MINUTE;
    expect((await client.getTicket(tgs)).authTime.getTime()).toBeGreaterThan(first.authTime.getTime());
    expect(proofs).toBe(2);
  });

  it("a login that the KDC does not renew is made anew", async () => {
    const client = clientOf({ lifetimeSeconds: 600, renewLifetimeSeconds: 3600 });
    await client.getTicket(tgs);
    nowMs += 9.5 * MINUTE;
    realm.fault({ on: "tgs-req", name: "krb-error", code: 12, count: 1 });
    await client.getTicket(tgs);
    expect(proofs).toBe(2);
    expect(notes.join()).toContain("not renewed, logging in");
  });

  it("what is at hand is used to its end while no KDC answers", async () => {
    const client = clientOf({ lifetimeSeconds: 600 });
    const first = await client.getTicket(tgs);
    nowMs += 9.5 * MINUTE;
    realm.fault({ name: "drop" });
    expect((await client.getTicket(tgs)).ticket).toEqual(first.ticket);
    expect(notes.join()).toContain("the current one ends at");
    nowMs += MINUTE;
    expect((await failure(client.getTicket(tgs))).code).toBe("KDC_UNREACHABLE");
  });

  it("of chosen enctypes are asked for beside the others", async () => {
    const client = clientOf();
    expect((await client.getTicket(service)).sessionKey.encType.etype).toBe(18);
    expect((await client.getTicket(service, { enctypes: [17] })).sessionKey.encType.etype).toBe(17);
    expect((await client.getTicket(service)).sessionKey.encType.etype).toBe(18);
    expect(asked).toHaveLength(4);
    expect((await client.getTicket(service, { enctypes: ["AES128-sha1", 17] })).sessionKey.encType.etype).toBe(17);
    for (const one of [23, "rc4-hmac"]) {
      await expect(client.getTicket(service, { enctypes: [one] })).rejects.toThrow(
        /^enctypes has arcfour-hmac: give aes/,
      );
    }
    expect(asked).toHaveLength(5);
  });

  it("that are only looked for ask nobody, and those that are not stored are not found", async () => {
    const cache = openCache("MEMORY:mine", { memory: new MemoryCaches(), randomBytes: (n) => new Uint8Array(n) });
    const client = clientOf({ cache });
    expect((await failure(client.getTicket(service, { cachedOnly: true }))).code).toBe("NO_CREDENTIAL");
    expect(asked).toEqual([]);
    await client.getTicket(service, { noStore: true });
    expect((await failure(clientOf({ cache }).getTicket(service, { cachedOnly: true }))).code).toBe("NO_CREDENTIAL");
    await client.getTicket(service);
    await clientOf({ cache }).getTicket(service, { cachedOnly: true });
  });
});

describe("a cache", () => {
  const cacheOf = (memory: MemoryCaches) =>
    openCache("MEMORY:mine", { memory, randomBytes: (length) => new Uint8Array(length) });

  it("CR1: a cache of another principal is not written over", async () => {
    const cache = cacheOf(new MemoryCaches());
    await clientOf({ cache, credentials: { principal: "bob@TEST.EXAMPLE", password: "bobs" } }).getTicket(tgs);
    const error = await failure(clientOf({ cache }).getTicket(service));
    expect(error.code).toBe("CCACHE");
    expect(error.message).toContain("has tickets of bob@TEST.EXAMPLE");
    expect(formatPrincipal((await cache.read())?.principal as never)).toBe("bob@TEST.EXAMPLE");
  });

  it("CC15: gets nothing after it could not be made anew: what stands there is another's", async () => {
    const memory = new MemoryCaches();
    const there = cacheOf(memory);
    await there.initialize({ principal: parsePrincipal(alice) });
    const stored: string[] = [];
    const cache = Object.assign(cacheOf(memory), {
      initialize: () => Promise.reject(new CredentialError("CCACHE", "its directory cannot be written")),
      store: async () => void stored.push("a ticket"),
    });
    await clientOf({ cache }).getTicket(service);
    expect(notes.join()).toContain("kept in memory only");
    expect(stored).toEqual([]);
  });

  it("has what another client of it got", async () => {
    const cache = cacheOf(new MemoryCaches());
    const client = clientOf({ cache });
    await client.getTicket(service);
    expect((await cache.read())?.credentials).toHaveLength(2);
    await clientOf({ cache }).getTicket(service);
    expect(asked.filter((message) => message === "TGS-REQ")).toHaveLength(1);
  });

  it("with a ticket whose enctype is not permitted here is as if it were not there", async () => {
    const cache = cacheOf(new MemoryCaches());
    await clientOf({ cache, enctypes: ["aes128-sha1"] }).getTicket(service);
    const ticket = await clientOf({ cache, enctypes: ["aes256-sha1"] }).getTicket(service);
    expect(ticket.sessionKey.encType.etype).toBe(18);
    expect(notes.join()).toContain("passed over");
  });
});

describe("the environment", () => {
  let dir: string;
  beforeEach(() => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), "environment-"));
  });
  afterEach(() => fs.rmSync(dir, { recursive: true }));

  it("KRB5CCNAME=KCM: is the daemon's primary cache, at kcm_socket", async () => {
    const kcm = await startFakeKcm(path.join(dir, "kcm"));
    try {
      const config = `[libdefaults]\n default_realm = TEST.EXAMPLE\n kcm_socket = ${kcm.path}\n`;
      const own = { config, environment: { env: { KRB5CCNAME: "KCM:" } } };
      const primary = openCache("KCM:0", { ...cacheHost(), kcmSocket: kcm.path });
      await clientOf({ ...own, cache: primary }).getTicket(tgs);
      const client = createClient({ kdc: realm.kdc, dial: realm.dial, now: () => nowMs, onTrace, ...own });
      await client.getTicket(service);
      expect(formatPrincipal(await client.identify())).toBe(alice);
      expect(proofs).toBe(1);
      expect((await primary.read())?.credentials).toHaveLength(2);
    } finally {
      await kcm.close();
    }
  });

  it("where there are no users it says what to give", async () => {
    const client = createClient({ kdc: realm.kdc, dial: realm.dial, environment: { env: {} } });
    const error = await failure(client.getTicket(service));
    expect(error.code).toBe("NO_CREDENTIAL");
    expect(error.message).toMatch(/no uid.*KRB5CCNAME.*option credentials/);
  });

  it("a type of cache that cannot be had here says what to use instead", async () => {
    const client = createClient({
      kdc: realm.kdc,
      dial: realm.dial,
      environment: { env: { KRB5CCNAME: "KEYRING:persistent:1000" } },
    });
    const error = await failure(client.getTicket(service));
    expect(error.code).toBe("CCACHE");
    expect(error.message).toMatch(/keyring.*FILE:, DIR: or KCM:/);
  });

  it("says of a client keytab that is there and damaged that it is", async () => {
    const keytabFile = path.join(dir, "damaged.keytab");
    fs.writeFileSync(keytabFile, realm.keytab("alice").slice(0, 30));
    const environment = { env: { KRB5CCNAME: `FILE:${dir}/cc`, KRB5_CLIENT_KTNAME: keytabFile } };
    const error = await failure(createClient({ kdc: realm.kdc, dial: realm.dial, environment }).getTicket(service));
    expect(error.code).toBe("NO_CREDENTIAL");
    expect(error.message).toMatch(/damaged\.keytab: it is damaged.*\(at octet \d+\)/);
    expect(error.message).not.toContain("no client keytab");
    expect(error.cause).toMatchObject({ code: "KEYTAB" });
  });

  it("a client keytab that cannot be refreshed is used to the end of its tickets, and asked for every half minute", async () => {
    const keytabFile = path.join(dir, "client.keytab");
    fs.writeFileSync(keytabFile, realm.keytab("alice"));
    const environment = { env: { KRB5CCNAME: `FILE:${dir}/cc`, KRB5_CLIENT_KTNAME: keytabFile } };
    const options = { kdc: realm.kdc, dial: realm.dial, environment, now: () => nowMs, onTrace, lifetimeSeconds: 600 };
    const client = createClient(options);
    const first = await client.getTicket(tgs);
    nowMs += 6 * MINUTE;
    realm.fault({ name: "drop" });
    const requests = () => asked.length;
    const before = requests();
    expect((await client.getTicket(tgs)).ticket).toEqual(first.ticket);
    expect(requests()).toBeGreaterThan(before);
    const after = requests();
    await client.getTicket(tgs);
    expect(requests()).toBe(after);
    realm.clearFaults();
    nowMs += MINUTE;
    expect((await client.getTicket(tgs)).authTime.getTime()).toBeGreaterThan(first.authTime.getTime());
  });
});

describe("P11: a rejected secret", () => {
  it("P11: rests through createClient for the time that was set, and is then tried once more", async () => {
    const client = clientOf({ credentials: { principal: alice, password: "wrong" }, rejectedSecretRestSeconds: 120 });
    expect((await failure(client.getTicket(service))).code).toBe("WRONG_PASSWORD");
    const error = await failure(client.getTicket(service));
    expect(error.code).toBe("WRONG_PASSWORD");
    expect(error.message).toContain("not tried again before");
    expect(error.retryAfter).toEqual(new Date(nowMs + 120_000));
    expect(proofs).toBe(1);
    nowMs += 119_000;
    await failure(client.getTicket(service));
    expect(proofs).toBe(1);
    nowMs += 2_000;
    await failure(client.getTicket(service));
    expect(proofs).toBe(2);
  });

  it("P11: a new secret is tried at once", async () => {
    let password = "wrong";
    const client = clientOf({ credentials: { principal: alice, password: () => password } });
    await failure(client.getTicket(service));
    password = "secret";
    await client.getTicket(service);
    expect(proofs).toBe(2);
  });

  it("P11: a keytab with the same old keys rests too, and one with new keys does not", async () => {
    let keys = staleKeytab(7);
    const client = clientOf({ credentials: { principal: alice, keytab: async () => keys } });
    expect((await failure(client.getTicket(service))).code).toBe("KEYTAB");
    keys = staleKeytab(7);
    expect((await failure(client.getTicket(service))).message).toContain("not tried again");
    expect(proofs).toBe(1);
    keys = staleKeytab(8);
    await failure(client.getTicket(service));
    expect(proofs).toBe(2);
  });

  it("P11: rests for all who share the store, and for no other principal", async () => {
    const store = memoryStore();
    const cache = { store, key: new Uint8Array(32).fill(9) };
    const wrong = () => clientOf({ cache, credentials: { principal: alice, password: "wrong" } });
    expect((await failure(wrong().getTicket(service))).code).toBe("WRONG_PASSWORD");
    for (let i = 0; i < 3; i++) expect((await failure(wrong().getTicket(service))).code).toBe("WRONG_PASSWORD");
    expect(proofs).toBe(1);
    await clientOf({ cache, credentials: { principal: "bob@TEST.EXAMPLE", password: "bobs" } }).getTicket(service);
    await clientOf({ cache }).getTicket(service);
    expect(proofs).toBe(3);
  });

  it("P11: a stale keytab rests for all who share the store, as a wrong password does", async () => {
    const cache = { store: memoryStore(), key: new Uint8Array(32).fill(9) };
    const stale = staleKeytab(7);
    const another = () => clientOf({ cache, credentials: { principal: alice, keytab: stale } });
    for (let i = 0; i < 3; i++) expect((await failure(another().getTicket(service))).code).toBe("KEYTAB");
    expect(proofs).toBe(1);
    const newer = clientOf({ cache, credentials: { principal: alice, keytab: staleKeytab(8) } });
    expect((await failure(newer.getTicket(service))).code).toBe("KEYTAB");
    expect(proofs).toBe(2);
  });
});

describe("P16: what lets a secret rest", () => {
  const cache = () => ({ store: memoryStore(), key: new Uint8Array(32).fill(9) });

  it.each([6, 18, 1, 23])("P16: not error %i, which anybody could have sent before any proof", async (code) => {
    const shared = cache();
    realm.fault({ on: "as-req", name: "krb-error", code, count: 1 });
    await failure(clientOf({ cache: shared }).getTicket(service));
    await clientOf({ cache: shared }).getTicket(service);
  });

  it("P16: a refusal by TCP, for all who share the store; one by UDP, for this client only", async () => {
    for (const isUdp of [false, true]) {
      const shared = cache();
      const { connectUdp: _none, ...rest } = nodeRuntime();
      const runtime = {
        ...rest,
        connectUdp: async () => udpTo((request) => realm.handle(request, { transport: "udp" })),
      };
      const way: Partial<ClientOptions> = isUdp
        ? { kdc: ["udp://kdc.test.example"], dial: undefined as never, runtime }
        : {};
      const wrong = () => clientOf({ cache: shared, credentials: { principal: alice, password: "wrong" }, ...way });
      const one = wrong();
      expect((await failure(one.getTicket(service))).code).toBe("WRONG_PASSWORD");
      const again = "not tried again before";
      expect((await failure(one.getTicket(service))).message).toContain(again);
      const { message } = await failure(wrong().getTicket(service));
      expect(message).toEqual(isUdp ? expect.not.stringContaining(again) : expect.stringContaining(again));
    }
  });
});

describe("a store", () => {
  it("has one login for clients that share it, and their service tickets", async () => {
    const cache = { store: memoryStore(), key: new Uint8Array(32).fill(9) };
    const clients = Array.from({ length: 20 }, () => clientOf({ cache }));
    await Promise.all(clients.map((client) => client.getTicket(tgs)));
    expect(proofs).toBe(1);
    await clients[0]?.getTicket(service);
    await clientOf({ cache }).getTicket(service);
    expect(asked.filter((message) => message === "TGS-REQ")).toHaveLength(1);
  });

  it("has one renewal for clients that share it, with no proof of the secret", async () => {
    const cache = { store: memoryStore(() => nowMs), key: new Uint8Array(32).fill(9) };
    const options = { cache, lifetimeSeconds: 600, renewLifetimeSeconds: 3600 };
    await clientOf(options).getTicket(service);
    nowMs += 9.5 * MINUTE;
    const tickets = await Promise.all(Array.from({ length: 10 }, () => clientOf(options).getTicket(tgs)));
    expect(new Set(tickets.map(({ endTime }) => endTime.getTime())).size).toBe(1);
    expect(proofs).toBe(1);
    expect(asked).toEqual(["AS-REQ", "AS-REQ", "TGS-REQ", "TGS-REQ"]);
  });

  it("takes an open cache as well as the settings of one", async () => {
    const cache = createStoreCache({
      store: memoryStore(),
      key: new Uint8Array(16),
      principal: parsePrincipal(alice),
    });
    await clientOf({ cache }).getTicket(service);
    await clientOf({ cache }).getTicket(service);
    expect(proofs).toBe(1);
    // What a client got with a secret is not in the cache of those who have none.
    expect(await cache.read()).toBeUndefined();
  });

  it("ST5: has nothing for another secret, which has to log in, and no other secret's tickets are lost by it", async () => {
    const cache = { store: memoryStore(), key: new Uint8Array(32).fill(9) };
    const as = (password: string, more: Partial<ClientOptions> = {}) =>
      clientOf({ cache, credentials: { principal: alice, password }, ...more });
    await as("secret").getTicket(service);
    expect((await failure(as("nonsense").getTicket(service))).code).toBe("WRONG_PASSWORD");
    for (const password of ["", "nonsense", "secret "]) {
      const offline = as(password, { kdc: ["tcp://127.0.0.1:1"], dial: () => Promise.reject(new Error("no network")) });
      await failure(offline.getTicket(service));
      expect((await failure(offline.getTicket(service, { cachedOnly: true }))).code).toBe("NO_CREDENTIAL");
    }
    asked = [];
    await as("secret").getTicket(service);
    expect(asked).toEqual([]);
  });

  it("ST5: a keytab finds what was got with the same key, whatever else is in it, and a password nothing of that", async () => {
    const cache = { store: memoryStore(), key: new Uint8Array(32).fill(9) };
    const bytes = realm.keytab("alice");
    const all = decodeKeytab(bytes);
    const best = new Keytab(all.entries.filter(({ keyBlock }) => keyBlock.etype === 18));
    await clientOf({ cache, credentials: { principal: alice, keytab: all } }).getTicket(service);
    await clientOf({ cache, credentials: { principal: alice, keytab: best } }).getTicket(service);
    expect(proofs).toBe(1);
    await clientOf({ cache }).getTicket(service);
    expect(proofs).toBe(2);
    // With newer keys beside the old ones it is another secret.
    const newer = new Keytab([...all.entries, ...staleKeytab(9).entries]);
    await failure(clientOf({ cache, credentials: { principal: alice, keytab: newer } }).getTicket(service));
    expect(proofs).toBe(3);
  });

  it("ST5: a secret that nobody can tell from another, as a one-time password, shares nothing", async () => {
    const map = new Map<string, Uint8Array>();
    const store = { ...memoryStore(), set: async (name: string, value: Uint8Array) => void map.set(name, value) };
    const { identity: _none, ...once } = passwordSecret(parsePrincipal(alice), "secret");
    const credentials = {
      kind: "once",
      open: async () => ({ principal: parsePrincipal(alice), loadSecret: async () => once }),
    };
    const client = clientOf({ cache: { store, key: new Uint8Array(32).fill(9) }, credentials });
    await client.getTicket(service);
    await client.getTicket(service);
    expect(map.size).toBe(0);
    expect(proofs).toBe(1);
  });
});

describe("names and options", () => {
  it("a principal without a realm is in default_realm, and without one says what to do", async () => {
    const config = "[libdefaults]\n default_realm = TEST.EXAMPLE\n";
    const credentials = { principal: "alice", password: "secret" };
    await clientOf({ credentials, config }).getTicket(service);
    const error = await failure(clientOf({ credentials }).getTicket(service));
    expect(error.code).toBe("NO_REALM");
    expect(error.message).toContain("default_realm");
  });

  it("krb5.conf sets lifetimes, flags and enctypes, and options come before it", async () => {
    const config = `[libdefaults]
 ticket_lifetime = 20m
 renew_lifetime = 2h
 forwardable = true
 permitted_enctypes = aes128-cts
[realms]
 TEST.EXAMPLE = {
  kdc = ${(realm.kdc[0] as string).replace("tcp://", "")}
 }
`;
    const ticket = await clientOf({ config, kdc: undefined as never }).getTicket(tgs);
    expect(ticket.endTime.getTime() - nowMs).toBeLessThanOrEqual(20 * MINUTE);
    expect(ticket.renewTill?.getTime()).toBeGreaterThan(nowMs + 100 * MINUTE);
    expect(ticket.flags & 0x40000000).not.toBe(0);
    expect(ticket.sessionKey.encType.etype).toBe(17);
    const other = await clientOf({ config, lifetimeSeconds: 300, enctypes: ["aes256-sha1"] }).getTicket(tgs);
    expect(other.endTime.getTime() - nowMs).toBeLessThanOrEqual(5 * MINUTE);
    expect(other.sessionKey.encType.etype).toBe(18);
  });

  it("what is no credential is the caller's mistake", () => {
    expect(() => createClient({ credentials: { principal: alice } as never })).toThrow(TypeError);
    expect(() => createClient({ credentials: null as never })).toThrow(TypeError);
  });

  it("asks for no enctype that would be refused, whatever comes first in krb5.conf", async () => {
    const bodies: string[] = [];
    for (const lines of [
      "permitted_enctypes = camellia rc4 aes128-cts",
      "default_tkt_enctypes = camellia256-cts aes128-cts\n default_tgs_enctypes = rc4 aes128-cts",
    ]) {
      const ticket = await clientOf({ config: `[libdefaults]\n ${lines}\n` }).getTicket(service);
      bodies.push(`${ticket.sessionKey.encType.etype}`);
    }
    expect(bodies).toEqual(["17", "17"]);
    for (const tag of ["permitted_enctypes", "default_tkt_enctypes", "default_tgs_enctypes"]) {
      const client = clientOf({ config: `[libdefaults]\n ${tag} = arcfour-hmac camellia\n` });
      const error = await failure(client.getTicket(service));
      expect(error).toMatchObject({ code: "CONFIG", key: tag });
    }
  });

  it("a ticket for a service may do what the ticket-granting ticket may do", async () => {
    const ticket = await clientOf({ forwardable: true, proxiable: true, renewLifetimeSeconds: 200_000 }).getTicket(
      service,
    );
    expect(ticket.flags & 0x50800000).toBe(0x50800000);
    expect(ticket.renewTill).toBeDefined();
    expect((await clientOf().getTicket(service)).flags & 0x50800000).toBe(0);
  });

  it("tickets that cannot be used and have not ended are not said to have ended", async () => {
    const memory = new MemoryCaches();
    const { randomBytes } = await createKerberos({ config: "" }).host();
    const cache = openCache("MEMORY:x", { memory, randomBytes });
    const principal = parsePrincipal(alice);
    await cache.initialize({ principal, credentials: [credentialOfTicket(await clientOf().getTicket(tgs))] });
    const credentials = { kind: "ccache", open: async () => ({ principal, cache }) };
    const error = await failure(clientOf({ credentials, enctypes: ["aes128-sha2"] }).getTicket(service));
    expect(error.code).toBe("NO_CREDENTIAL");
    expect(error.message).toMatch(
      /^there is no ticket-granting ticket of alice@TEST\.EXAMPLE in \S+ that can be used: log/,
    );
    nowMs += 2 * 86_400_000;
    const ended = await failure(clientOf({ credentials }).getTicket(service));
    expect([ended.code, ended.message]).toEqual(["TICKET_EXPIRED", expect.stringContaining(" ended at ")]);
  });

  it("a cache with a ticket-granting ticket of another realm is used from where it starts, and is written so", async () => {
    const other = await createTestRealm({ realm: "OTHER.EXAMPLE", now: () => nowMs, principals: { "host/far": {} } });
    try {
      other.trust(realm);
      const kerberos = createKerberos({ kdc: { "TEST.EXAMPLE": realm.kdc }, dial: realm.dial, now: () => nowMs });
      const own = await clientOf().getTicket(tgs);
      const { ticket } = await kerberos.getServiceTicket(own, "krbtgt/OTHER.EXAMPLE@TEST.EXAMPLE");
      // A KDC that sends its client on gives one of the other realm: this is what such a login writes.
      const foreign = { ...ticket, ticket: ticket.ticket, service: { ...ticket.service, realm: "OTHER.EXAMPLE" } };
      const contents = contentsOfLogin({ ticket: foreign, isFastAvailable: false });
      expect(contents.config).toEqual([{ key: "start_realm", value: new TextEncoder().encode("OTHER.EXAMPLE") }]);
      const { randomBytes } = await createKerberos({ config: "" }).host();
      const cache = openCache("MEMORY:x", { memory: new MemoryCaches(), randomBytes });
      await cache.initialize(contents);
      const credentials = { kind: "ccache", open: async () => ({ principal: parsePrincipal(alice), cache }) };
      asked = [];
      const kdc = { "TEST.EXAMPLE": realm.kdc, "OTHER.EXAMPLE": other.kdc };
      const found = await clientOf({ credentials, kdc }).getTicket("host/far@OTHER.EXAMPLE");
      expect(formatPrincipal(found.service)).toBe("host/far@OTHER.EXAMPLE");
      expect(asked).toEqual(["TGS-REQ"]);
    } finally {
      await other.close();
    }
  });

  it("a new password with a NUL is refused before anything is sent", async () => {
    const client = clientOf();
    for (const newPassword of ["before\0after", new Uint8Array([0x61, 0, 0x62])]) {
      const error: unknown = await client.changePassword(newPassword).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(RangeError);
      expect(String(error)).toMatch(/^RangeError: newPassword has a NUL in it/);
    }
    expect(asked).toEqual([]);
  });

  it("disable_encrypted_timestamp of the realm is obeyed", async () => {
    const config = "[realms]\n TEST.EXAMPLE = {\n  disable_encrypted_timestamp = true\n }\n";
    expect((await failure(clientOf({ config }).getTicket(service))).code).toBe("PREAUTH_UNSUPPORTED");
    expect(proofs).toBe(0);
  });

  it("kdc_timesync = false and clockskew are obeyed", async () => {
    const config = "[libdefaults]\n kdc_timesync = false\n clockskew = 60\n";
    await clientOf({ config }).getTicket(service);
    const off = { config, now: () => nowMs + 2 * MINUTE };
    expect((await failure(clientOf(off).getTicket(service))).code).toBe("CLOCK_SKEW");
    await clientOf({ now: off.now }).getTicket(service);
  });
});
