// The list of docs/lean.md of differences between the main entry and the small clients: a check for each line, and no line without one.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { concat, getUint32 } from "../../src/bytes/index.ts";
import { encryptedChallenge, fast } from "../../src/entry/fast.ts";
import * as main from "../../src/entry/index.ts";
import * as leanNode from "../../src/entry/lean/node.ts";
import * as lean from "../../src/entry/lean.ts";
import { interactive, otp } from "../../src/entry/otp.ts";
import { createRemctlServer, type RemctlServer } from "../../src/entry/server.ts";
import { spake } from "../../src/entry/spake.ts";
import { createTestRealm, type TestRealm } from "../../src/entry/testing.ts";
import { leanOptionNames } from "../../src/remctl-client/lean/option-checks.ts";
import { clientOptionNames } from "../../src/remctl-client/main-checks.ts";
import { framed } from "../support/fake-kdc.ts";
import { sectionOf } from "../support/pages.ts";
import { PreauthKdc } from "../support/preauth-kdc.ts";
import { pa } from "../support/preauth-mechanisms.ts";
import { spakeKdc } from "../support/spake-kdc.ts";

const rows = sectionOf("docs/lean.md", "# The small client")
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| |"))
  .map((line) => (line.split("|")[1] as string).trim());

const SMALL = [lean, leanNode] as const;
const CREDENTIALS = { principal: "alice@TEST.EXAMPLE", password: "secret" };
type CreateClient = (options: lean.LeanClientOptions) => lean.SessionClient;

/** What only the main entry's `createClient` takes. */
const MAIN_ONLY = ["cache", "config", "dns", "environment", "kpasswd", "pac", "site", "trustAnchors"];

let realm: TestRealm;
let server: RemctlServer;
beforeAll(async () => {
  realm = await createTestRealm({
    realm: "TEST.EXAMPLE",
    principals: { alice: { password: "secret" }, "host/localhost": {} },
  });
  const handler = async () => 0;
  const commands = [{ command: "test", subcommand: "args", acl: ["ANYUSER"], handler }];
  server = createRemctlServer({ keytab: realm.keytab("host/localhost"), commands, version1: "allow" });
});
afterAll(async () => void (await Promise.all([server.close(), realm.close()])));

const settings = (more: object = {}) => ({
  credentials: CREDENTIALS,
  kdc: realm.kdc,
  dial: ((host, port, options) => (host === "localhost" ? server : realm).dial(host, port, options)) as main.Dial,
  ...more,
});
/** The TCP endpoint of a realm that listens. */
const tcp = (kdc: readonly string[]): string => `tcp://${new URL(kdc[0] as string).host}`;
const args = ["test", "args"];
const stream = {
  size: 3,
  async *stream() {
    yield new TextEncoder().encode("abc");
  },
};

/** Connections to a KDC in memory: one message, with its length, and the answer. */
const dialOf =
  (kdc: PreauthKdc): main.Dial =>
  async () => {
    let answer = (_: Uint8Array): void => {};
    const readable = new ReadableStream<Uint8Array>({
      start(to) {
        answer = (octets) => to.enqueue(octets);
      },
    });
    const got: Uint8Array[] = [];
    const write = (octets: Uint8Array): void => {
      got.push(octets);
      const all = concat(...got);
      if (all.length < 4 || all.length < 4 + getUint32(all, 0)) return;
      answer(framed(kdc.handle(all.subarray(4))));
    };
    return { readable, writable: new WritableStream({ write }) };
  };

