// Where the drop-in has keys and tickets from, and the class of 0.x where it is called in other ways than usual.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { decodeKeytab, encodeKeytab, Keytab } from "../../../src/entry/credentials.ts";
import { createTestRealm, type TestRealm } from "../../../src/entry/testing.ts";
import { checkPasswordOn } from "../../../src/kerberos/check-password.ts";
import { DropIn } from "../../../src/kerberos/drop-in.ts";
import { type AuthGssClientContext, type AuthGssServerContext, LegacyKerberos } from "../../../src/kerberos/legacy.ts";
import { ownKeys, serverKeys } from "../../../src/kerberos/server-keys.ts";
import { TicketSources } from "../../../src/kerberos/ticket-sources.ts";
import { type KeySource, parsePrincipal } from "../../../src/krb5/index.ts";
import { nodeRuntime } from "../../../src/runtime/index.ts";

const REALM = "TEST.EXAMPLE";
const HTTP = "HTTP/www.example.org";
let realm: TestRealm;
let dir: string;
let env: Record<string, string>;

beforeAll(async () => {
  const people = { alice: { password: "alice-secret" }, bob: { password: "bob-secret" } };
  realm = await createTestRealm({ realm: REALM, principals: { ...people, [HTTP]: {}, "imap/mail.example.org": {} } });
  dir = mkdtempSync(join(tmpdir(), "sources-"));
  for (const who of ["alice", "bob"]) writeFileSync(join(dir, who), realm.ccache(who), { mode: 0o600 });
  writeFileSync(join(dir, "keytab"), encodeKeytab(keytab()), { mode: 0o600 });
});
afterAll(() => rmSync(dir, { recursive: true }));
beforeEach(() => {
  env = { KRB5CCNAME: `FILE:${dir}/alice`, KRB5_KTNAME: `FILE:${dir}/keytab`, KRB5_CLIENT_KTNAME: `${dir}/none` };
});

const keytab = () =>
  new Keytab([HTTP, "imap/mail.example.org"].flatMap((name) => [...decodeKeytab(realm.keytab(name)).entries]));
const world = () => ({
  kdc: realm.kdc,
  dial: realm.dial,
  config: `[libdefaults]\n default_realm = ${REALM}\n`,
  environment: { env },
});
const runtime = nodeRuntime();
const namesOf = (keys: Keytab | KeySource) => (keys as Keytab).principals.map(({ components }) => components.join("/"));
const rejection = (promise: Promise<unknown>): Promise<Error & { code?: string }> =>
  promise.then(
    () => new Error("nothing failed"),
    (error: Error) => error,
  );

describe("the keys of servers", () => {
  const BOTH = [HTTP, "imap/mail.example.org"];

  it("are a keytab, a key source, octets, text, a file by name, or that of the environment", async () => {
    const whole = keytab();
    const source: KeySource = { keysOf: () => [] };
    const keys = (option?: unknown) => serverKeys({ ...world(), keytab: option as never }, runtime);
    expect(await keys(whole)).toBe(whole);
    expect(await keys(source)).toBe(source);
    expect(namesOf(await keys(encodeKeytab(whole)))).toEqual(BOTH);
    expect(namesOf(await keys({ base64: Buffer.from(encodeKeytab(whole)).toString("base64") }))).toEqual(BOTH);
    expect(namesOf(await keys(`FILE:${dir}/keytab`))).toEqual(BOTH);
    expect(namesOf(await keys())).toEqual(BOTH);
    env.KRB5_KTNAME = `FILE:${dir}/absent`;
    expect(await rejection(keys())).toMatchObject({ code: "KEYTAB", reason: "missing" });
  });

  it("cannot be read on a host without files, and it says what to give", async () => {
    const bare = { name: "web" } as never;
    const error = await rejection(serverKeys({ ...world(), environment: { env } }, bare));
    expect(error).toMatchObject({ code: "KEYTAB" });
    expect(error.message).toContain("give the keytab's octets to configure()");
  });

  it("NK1: of a service are its own, and there must be one; a source finds them itself", () => {
    expect(namesOf(ownKeys(keytab(), "HTTP"))).toEqual([HTTP]);
    expect(namesOf(ownKeys(keytab(), ""))).toEqual(BOTH);
    expect(() => ownKeys(keytab(), "nosuch")).toThrow("the keytab has no key of that service");
    const source: KeySource = { keysOf: () => [] };
    expect(ownKeys(source, "nosuch")).toBe(source);
  });
});

