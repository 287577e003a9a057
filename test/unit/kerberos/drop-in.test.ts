// npm kerberos 7's behaviour, client and server against each other over the embedded realm.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { encodeBase64 } from "../../../src/bytes/index.ts";
import { decodeKeytab, encodeKeytab, Keytab } from "../../../src/entry/credentials.ts";
import { createReplayCache } from "../../../src/entry/gssapi.ts";
import { createClient } from "../../../src/entry/index.ts";
import * as kerberos from "../../../src/entry/kerberos.ts";
import { createTestRealm, type TestRealm } from "../../../src/entry/testing.ts";
import { createAcceptor } from "../../../src/gssapi/index.ts";
import { nodeRuntime } from "../../../src/runtime/index.ts";
import { createSaslServer } from "../../../src/sasl/index.ts";

const REALM = "TEST.EXAMPLE";
const HOST = "www.example.org";
const SERVICES = [`HTTP/${HOST}`, `mongodb/${HOST}`];
const {
  GSS_C_MUTUAL_FLAG,
  GSS_C_SEQUENCE_FLAG,
  checkPassword,
  configure,
  initializeClient,
  initializeServer,
  principalDetails,
} = kerberos;

let realm: TestRealm;
let dir: string;
let env: Record<string, string>;

beforeAll(async () => {
  realm = await createTestRealm({
    realm: REALM,
    principals: {
      alice: { password: "alice-secret" },
      bob: { password: "bob-secret" },
      [`HTTP/${HOST}`]: {},
      [`mongodb/${HOST}`]: {},
    },
  });
  dir = mkdtempSync(join(tmpdir(), "drop-in-"));
  mkdirSync(join(dir, "caches"), { mode: 0o700 });
  for (const who of ["alice", "bob"]) put(`caches/tkt${who}`, realm.ccache(who));
  put("caches/primary", "tktalice\n");
  put("alice", realm.ccache("alice"));
  put("bob", realm.ccache("bob"));
  put("keytab", encodeKeytab(new Keytab(SERVICES.flatMap((name) => [...decodeKeytab(realm.keytab(name)).entries]))));
});
afterAll(() => rmSync(dir, { recursive: true }));

const put = (name: string, octets: Uint8Array | string) => writeFileSync(join(dir, name), octets, { mode: 0o600 });

const world = () => ({
  kdc: realm.kdc,
  dial: realm.dial,
  config: `[libdefaults]\n default_realm = ${REALM}\n`,
  environment: { env },
});

beforeEach(() => {
  env = { KRB5CCNAME: `DIR:${dir}/caches`, KRB5_KTNAME: `FILE:${dir}/keytab`, KRB5_CLIENT_KTNAME: `${dir}/none` };
  configure(world());
});