/** Of each line of the list, by its first cell. */
const checks: Readonly<Record<string, () => Promise<void>>> = {
  async "`credentials`"() {
    const host = main.createClient({ ...settings(), credentials: main.password("alice@TEST.EXAMPLE", "secret") });
    expect((await host.remctl("localhost", args)).status).toBe(0);
    expect(() => main.createClient({ kdc: realm.kdc })).not.toThrow();
    for (const { createClient } of SMALL) {
      const { credentials: _, ...without } = settings();
      expect(() => createClient(without as never)).toThrow(TypeError);
      expect(() => createClient(settings({ credentials: main.fromEnvironment() }) as never)).toThrow(TypeError);
      const bare = { principal: "alice", password: "secret" };
      expect(() => createClient(settings({ credentials: bare }))).toThrow(/realm/);
      const keytab = { principal: "alice@TEST.EXAMPLE", keytab: realm.keytab("alice") };
      for (const credentials of [CREDENTIALS, keytab]) {
        expect((await createClient(settings({ credentials })).remctl("localhost", args)).status).toBe(0);
      }
    }
  },
  async "`kdc`"() {
    const { kdc: _, ...without } = settings();
    expect(() => main.createClient(without)).not.toThrow();
    for (const { createClient } of SMALL) expect(() => createClient(without as never)).toThrow(TypeError);
  },
  async "`cache`, `config`, `dns`, `environment`, `kpasswd`, `pac`, `site`, `trustAnchors`"() {
    const values: Readonly<Record<string, unknown>> = {
      cache: "MEMORY:",
      config: false,
      dns: "system",
      environment: { env: {} },
      kpasswd: ["tcp://127.0.0.1:464"],
      pac: true,
      site: "Lab",
      trustAnchors: "-----BEGIN CERTIFICATE-----",
    };
    // The list is whole; FAST has a row of its own.
    const missing = clientOptionNames.filter((name) => !leanOptionNames.includes(name));
    expect(missing.sort()).toEqual(["armorPolicy", ...MAIN_ONLY]);
    for (const name of MAIN_ONLY) {
      expect(() => main.createClient(settings({ [name]: values[name] })), name).not.toThrow();
      for (const { createClient } of SMALL) {
        const make = (): unknown => createClient(settings({ [name]: values[name] }));
        expect(make, name).toThrow(new RegExp(`\\b${name}\\b.*it is an option of the main entry`));
      }
    }
  },
  async "the realm of a server"() {
    const config = "[domain_realm]\n localhost = ELSEWHERE.EXAMPLE\n";
    await expect(main.createClient(settings({ config })).remctl("localhost", args)).rejects.toThrow(/ELSEWHERE/);
    for (const { createClient } of SMALL) {
      const ticket = await createClient(settings()).getTicket("host/localhost");
      expect(ticket.service.realm).toBe("TEST.EXAMPLE");
    }
  },
  async "`changePassword()`"() {
    expect(main.createClient(settings()).changePassword).toBeTypeOf("function");
    for (const { createClient } of SMALL) expect(createClient(settings())).not.toHaveProperty("changePassword");
  },
  async "acting for a user"() {
    const client = main.createClient(settings());
    // The realm in a box gives no ticket for a user: the request was made all the same.
    await expect(client.impersonate("bob")).rejects.toMatchObject({ name: "KdcError" });
    expect(client.actFor("bob").principal).toBeUndefined();
    for (const { createClient, impersonate, actFor } of SMALL) {
      const small = createClient(settings());
      expect(small).not.toHaveProperty("impersonate");
      await expect(impersonate(small, "bob")).rejects.toMatchObject({ name: "KdcError" });
      expect(actFor(small, "bob").principal).toBeUndefined();
    }
  },
  async "pools, many hosts"() {
    const client = main.createClient(settings());
    await using pool = client.pool();
    expect((await pool.run("localhost", args)).status).toBe(0);
    expect((await client.runOnHosts(["localhost"], args)).succeeded).toBe(1);
    for (const { createClient, pool: poolOf, runOnHosts } of SMALL) {
      const small = createClient(settings());
      expect(small).not.toHaveProperty("pool");
      expect(small).not.toHaveProperty("runOnHosts");
      await using own = poolOf(small);
      expect((await own.run("localhost", args)).status).toBe(0);
      expect((await runOnHosts(small, ["localhost"], args)).succeeded).toBe(1);
    }
  },
  async "`remctl()`, `createPool()`, `createKerberos()`"() {
    for (const name of ["remctl", "createPool", "createKerberos"]) {
      expect(main).toHaveProperty(name);
      for (const entry of SMALL) expect(entry).not.toHaveProperty(name);
    }
  },
  async "protocol version 1"() {
    expect((await main.createClient(settings({ protocol: 1 })).remctl("localhost", args)).status).toBe(0);
    for (const { createClient, version1 } of SMALL) {
      const without = createClient(settings({ protocol: 1 })).remctl("localhost", args);
      await expect(without).rejects.toThrow(/version1\(\)/);
      const client = createClient(settings({ protocol: 1, protocols: [version1()] }));
      expect((await client.remctl("localhost", args)).status).toBe(0);
    }
  },
  async "streams as arguments"() {
    expect((await main.createClient(settings()).remctl("localhost", [...args, stream])).status).toBe(0);
    for (const { createClient, streamedArguments } of SMALL) {
      const without = createClient(settings()).remctl("localhost", [...args, stream]);
      await expect(without).rejects.toThrow(/streamedArguments\(\)/);
      const client = createClient(settings({ argumentKinds: [streamedArguments()] }));
      expect((await client.remctl("localhost", [...args, stream])).status).toBe(0);
    }
  },
  async "output as it comes: `stream()`"() {
    const textOf = async (run: main.RemctlRun): Promise<number> => {
      run.discard();
      return await run.status;
    };
    expect(await textOf(await main.createClient(settings()).stream("localhost", args))).toBe(0);
    for (const { createClient, pool, streamedOutput } of SMALL) {
      const sent: unknown[] = [];
      const small = createClient(settings({ onTrace: (event: unknown) => void sent.push(event) }));
      const before = small.stream("localhost", args);
      await expect(before).rejects.toThrow("client.stream needs the option outputKinds: [streamedOutput()]");
      expect(sent.map((event) => (event as { readonly type: string }).type)).not.toContain("kdc-request");
      await using session = await small.connect("localhost");
      expect(() => session.stream(args)).toThrow("session.stream needs the option outputKinds: [streamedOutput()]");
      expect((await session.run(args)).status).toBe(0);
      const client = createClient(settings({ outputKinds: [streamedOutput()] }));
      expect(await textOf(await client.stream("localhost", args))).toBe(0);
      await using own = pool(small);
      expect(await textOf(await own.stream("localhost", args))).toBe(0);
    }
  },
  async "names of KRB-ERROR codes and of types of PA-DATA, sentences of KRB-ERRORs"() {
    const seen = async (create: CreateClient, more: object = {}): Promise<string> => {
      const events: unknown[] = [];
      const onTrace = (event: unknown) => void events.push(event);
      const nobody = { principal: "nobody@TEST.EXAMPLE", password: "secret" };
      const failure = create(settings({ ...more, credentials: nobody })).remctl("localhost", args);
      const { message, cause, ...fields } = (await failure.catch((error) => error)) as Error;
      const offered = create(settings({ ...more, onTrace })).remctl("localhost", args);
      expect((await offered).status).toBe(0);
      return JSON.stringify([message, cause, fields, events]);
    };
    const named = /\(KDC_ERR_C_PRINCIPAL_UNKNOWN.*"KDC_ERR_C_PRINCIPAL_UNKNOWN".*"KDC_ERR_PREAUTH_REQUIRED"/;
    const numbered = /\(KRB_ERR_6.*"errorName":"KRB_ERR_6".*"KRB_ERR_25"/;
    const sentence = "does not know nobody@TEST.EXAMPLE: check the name";
    expect(await seen(main.createClient)).toContain(sentence);
    expect(await seen(main.createClient)).toMatch(named);
    expect(await seen(main.createClient)).toMatch(/"PA-ETYPE-INFO2"/);
    for (const { createClient, registeredNames } of SMALL) {
      const without = await seen(createClient);
      expect(without).toMatch(numbered);
      expect(without).toMatch(/"padata 2"/);
      expect(without).not.toMatch(/KDC_ERR_|PA-ETYPE/);
      expect(without).toContain(
        "the KDC of TEST.EXAMPLE refused the request: look at its log, and at `code` (KRB_ERR_6",
      );
      expect(without).toContain('"code":"CLIENT_UNKNOWN"');
      const withNames = await seen(createClient, { names: registeredNames() });
      expect(withNames).toMatch(named);
      expect(withNames).toMatch(/"PA-ETYPE-INFO2"/);
      expect(withNames).toContain(sentence);
      expect(() => createClient(settings({ names: { krbError: 6 } }))).toThrow("names has no krbError()");
    }
  },
  async connections() {
    await server.listen({ port: 0, host: "127.0.0.1" });
    const { port } = server;
    await realm.listen();
    const { dial: _, ...alone } = settings();
    const kdc = [tcp(realm.kdc)];
    const run = (create: CreateClient) =>
      create({ ...alone, kdc }).remctl("127.0.0.1", args, { port: port as number, service: "host/localhost" });
    expect((await run(main.createClient)).status).toBe(0);
    expect((await run(leanNode.createClient)).status).toBe(0);
    // This is not a Worker; test/runtimes/live has the Worker's own sockets.
    await expect(run(lean.createClient)).rejects.toMatchObject({ code: "UNSUPPORTED_BY_RUNTIME" });
  },
  async "KDCs at `https:` URLs"() {
    const kdc = ["https://proxy.example.org/KdcProxy"];
    expect(main.createClient({ ...settings(), kdc }).principal).toBeDefined();
    for (const { createClient, httpsProxy } of [lean, leanNode]) {
      expect(() => createClient({ ...settings(), kdc })).toThrow("give the option `transports: [httpsProxy()]`");
      expect(createClient({ ...settings(), kdc, transports: [httpsProxy()] }).principal).toBeDefined();
    }
  },
  async "KDCs over UDP"() {
    await realm.listen().catch(() => {});
    const { dial: _, ...alone } = settings();
    const kdc = [tcp(realm.kdc).replace("tcp:", "udp:")];
    expect((await main.createClient({ ...alone, kdc }).getTicket("host/localhost")).client.components).toEqual([
      "alice",
    ]);
    for (const { createClient } of SMALL) {
      // Before anything is sent, since it is the caller's mistake.
      expect(() => createClient({ ...alone, kdc })).toThrow("this client asks KDCs over TCP");
    }
  },
  async SPAKE() {
    /** The messages of SPAKE that a KDC gets from a client that logs in to it. */
    const seenOf = async (create: CreateClient, options: object = {}): Promise<number> => {
      const { script, seen } = spakeKdc({ others: [pa(2)] });
      const kdc = await PreauthKdc.create((request, round, self) => {
        const hasTimestamp = request.padata?.some(({ padataType }) => padataType === 2) === true;
        return hasTimestamp ? {} : script(request, round, self);
      });
      const client = create({ ...settings(), kdc: ["tcp://kdc.example"], dial: dialOf(kdc), ...options });
      await client.getTicket("krbtgt/TEST.EXAMPLE@TEST.EXAMPLE");
      return seen.length;
    };
    expect(await seenOf(main.createClient)).toBe(2);
    for (const { createClient, encTimestamp } of SMALL) {
      expect(await seenOf(createClient)).toBe(0);
      expect(await seenOf(createClient, { preauth: [spake(), encTimestamp] })).toBe(2);
    }
  },
  async "FAST, one-time passwords"() {
    const armor = { principal: "robot@TEST.EXAMPLE", password: "robot" };
    await using armored = await createTestRealm({
      realm: "TEST.EXAMPLE",
      preauth: ["encrypted-timestamp", "fast", "encrypted-challenge", "otp"],
      principals: {
        robot: { password: "robot" },
        alice: { password: "secret", requires: ["fast"] },
        dave: { requires: ["otp"], otp: { codes: ["111111", "222222"] } },
        "host/localhost": {},
      },
    });
    const common = { kdc: armored.kdc, dial: armored.dial, credentials: CREDENTIALS };
    const ofMain = main.password(armor.principal, armor.password);
    expect((await main.createClient({ ...common, armor: ofMain }).getTicket("host/localhost")).client.realm).toBe(
      "TEST.EXAMPLE",
    );
    const codes = ["111111", "222222"];
    const ask = { otp: async () => codes.shift() as string };
    for (const { createClient, encTimestamp } of SMALL) {
      await expect(createClient(common).getTicket("host/localhost")).rejects.toMatchObject({ name: "PreauthError" });
      const options = { ...common, armor: fast(armor), preauth: [encryptedChallenge, encTimestamp, otp()] };
      expect((await createClient(options).getTicket("host/localhost")).client.components).toEqual(["alice"]);
      const asked = createClient({ ...options, ask, credentials: interactive("dave@TEST.EXAMPLE") });
      expect((await asked.getTicket("host/localhost")).client.components).toEqual(["dave"]);
      expect(() => createClient({ ...common, armor: armor as never })).toThrow("armor");
    }
    expect((await main.createClient({ ...common, armor: fast(armor) }).getTicket("host/localhost")).client.realm).toBe(
      "TEST.EXAMPLE",
    );
    // The armor's own ticket is got for the login, and what nobody can armor is not sent.
    const wrong = fast({ ...armor, password: "wrong" });
    const client = lean.createClient({ ...common, armor: wrong });
    await expect(client.getTicket("host/localhost")).rejects.toMatchObject({
      code: "WRONG_PASSWORD",
      principal: armor.principal,
    });
  },
  async cryptography() {
    const providerOf = async (create: CreateClient) =>
      (await create(settings({ kdc: ["tcp://kdc.example.org"] })).loadEncTypes()).provider.name;
    expect(await providerOf(main.createClient)).toBe("node");
    expect(await providerOf(lean.createClient)).toBe("noble");
    expect(await providerOf(leanNode.createClient)).toBe("node");
  },
};

describe("the list of differences of the small clients", () => {
  it("has a check for each line", () => {
    expect(Object.keys(checks)).toEqual(rows);
  });
  for (const [name, check] of Object.entries(checks)) it(name, check);
});