describe("a check of a password", () => {
  const check = (username: string, more: object = {}, service = HTTP, defaultRealm?: string) =>
    checkPasswordOn({ ...world(), passwords: true, keytab: keytab(), ...more }, runtime, {
      username,
      password: "alice-secret",
      service,
      defaultRealm,
    });

  it.each([
    ["alice", HTTP, undefined],
    ["alice", "HTTP@www.example.org", undefined],
    // A service without a host is any of the keytab, as in the native module.
    ["alice", "HTTP", undefined],
    ["alice", "", undefined],
    ["alice", "", REALM],
    [`alice@${REALM}`, "", "OTHER.EXAMPLE"],
  ])("of %s, with a key of %j and the realm %s of those without one, is right", async (username, service, more) => {
    await check(username, {}, service, more);
  });

  it("asks the realm that it is given for those without one", async () => {
    expect(await rejection(check("alice", {}, "", "OTHER.EXAMPLE"))).not.toMatchObject({ message: "nothing failed" });
    expect(await rejection(check("alice", {}, "nosuch/host"))).toMatchObject({ code: "KEYTAB_NO_KEY" });
  });

  it("NK2: needs a keytab, and no other source of keys", async () => {
    const error = await rejection(check("alice", { keytab: { keysOf: () => [] } }));
    expect(error).toMatchObject({ code: "KEYTAB" });
    expect(error.message).toContain("configure() has another key source");
  });
});

describe("the tickets of clients", () => {
  const service = parsePrincipal(`${HTTP}@${REALM}`);
  const clientOf = async (sources: TicketSources, wanted = {}) =>
    (await (await sources.sourceFor(wanted)).getTicket(service)).client.components[0];

  it("come from one client for each principal, as long as its password is the same", async () => {
    const sources = new TicketSources(world(), runtime);
    const bob = { principal: `bob@${REALM}`, password: "bob-secret" };
    const first = await sources.sourceFor(bob);
    expect(await sources.sourceFor(bob)).toBe(first);
    expect(await clientOf(sources, bob)).toBe("bob");
    // Another password may be the right one: it does not rest with that of before.
    const other = await sources.sourceFor({ ...bob, password: "new" });
    expect(other).not.toBe(first);
    expect(await sources.sourceFor({ ...bob, password: "new" })).toBe(other);
    expect(await sources.sourceFor(bob)).not.toBe(first);
    expect(await rejection(other.getTicket(service))).toMatchObject({ code: "WRONG_PASSWORD" });
  });

  it("are those of 64 principals at most: the one that was made first is forgotten", async () => {
    const sources = new TicketSources(world(), runtime);
    const of = (at: number) => sources.sourceFor({ principal: `p${at}@${REALM}`, password: "x" });
    const first = await of(0);
    for (let at = 1; at < 64; at++) await of(at);
    expect(await of(0)).toBe(first);
    await of(64);
    expect(await of(0)).not.toBe(first);
  });

  it("NK5: are looked for anew where the environment is another one", async () => {
    const sources = new TicketSources(world(), runtime);
    const alice = await sources.sourceFor({});
    expect(await sources.sourceFor({})).toBe(alice);
    expect(await clientOf(sources)).toBe("alice");
    env.KRB5CCNAME = `FILE:${dir}/bob`;
    expect(await clientOf(sources)).toBe("bob");
    env.KRB5CCNAME = `FILE:${dir}/absent`;
    // Without a name the first ticket says so; with one it is known at once.
    const none = await sources.sourceFor({});
    expect(await rejection(none.getTicket(service))).toMatchObject({ code: "NO_CREDENTIAL" });
    expect(await rejection(sources.sourceFor({ principal: `bob@${REALM}` }))).toMatchObject({ code: "NO_CREDENTIAL" });
    env.KRB5CCNAME = `FILE:${dir}/alice`;
    expect(await sources.sourceFor({})).toBe(alice);
  });

  it("NK3: of a source of the caller's are those of who is named, delegated ones too", async () => {
    const alice = new TicketSources(world(), runtime);
    const ticket = await (await alice.sourceFor({})).getTicket(service);
    const loadEncTypes = async () => "types" as never;
    const source = { getTicket: async () => ticket, getForwardedTicket: async () => ticket, loadEncTypes };
    const sources = new TicketSources({ ...world(), credentials: source }, runtime);
    expect(await sources.sourceFor({})).toBe(source);
    for (const principal of [`alice@${REALM}`, "alice"]) {
      const named = await sources.sourceFor({ principal });
      expect(await named.getTicket(service)).toBe(ticket);
      expect(await named.getForwardedTicket?.()).toBe(ticket);
      expect(await named.loadEncTypes?.()).toBe("types");
    }
    for (const principal of [`bob@${REALM}`, "bob", "alice@OTHER.EXAMPLE"]) {
      const named = await sources.sourceFor({ principal });
      expect(await rejection(named.getTicket(service))).toMatchObject({ code: "NO_CREDENTIAL" });
      expect(await rejection(Promise.resolve(named.getForwardedTicket?.()))).toMatchObject({ code: "NO_CREDENTIAL" });
    }
    const least = new TicketSources({ ...world(), credentials: { getTicket: async () => ticket } }, runtime);
    const named = await least.sourceFor({ principal: "alice" });
    expect(await named.getForwardedTicket?.()).toBeUndefined();
    expect("loadEncTypes" in named).toBe(false);
  });
});