async function failure(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  const error = await promise.then(
    (value) => value,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  return error as Error;
}

const decode = (text: string | null) => Buffer.from(text ?? "", "base64");

describe("npm kerberos", () => {
  it("has its names, numbers and version", () => {
    const names = "initializeClient initializeServer principalDetails checkPassword GSS_C_DELEG_FLAG GSS_C_MUTUAL_FLAG";
    const more = "GSS_C_REPLAY_FLAG GSS_C_SEQUENCE_FLAG GSS_C_CONF_FLAG GSS_C_INTEG_FLAG GSS_C_ANON_FLAG";
    const rest = "GSS_C_PROT_READY_FLAG GSS_C_TRANS_FLAG GSS_C_NO_OID GSS_MECH_OID_KRB5 GSS_MECH_OID_SPNEGO";
    const expected = `${names} ${more} ${rest} version definedNapiVersion`.split(" ");
    const native = (kerberos as unknown as Record<string, object>)["module.exports"] as Record<string, unknown>;
    expect(Object.keys(native).sort()).toEqual([...expected].sort());
    expect(native.version).toBe("7.0.0");
    expect(kerberos.definedNapiVersion()).toBe("9");
    expect(native.initializeClient).toBe(initializeClient);
    expect(native.configure).toBe(configure);
    native.initializeClient = 5;
    expect(native.initializeClient).toBe(5);
    native.initializeClient = initializeClient;
  });

  it("authenticates a client to a server, both ways", async () => {
    const client = await initializeClient(`HTTP@${HOST}`);
    const server = await initializeServer(`HTTP@${HOST}`);
    expect([client.username, client.response, client.responseConf, client.contextComplete]).toEqual([
      null,
      null,
      0,
      false,
    ]);
    expect([server.username, server.response, server.targetName, server.contextComplete]).toEqual([
      null,
      null,
      null,
      false,
    ]);
    const first = await client.step("");
    expect(first).toBe(client.response);
    const answer = await server.step(first as string);
    expect(server).toMatchObject({ username: `alice@${REALM}`, contextComplete: true, response: answer });
    // Of a server that has a name it is null, as natively.
    expect(server.targetName).toBeNull();
    expect(await client.step(answer as string)).toBeNull();
    expect(client).toMatchObject({ username: `alice@${REALM}`, contextComplete: true, response: null });
  });

  it("speaks SPNEGO where that is said; a server takes both", async () => {
    const client = await initializeClient(`HTTP@${HOST}`, { mechOID: kerberos.GSS_MECH_OID_SPNEGO });
    const server = await initializeServer("HTTP");
    const first = decode(await client.step(""));
    // RFC 4178 section 4.2: the OID of SPNEGO is in front.
    expect(first.includes(Buffer.from("06062b0601050502", "hex"))).toBe(true);
    const answer = await server.step(first.toString("base64"));
    expect(await client.step(answer as string)).toBeNull();
    expect([client.contextComplete, server.contextComplete]).toEqual([true, true]);
    expect([client.username, server.username]).toEqual([`alice@${REALM}`, `alice@${REALM}`]);
  });

  it("takes a server for any host, and for any service", async () => {
    for (const service of ["HTTP", "", `HTTP/${HOST}`, `HTTP/${HOST}@${REALM}`, `HTTP@${HOST.toUpperCase()}`]) {
      const client = await initializeClient(`HTTP@${HOST}`);
      const server = await initializeServer(service);
      await client.step((await server.step((await client.step("")) as string)) as string);
      expect(client.contextComplete).toBe(true);
      expect(server.targetName).toBe(service === "" ? `HTTP/${HOST}@${REALM}` : null);
    }
  });

  it("NK1: a server takes no ticket of another service than its own", async () => {
    for (const service of ["HTTP", `HTTP@${HOST}`]) {
      const client = await initializeClient(`mongodb@${HOST}`);
      const server = await initializeServer(service);
      const error = await failure(server.step((await client.step("")) as string));
      expect(error.message).toMatch(/^Unspecified GSS failure\. {2}Minor code may provide more information: /);
      expect(server).toMatchObject({ username: null, contextComplete: false });
      // What failed once fails with the same error.
      expect(await failure(server.step("AAAA"))).toBe(error);
    }
  });

  it("refuses a server without a key, when it is made", async () => {
    const words = "No credentials were supplied, or the credentials were unavailable or inaccessible: ";
    for (const [service, principal] of [
      ["nosuch@localhost", "nosuch/localhost@"],
      ["nosuch", "nosuch/@"],
      ["nosuch/localhost", "nosuch/localhost"],
    ] as const) {
      const error = await failure(initializeServer(service));
      expect(error.message).toBe(`${words}No key table entry found matching ${principal}`);
      expect(error.code).toBe("KEYTAB_NO_KEY");
    }
    env.KRB5_KTNAME = `${dir}/absent`;
    expect(await failure(initializeServer("HTTP"))).toMatchObject({
      code: "KEYTAB",
      message: `${words}Key table file '${dir}/absent' not found`,
    });
    expect(await failure(principalDetails("HTTP", HOST))).toMatchObject({
      code: "KEYTAB",
      message: "Cannot get sequence cursor from keytab (2)",
    });
  });

  it.each([
    `mongodb@${HOST}`,
    `mongodb/${HOST}`,
    `mongodb/${HOST}@${REALM}`,
    `mongodb@${HOST}@${REALM}`,
    `mongodb@${HOST.toUpperCase()}`,
  ])("knows the service %s", async (service) => {
    const client = await initializeClient(service);
    const server = await initializeServer("");
    await server.step((await client.step("")) as string);
    expect(server.targetName).toBe(`mongodb/${HOST}@${REALM}`);
  });

  it("says which service the KDC does not know, in the words that drivers match", async () => {
    const client = await initializeClient("nosuch@localhost");
    const error = await failure(client.step(""));
    expect(error.message).toBe(
      "Unspecified GSS failure.  Minor code may provide more information: " +
        `Server nosuch/localhost@${REALM} not found in Kerberos database`,
    );
    expect(error.code).toBe("SERVICE_UNKNOWN");
    expect(error.cause).toMatchObject({ name: "KdcError", code: "SERVICE_UNKNOWN" });
    // mongodb calls again ten times and reports the last error: it is the first.
    for (let i = 0; i < 10; i++) expect(await failure(client.step(""))).toBe(error);
    expect(await failure(client.unwrap(""))).toBe(error);
  });

  it("says what a broken token is", async () => {
    const client = await initializeClient(`HTTP@${HOST}`);
    await client.step("");
    const error = await failure(client.step("bm90IGEgdG9rZW4="));
    expect(error.message).toMatch(/^Invalid token was supplied: /);
    const server = await initializeServer("HTTP");
    expect((await failure(server.step("bm90IGEgdG9rZW4="))).message).toMatch(/^Invalid token was supplied: /);
    expect((await failure((await initializeServer("HTTP")).step(""))).message).toBe(
      "No challenge parameter in request from client",
    );
  });

  it("says what is missing where there is no token, and where there is nothing left to negotiate", async () => {
    const missing = "A required input parameter could not be read: Unknown error";
    expect((await failure((await initializeServer("HTTP")).step("!!!"))).message).toBe(missing);
    const { client } = await established();
    expect((await failure(client.step(""))).message).toMatch(/: Context is already fully established$/);
    expect((await failure((await established()).client.unwrap(""))).message).toBe(missing);
  });

  it("refuses messages before there is a context", async () => {
    const early = await initializeClient(`HTTP@${HOST}`);
    expect((await failure(early.unwrap("AAAA"))).message).toMatch(/^A required input parameter could not be read: /);
    const other = await initializeClient(`HTTP@${HOST}`);
    expect((await failure(other.wrap("AAAA"))).message).toMatch(/^A required input parameter could not be read: /);
  });

  it.each([
    ["initializeClient", () => initializeClient(5 as never), "parameter `service` must be a string."],
    ["initializeServer", () => initializeServer(undefined as never), "parameter `service` must be a string."],
    ["principalDetails", () => principalDetails(5 as never, "h"), "parameter `service` must be a string."],
    ["principalDetails", () => principalDetails("s", 5 as never), "parameter `hostname` must be a string."],
    ["checkPassword", () => checkPassword(5 as never, "p", "s"), "parameter `username` must be a string."],
    ["checkPassword", () => checkPassword("u", 5 as never, "s"), "parameter `password` must be a string."],
    ["checkPassword", () => checkPassword("u", "p", 5 as never), "parameter `service` must be a string."],
    [
      "checkPassword",
      () => checkPassword("u", "p", "s", 5 as never),
      "if specified, parameter `defaultRealm` must be a string.",
    ],
    [
      "client.step",
      async () => (await initializeClient("a@b")).step(5 as never),
      "parameter `challenge` must be a string.",
    ],
    [
      "client.wrap",
      async () => (await initializeClient("a@b")).wrap(5 as never),
      "parameter `challenge` must be a string.",
    ],
    [
      "client.unwrap",
      async () => (await initializeClient("a@b")).unwrap(5 as never),
      "parameter `challenge` must be a string.",
    ],
    [
      "client.wrap",
      async () => (await initializeClient("a@b")).wrap("", { protect: 5 as never }),
      "options.protect must be a boolean.",
    ],
    [
      "server.step",
      async () => (await initializeServer("HTTP")).step(5 as never),
      "parameter `challenge` must be a string.",
    ],
  ])("%s says which parameter is wrong (%#)", async (_, call, message) => {
    const error = await failure(Promise.resolve().then(call as () => Promise<unknown>));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe(message);
  });

  it("finds a principal in the keytab", async () => {
    expect(await principalDetails("HTTP", HOST)).toBe(`HTTP/${HOST}@${REALM}`);
    expect((await failure(principalDetails("HTTP", "nowhere"))).message).toBe("Principal not found in keytab (-1)");
  });

  it.each(["", "a\0b", "a@b@c"])(
    "has no principal of the host %j in a keytab, and no mistake of the caller",
    async (host) => {
      const error = await failure(principalDetails("HTTP", host));
      expect(error).not.toBeInstanceOf(TypeError);
      expect(error.message).toBe("Principal not found in keytab (-1)");
    },
  );
});

/** A context whose server side is ours, so that what the client wraps can be opened. */
async function established(options?: kerberos.InitializeClientOptions) {
  const client = await initializeClient(`HTTP@${HOST}`, options);
  const server = createAcceptor({ keytab: realm.keytab(`HTTP/${HOST}`) });
  const answer = await server.step(decode(await client.step("")));
  if (answer !== undefined) await client.step(Buffer.from(answer).toString("base64"));
  const offer = Buffer.from(server.wrap(Uint8Array.of(7, 0, 8, 0), { conf: false })).toString("base64");
  const opened = await client.unwrap(offer);
  return { client, server, opened: opened as string };
}

describe("wrap", () => {
  it.each([
    ["with a user", { user: "alice" }, "alice"],
    ["without one", {}, ""],
    ["with null", null, ""],
    ["with nothing", undefined, ""],
  ] as const)("%s is the SASL reply", async (_, options, user) => {
    const { client, server, opened } = await established();
    expect([...decode(opened)]).toEqual([7, 0, 8, 0]);
    const reply = server.unwrap(decode(await client.wrap(opened, options)));
    expect([...reply]).toEqual([1, 0, 8, 0, ...Buffer.from(user)]);
  });

  it("takes a challenge that is not base64, and one that is too short", async () => {
    const { client, server } = await established();
    expect([...server.unwrap(decode(await client.wrap("challenge")))].slice(0, 1)).toEqual([1]);
    expect([...server.unwrap(decode(await client.wrap("", { user: "a" })))]).toEqual([1, 0, 0, 0, 97]);
  });

  it("encrypts if it is told to, and unwrap says whether that was", async () => {
    const { client, server, opened } = await established();
    expect(client.responseConf).toBe(0);
    const sealed = decode(await client.wrap(opened, { protect: true }));
    expect((sealed[2] as number) & 2).toBe(2);
    server.unwrap(sealed);
    await client.unwrap(Buffer.from(server.wrap(Uint8Array.of(1), { conf: true })).toString("base64"));
    expect(client).toMatchObject({ responseConf: 1, response: "AQ==" });
  });
});

describe("options of initializeClient", () => {
  it.each(["flags", "gssFlag", "gssFlags"])("takes %s", async (name) => {
    const { server } = await established({ [name]: GSS_C_MUTUAL_FLAG });
    expect(server.flags).toMatchObject({ mutual: true, sequence: false, integrity: true, confidentiality: true });
    const second = await established({ [name]: GSS_C_SEQUENCE_FLAG });
    expect(second.server.flags).toMatchObject({ mutual: false, sequence: true });
    expect(second.client.contextComplete).toBe(true);
  });

  it("NK3: a principal is that of its own tickets, and never another's", async () => {
    const { client } = await established({ principal: `bob@${REALM}` });
    expect(client.username).toBe(`bob@${REALM}`);
    const error = await failure(initializeClient(`HTTP@${HOST}`, { principal: `carol@${REALM}` }));
    expect(error.message).toBe(
      "No credentials were supplied, or the credentials were unavailable or inaccessible: " +
        `Can't find client principal carol@${REALM} in cache collection`,
    );
    expect(error.code).toBe("NO_CREDENTIAL");
    for (const credentials of [{ principal: `alice@${REALM}`, password: "alice-secret" }, aliceClient()]) {
      configure({ ...world(), credentials });
      expect((await established({ principal: `alice@${REALM}` })).client.username).toBe(`alice@${REALM}`);
      const other = await failure(established({ principal: `bob@${REALM}` }));
      expect(other).toMatchObject({ code: "NO_CREDENTIAL" });
    }
  });

  it("NK5: sees another cache, and a cache that became another's, at the next context", async () => {
    env.KRB5CCNAME = `FILE:${dir}/changing`;
    const none = await failure(established());
    expect(none.code).toBe("NO_CREDENTIAL");
    expect(none.message).toContain("No Kerberos credentials available (no tickets in ");
    put("changing", realm.ccache("alice"));
    expect((await established()).client.username).toBe(`alice@${REALM}`);
    put("changing", realm.ccache("bob"));
    expect((await established()).client.username).toBe(`bob@${REALM}`);
    env.KRB5CCNAME = `FILE:${dir}/alice`;
    expect((await established()).client.username).toBe(`alice@${REALM}`);
  });

  it("NK4: takes a password only after configure({ passwords: true })", async () => {
    const options = { user: "bob", domain: REALM, password: "bob-secret" };
    expect((await established(options)).client.username).toBe(`alice@${REALM}`);
    configure({ ...world(), passwords: true });
    expect((await established(options)).client.username).toBe(`bob@${REALM}`);
    expect((await established({ user: `bob@${REALM}`, pass: "bob-secret" })).client.username).toBe(`bob@${REALM}`);
    const client = await initializeClient(`HTTP@${HOST}`, { user: `bob@${REALM}`, password: "wrong" });
    const error = await failure(client.step(""));
    expect(error).toMatchObject({ code: "WRONG_PASSWORD" });
    expect(error.message).toContain("Preauthentication failed");
    expect(JSON.stringify([error.message, String(error.cause)])).not.toContain('wrong"');
  });
});

const aliceClient = () =>
  createClient({ credentials: { principal: `alice@${REALM}`, password: "alice-secret" }, ...world() });

describe("checkPassword", () => {
  it("NK2: proves the KDC with a key of the service", async () => {
    configure({ ...world(), passwords: true });
    expect(await checkPassword("alice", "alice-secret", `HTTP/${HOST}`, REALM)).toBeNull();
    expect(await checkPassword(`alice@${REALM}`, "alice-secret", `HTTP@${HOST}`)).toBeNull();
    const wrong = await failure(checkPassword("alice", "wrong", `HTTP/${HOST}`, REALM));
    expect(wrong).toMatchObject({ message: "Preauthentication failed (-1765328360)", code: "WRONG_PASSWORD" });
    const unknown = await failure(checkPassword("carol", "x", `HTTP/${HOST}`, REALM));
    expect(unknown.message).toBe("Client not found in Kerberos database (-1765328378)");
    const other = await createTestRealm({ realm: REALM, principals: { [`HTTP/${HOST}`]: {} } });
    configure({ ...world(), passwords: true, keytab: other.keytab(`HTTP/${HOST}`) });
    const spoofed = await failure(checkPassword("alice", "alice-secret", `HTTP/${HOST}`, REALM));
    expect(spoofed.code).toBe("REPLY_MODIFIED");
    // The key of another service of the keytab proves nothing for this one.
    const entriesOf = (from: TestRealm, name: string) => decodeKeytab(from.keytab(name)).entries;
    const mixed = [...entriesOf(realm, `mongodb/${HOST}`), ...entriesOf(other, `HTTP/${HOST}`)];
    configure({ ...world(), passwords: true, keytab: new Keytab(mixed) });
    const another = await failure(checkPassword("alice", "alice-secret", `HTTP/${HOST}`, REALM));
    expect(another.code).toBe("REPLY_MODIFIED");
  });

  it("H8: a server that is one of several with the same keys needs a replay cache that they share", async () => {
    const runtime = { ...nodeRuntime(), isOneOfMany: () => true };
    configure({ ...world(), runtime });
    await expect(initializeServer("HTTP")).rejects.toThrow(/replayCache is undefined.*configure\(\) storeReplayCache/);
    const replayCache = createReplayCache();
    configure({ ...world(), runtime, replayCache });
    const token = (await (await initializeClient(`HTTP@${HOST}`)).step("")) as string;
    // Two processes with one cache: the second does not take what the first has taken.
    await (await initializeServer("HTTP")).step(token);
    await expect((await initializeServer("HTTP")).step(token)).rejects.toMatchObject({ cause: { code: "REPLAY" } });
    configure({ ...world(), runtime, replayCache: createReplayCache() });
    await (await initializeServer("HTTP")).step(token);
  });

  it.each(["", "@", "a@b@c", "alice\0b", "alice\\"])(
    "takes the name %j, which a user typed, for no mistake of the caller",
    async (name) => {
      configure({ ...world(), passwords: true });
      const error = await failure(checkPassword(name, "alice-secret", `HTTP/${HOST}`, REALM));
      expect(error).not.toBeInstanceOf(TypeError);
      expect(error.message).toBe("Malformed representation of principal (-1765328250)");
    },
  );

  it("NK4: refuses without configure({ passwords: true }), and without a key", async () => {
    const closed = await failure(checkPassword("alice", "alice-secret", `HTTP/${HOST}`, REALM));
    expect(closed).toMatchObject({ code: "CONFIG" });
    configure({ ...world(), passwords: true });
    expect((await failure(checkPassword("alice", "alice-secret", "nosuch/host", REALM))).code).toBe("KEYTAB_NO_KEY");
  });
});

describe("callbacks, as versions 1 and 2 had them", () => {
  const called = <T>(call: (callback: kerberos.Callback<T>) => unknown): Promise<T> =>
    new Promise((resolve, reject) => {
      const returned = call((error, value) => (error ? reject(error) : resolve(value as T)));
      expect(returned).toBeUndefined();
    });

  it("take the results of every function", async () => {
    configure({ ...world(), passwords: true });
    const client = await called<kerberos.KerberosClient>((done) => initializeClient(`HTTP@${HOST}`, {}, done));
    await called<kerberos.KerberosClient>((done) => initializeClient(`HTTP@${HOST}`, done));
    const server = await called<kerberos.KerberosServer>((done) => initializeServer("HTTP", done));
    const token = await called<string | null>((done) => client.step("", done));
    const answer = await called<string | null>((done) => server.step(token as string, done));
    expect(await called<string | null>((done) => client.step(answer as string, done))).toBeNull();
    expect(await called<string>((done) => client.wrap("AQAAAA==", null, done))).toBe(client.response);
    await called<string>((done) => client.wrap("AQAAAA==", done));
    expect(await called<string>((done) => principalDetails("HTTP", HOST, done))).toContain(HOST);
    expect(await called<null>((done) => checkPassword("alice", "alice-secret", "", REALM, done))).toBeNull();
    expect(await called<null>((done) => checkPassword("alice", "alice-secret", "", done))).toBeNull();
  });

  it("take errors, once", async () => {
    const seen: unknown[] = [];
    await new Promise<void>((resolve) => {
      void initializeServer("nosuch", (error, value) => {
        seen.push(error, value);
        resolve();
      });
    });
    expect(seen[0]).toBeInstanceOf(Error);
    expect(seen[1]).toBeNull();
    expect(seen).toHaveLength(2);
  });

  it("take the mistake of an argument that was left out: nothing is rejected that nobody hears", async () => {
    const client = await initializeClient(`HTTP@${HOST}`);
    const server = await initializeServer("HTTP");
    const calls: ((done: never) => unknown)[] = [
      initializeClient,
      initializeServer,
      principalDetails as never,
      checkPassword as never,
      client.step.bind(client),
      client.unwrap.bind(client),
      client.wrap.bind(client),
      server.step.bind(server),
      (done) => principalDetails("HTTP", done),
      (done) => checkPassword("alice", "alice-secret", done),
      (done) => checkPassword("alice", done, ""),
    ];
    for (const call of calls) {
      await expect(called((done) => call(done as never))).rejects.toThrow(/^parameter `\w+` must be a string\.$/);
    }
  });

  it("serve the login of mongodb before 3.6: processes.MongoAuthProcess", async () => {
    type Done<T> = (error: Error | null, value?: T) => void;
    interface Process {
      init(user: string, password: string | null, done: Done<kerberos.KerberosClient>): void;
      transition(payload: string, done: Done<string | true>): void;
    }
    const native = (kerberos as unknown as Record<string, object>)["module.exports"] as {
      readonly processes: { readonly MongoAuthProcess: new (...given: unknown[]) => Process };
    };
    const { MongoAuthProcess } = native.processes;
    const login = new MongoAuthProcess(HOST, 27017, undefined, { gssapiServiceName: "mongodb" });
    const next = (payload: string) => called<string | true>((done) => login.transition(payload, done));
    await expect(next("")).rejects.toThrow("transition before init");
    expect(
      (await called<kerberos.KerberosClient>((done) => login.init(`alice@${REALM}`, null, done))).contextComplete,
    ).toBe(false);
    const acceptor = createSaslServer({ keytab: realm.keytab(`mongodb/${HOST}`), layers: ["none"] });
    let payload = "";
    for (;;) {
      const token = await next(payload);
      if (token === true) break;
      payload = encodeBase64((await acceptor.step(Buffer.from(token, "base64"))) ?? new Uint8Array());
    }
    expect([acceptor.isComplete, acceptor.authorizationId]).toEqual([true, `alice@${REALM}`]);
    await expect(next("")).rejects.toThrow("Transition finished");
    const other = new MongoAuthProcess(HOST, 27017, "nosuch");
    await called((done) => other.init("alice", null, done));
    const refused = called((done: Done<string | true>) => other.transition("", done));
    await expect(refused).rejects.toMatchObject({ code: "SERVICE_UNKNOWN" });
    const looked = new MongoAuthProcess(HOST, 27017, "mongodb", { gssapiCanonicalizeHostName: true });
    await expect(called((done) => looked.init("alice", null, done))).rejects.toThrow("no name is looked up here");
  });
});

describe("the class of 0.x", () => {
  const promised = <T>(call: (done: (error: Error | null, value?: T) => void) => void): Promise<T> =>
    new Promise((resolve, reject) => call((error, value) => (error ? reject(error) : resolve(value as T))));

  it("authenticates as passport-negotiate calls it", async () => {
    const legacy = new kerberos.Kerberos();
    const client = await promised<kerberos.AuthGssClientContext>((done) =>
      legacy.authGSSClientInit(`HTTP@${HOST}`, GSS_C_MUTUAL_FLAG, done),
    );
    expect(await promised<number>((done) => legacy.authGSSClientStep(client, done))).toBe(0);
    const server = await promised<kerberos.AuthGssServerContext>((done) =>
      legacy.authGSSServerInit("HTTP", false, done),
    );
    expect(await promised((done) => legacy.authGSSServerStep(server, client.response as string, done))).toBe(1);
    expect(server.username).toBe(`alice@${REALM}`);
    const answer = server.response as string;
    expect(await promised((done) => legacy.authGSSClientStep(client, answer, done))).toBe(1);
    expect(client.username).toBe(`alice@${REALM}`);
    await promised((done) => legacy.authGSSClientWrap(client, "AQAAAA==", "alice", done));
    expect(client.response).not.toBeNull();
    await promised((done) => legacy.authGSSServerClean(server, done));
    await promised((done) => legacy.authGSSClientClean(client, done));
    expect(server.username).toBeNull();
    await expect(promised((done) => legacy.authGSSServerStep(server, answer, done))).rejects.toThrow(TypeError);
  });

  it("has the numbers of 0.x, and is the module itself, as in versions 1 and 2", () => {
    const { Kerberos } = kerberos as unknown as { readonly Kerberos: Record<string, unknown> };
    expect([Kerberos.AUTH_GSS_CONTINUE, Kerberos.AUTH_GSS_COMPLETE]).toEqual([0, 1]);
    expect([Kerberos.GSS_C_MUTUAL_FLAG, Kerberos.initializeClient]).toEqual([GSS_C_MUTUAL_FLAG, initializeClient]);
  });

  it("takes tickets of the cache that is named", async () => {
    const legacy = new kerberos.Kerberos();
    const init = (cache: string) =>
      promised<kerberos.AuthGssClientContext>((done) => legacy.authGSSClientInit(`HTTP@${HOST}`, 0, cache, done));
    for (const [cache, who] of [
      [`FILE:${dir}/bob`, "bob"],
      [`${dir}/alice`, "alice"],
      ["", "alice"],
    ] as const) {
      const context = await init(cache);
      expect(await promised<number>((done) => legacy.authGSSClientStep(context, done))).toBe(1);
      expect(context.username).toBe(`${who}@${REALM}`);
    }
    const none = await init(`FILE:${dir}/nosuch`);
    await expect(promised((done) => legacy.authGSSClientStep(none, "", done))).rejects.toMatchObject({
      code: "NO_CREDENTIAL",
    });
  });

  it("checks a password", async () => {
    configure({ ...world(), passwords: true });
    const legacy = new kerberos.Kerberos();
    const check = (name: string, password: string, service = `HTTP/${HOST}`) =>
      promised<boolean>((done) => legacy.authUserKrb5Password(name, password, service, done));
    expect(await check("alice", "alice-secret")).toBe(true);
    expect(await check(`alice@${REALM}`, "wrong")).toBe(false);
    expect(await check("nobody", "wrong")).toBe(false);
    await expect(check("alice", "alice-secret", "nosuch/host")).rejects.toThrow(/keytab/);
    configure(world());
    await expect(check("alice", "alice-secret")).rejects.toThrow("passwords: true");
  });

  it("lets nobody in without a ticket, whoever the program names", async () => {
    const legacy = new kerberos.Kerberos();
    await expect(promised((done) => legacy.authGSSServerInit("HTTP", true, "alice", done))).rejects.toThrow(
      "lets nobody in without a ticket",
    );
    await promised((done) => legacy.authGSSServerInit("HTTP", true, done));
    await promised((done) => legacy.authGSSServerInit("HTTP", true, null, done));
    const client = await promised<kerberos.AuthGssClientContext>((done) =>
      legacy.authGSSClientInit(`HTTP@${HOST}`, done),
    );
    await expect(promised((done) => legacy.authGSSClientUnwrap(client, done))).rejects.toThrow();
  });
});

describe("configure", () => {
  it("is a mistake with what it does not know", () => {
    for (const wrong of [{ keytab: 5 }, { passwords: "yes" }, { credentials: 5 }, { keytabs: "x" }, { kdc: 5 }]) {
      expect(() => configure(wrong as object)).toThrow(TypeError);
    }
  });

  it("takes the keys as octets", async () => {
    env.KRB5_KTNAME = `${dir}/absent`;
    configure({ ...world(), keytab: realm.keytab(`HTTP/${HOST}`) });
    expect(await principalDetails("HTTP", HOST)).toContain(HOST);
    await initializeServer("HTTP");
  });
});