describe("the functions", () => {
  const made = (more: object = {}) => {
    const dropIn = new DropIn(() => runtime);
    dropIn.configure({ ...world(), ...more });
    return dropIn;
  };

  it("principalDetails finds nothing where keys come from a source", async () => {
    const dropIn = made({ keytab: { keysOf: () => [] } });
    expect((await rejection(dropIn.principalDetails("HTTP", "www.example.org", undefined))).message).toBe(
      "Principal not found in keytab (-1)",
    );
  });

  it("checkPassword takes no realm, an empty one or a callback in its place", async () => {
    const dropIn = made({ passwords: true, keytab: keytab() });
    for (const realmOf of [undefined, "", null]) {
      expect(await dropIn.checkPassword("alice", "alice-secret", HTTP, realmOf, undefined)).toBeNull();
    }
    const called: unknown[] = [];
    await new Promise<void>((resolve) => {
      const done = (...args: unknown[]) => {
        called.push(args);
        resolve();
      };
      expect(dropIn.checkPassword("alice", "alice-secret", HTTP, done, undefined)).toBeUndefined();
    });
    expect(called).toEqual([[null, null]]);
  });

  it("a configuration that comes later begins anew", async () => {
    const dropIn = made();
    const step = async () => (await dropIn.initializeClient("HTTP@www.example.org", {}, undefined)).step("");
    expect(await step()).toBeTypeOf("string");
    dropIn.configure({ ...world(), credentials: { getTicket: () => Promise.reject(new TypeError("another")) } });
    await expect(step()).rejects.toThrow("another");
  });

  it("a failure that is not for want of tickets is not told as one", async () => {
    const dropIn = made();
    const error = await rejection(dropIn.initializeClient("HTTP@h", { principal: "a@b@c" }, undefined));
    expect(error.message).not.toContain("in cache collection");
  });
});

describe("the class of 0.x", () => {
  const called = <T>(call: (done: (error: Error | null, value?: T) => void) => void): Promise<T> =>
    new Promise((resolve, reject) => call((error, value) => (error ? reject(error) : resolve(value as T))));
  const kerberos = () => {
    const dropIn = new DropIn(() => runtime);
    dropIn.configure({ ...world(), keytab: keytab() });
    return new LegacyKerberos(dropIn);
  };

  it("takes the callback in the place of what may be left out", async () => {
    const legacy = kerberos();
    const client = await called<AuthGssClientContext>((done) => legacy.authGSSClientInit("HTTP@www.example.org", done));
    const server = await called<AuthGssServerContext>((done) => legacy.authGSSServerInit("", done));
    expect(await called((done) => legacy.authGSSClientStep(client, done))).toBe(0);
    expect([client.username, client.response]).toEqual([null, expect.any(String)]);
    expect(await called((done) => legacy.authGSSServerStep(server, client.response as string, done))).toBe(1);
    expect([server.username, server.targetname]).toEqual([`alice@${REALM}`, `${HTTP}@${REALM}`]);
    expect(await called((done) => legacy.authGSSClientStep(client, server.response as string, done))).toBe(1);
    expect(client).toEqual({ username: `alice@${REALM}`, response: null });
    expect(await called((done) => legacy.authGSSClientWrap(client, "BwAIAA==", done))).toBe(1);
    const bare = Buffer.from(client.response as string, "base64");
    expect(await called((done) => legacy.authGSSClientWrap(client, "BwAIAA==", "bob", done))).toBe(1);
    expect(Buffer.from(client.response as string, "base64").length).toBe(bare.length + 3);
    expect(await called((done) => legacy.authGSSClientWrap(client, "BwAIAA==", null, done))).toBe(1);
    await expect(called((done) => legacy.authGSSClientUnwrap(client, "AAAA", done))).rejects.toThrow();
    expect(await called((done) => legacy.authGSSServerClean(server, done))).toBe(1);
    expect(server).toMatchObject({ username: null, response: null, targetname: null });
    expect(await called((done) => legacy.authGSSClientClean(client, done))).toBe(1);
    expect(client).toEqual({ username: null, response: null });
    await expect(called((done) => legacy.authGSSClientStep(client, done))).rejects.toThrow(TypeError);
  });

  it.each([null, undefined, 5, "x", {}, { username: null, response: null }])(
    "takes %j for no context, and says what to do",
    async (context) => {
      const legacy = kerberos();
      const failed = called((done) => legacy.authGSSClientStep(context as never, "", done));
      await expect(failed).rejects.toThrow("not one that Init made, or it was cleaned: make another");
      const served = called((done) => legacy.authGSSServerStep(context as never, "AQ==", done));
      await expect(served).rejects.toThrow(TypeError);
    },
  );

  it("has the flags of a client that are asked for", async () => {
    const legacy = kerberos();
    for (const [flags, status] of [
      [0, 1],
      [2, 0],
    ] as const) {
      const client = await called<AuthGssClientContext>((done) =>
        legacy.authGSSClientInit("HTTP@www.example.org", flags, done),
      );
      // Without mutual authentication the first step is the last.
      expect(await called((done) => legacy.authGSSClientStep(client, "", done))).toBe(status);
    }
  });
});
