// What public functions are given without a name: a value of another kind is the caller's mistake, which names the
// argument, and shows nothing of what was given.

import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import * as caches from "../../../src/entry/credentials.ts";
import * as gssapi from "../../../src/entry/gssapi.ts";
import * as main from "../../../src/entry/index.ts";
import * as pac from "../../../src/entry/pac.ts";
import type { Runtime } from "../../../src/host/index.ts";
import { MARKER } from "./kinds.ts";
import { client, credentials, kerberos, realm, sent, ticket } from "./world.ts";

const octets = new TextEncoder().encode(MARKER);
const base64 = `BQIAAABH${Buffer.from(MARKER).toString("base64")}`;
const anything: readonly unknown[] = [5, MARKER, base64, {}, { MARKER }, [MARKER], octets, null];
const without = (...allowed: readonly unknown[]) => anything.filter((value) => !allowed.includes(value));

const { principal } = credentials;
const parsed = main.parsePrincipal(principal);
const keytab = caches.decodeKeytab(realm.keytab("alice"));
const contents = { principal: parsed, credentials: [], config: [] };

type Call = (value: never) => unknown;

/** A call with one wrong argument, what its error names, and the values that are wrong. */
const table: readonly (readonly [string, string, Call, readonly unknown[]])[] = [
  ["password", "password", (value) => main.password(principal, value), without(MARKER, base64, octets, null)],
  ["keytab", "keytab", (value) => main.keytab(principal, value), [...without(MARKER, octets), "", new Uint8Array()]],
  [
    "keytab",
    "keytab.base64",
    (value) => main.keytab(principal, value),
    [...["", "  ", `!${MARKER}`, undefined, null, 5].map((base64) => ({ base64 }))],
  ],
  ["keytab", "keytab", (value) => main.keytab(principal, value), [`FILE:${base64}`]],
  ["keytab", "principal", (value) => main.keytab(value, principal as never), [base64]],
  ["decodePac", "octets", (value) => pac.decodePac(value), [...without(octets), undefined]],
  ["openPacCredentials", "credentials", (value) => pac.openPacCredentials(value, {} as never), [5, null, undefined]],
  [
    "openPacCredentials",
    "replyKey",
    (value) => pac.openPacCredentials({ etype: 18, cipher: octets }, value),
    [5, null, undefined],
  ],
  ["sidsOfLogon", "info", (value) => pac.sidsOfLogon(value), [...anything, undefined]],
  ["realm.keytab", "names", (value) => realm.keytab(value), [5, {}, null, undefined, [5]]],
  ["ccache", "cache", (value) => main.ccache(value), [...without(MARKER, base64), ""]],
  ["createPool", "clientFor", (value) => main.createPool(value), [...anything, undefined, client]],
  ["formatPrincipal", "principal", (value) => main.formatPrincipal(value), [...anything, undefined]],
  ["contentsOfLogin", "login", (value) => main.contentsOfLogin(value), [...anything, undefined]],
  ["Keytab", "entries", (value) => new caches.Keytab(value), anything],
  ["KeyBlock", "etype", (value) => new caches.KeyBlock(value, octets), without(5)],
  ["KeyBlock", "octets", (value) => new caches.KeyBlock(18, value), without(octets)],
  ["encodeKeytab", "keytab", (value) => caches.encodeKeytab(value), without([MARKER])],
  ["encodeKeytab", "entries[0]", (value) => caches.encodeKeytab([value]), anything],
  ["writeKeytabFile", "keytab", (value) => caches.writeKeytabFile("/nowhere/at/all", value), without([MARKER])],
  ["encodeCcacheFile", "file.", (value) => caches.encodeCcacheFile(value), [...anything, undefined]],
  ["credential", "fields", (value) => caches.credential(value), [...anything, undefined]],
  ["credentialOfTicket", "from", (value) => caches.credentialOfTicket(value), [...anything, undefined]],
  ["ticketOfCredential", "from", (value) => caches.ticketOfCredential(value, {} as never), [...anything, undefined]],
  [
    "ticketOfCredential",
    "enctypes",
    (value) => caches.ticketOfCredential(caches.credentialOfTicket(ticket), value),
    anything,
  ],
  ["configValue", "contents", (value) => caches.configValue(value, "x"), [...anything, undefined]],
  ["configValue", "key", (value) => caches.configValue(contents, value), without(MARKER, base64)],
  ["findCredential", "contents", (value) => caches.findCredential(value, { server: parsed }), anything],
  ["passwordSecret", "password", (value) => caches.passwordSecret(parsed, value), without(MARKER, base64, octets)],
  ["passwordSecret", "client", (value) => caches.passwordSecret(value, "x"), anything],
  ["keytabSecret", "keytab", (value) => caches.keytabSecret(parsed, value), anything],
  ["keytabSecret", "client", (value) => caches.keytabSecret(value, keytab), anything],
  ["tlsExporter", "exported", (value) => gssapi.tlsExporter(value), without(octets)],
  ["tlsServerEndPoint", "certificateHash", (value) => gssapi.tlsServerEndPoint(value), without(octets)],
  ["runOnHosts", "hosts", (value) => client.runOnHosts(value, ["x"]), [5, MARKER, {}, null, undefined]],
  ["remctl", "argument 0", (value) => client.remctl("server", value), [Array(2)]],
  ["remctl", "host", (value) => client.remctl(value, ["x"]), ["a\0b", "a\nb", "a".repeat(254)]],
  ["getTicket", "service", (value) => client.getTicket(value), ["a@b@c", "", "@R"]],
  [
    "changePassword",
    "newPassword",
    (value) => client.changePassword(value),
    ["", new Uint8Array(), "x".repeat(70_000)],
  ],
  ["createClient", "credentials", (value) => main.createClient({ credentials: value }), without({ MARKER })],
  ["createClient", "kdc[0]", (value) => main.createClient({ kdc: value }), [["http://x"], ["tcp://h:0"], ["ftp://x"]]],
  ["createClient", "kpasswd[0]", (value) => main.createClient({ kpasswd: value }), [["http://x"], ["tcp://h:4:6"]]],
];

describe("an argument of another kind", () => {
  it.each(table)("%s: %s", async (_, name, call, values) => {
    for (const value of values) {
      sent.length = 0;
      expectMistake(await thrownBy(() => call(value as never)), name, value);
    }
  });
});

describe("a runtime of one's own", () => {
  const wrong: readonly (readonly [string, object])[] = [
    ["runtime.name", {}],
    ["runtime.name", { name: 5 }],
    ["connectTcp", { name: "web", connectTcp: MARKER }],
    ["fetch", { name: "web", fetch: { MARKER } }],
  ];
  it.each(wrong)("without %s is refused wherever it is given", async (name, value) => {
    const runtime = value as Runtime;
    const calls: readonly (() => unknown)[] = [
      () => main.createClient({ credentials, runtime }),
      () => main.createKerberos({ runtime }),
      () => gssapi.createEncTypeSet(undefined, { runtime }),
      () => caches.cacheHost(runtime),
    ];
    for (const call of calls) expectMistake(await thrownBy(call), name, value);
  });
});

describe("credentials of one's own that give something else", () => {
  const opened = (value: unknown) => ({ kind: "own", open: async () => value }) as never;
  const secret = (value: unknown) => opened({ principal: parsed, loadSecret: async () => value });
  const cases: readonly (readonly [string, never])[] = [
    ["open()", opened(5)],
    ["open()", opened(undefined)],
    ["principal", opened({ principal: MARKER })],
    ["loadSecret", opened({ principal: parsed, loadSecret: MARKER })],
    ["cache", opened({ principal: parsed, cache: { MARKER } })],
    ["loadSecret()", secret(MARKER)],
    ["loadSecret()", secret(undefined)],
  ];
  it.each(cases)("is told what %s must give", async (name, source) => {
    const { kdc } = realm;
    const own = main.createClient({ credentials: source, kdc, dial: realm.dial, config: false });
    expectMistake(await thrownBy(() => own.getTicket("host/server@TEST.EXAMPLE")), name, source);
    if (name !== "cache") expectMistake(await thrownBy(() => kerberos.login(source)), name, source);
  });
});

it("a password that ends with a NUL is not the one without it", async () => {
  const { kdc, dial } = realm;
  const options = { kdc, dial, config: false, keytab: realm.keytab("host/server"), realms: ["TEST.EXAMPLE"] } as const;
  await main.verifyPassword(principal, credentials.password, options);
  await expect(main.verifyPassword(principal, `${credentials.password}\0`, options)).rejects.toMatchObject({
    code: "WRONG_PASSWORD",
  });
});

it("a keytab of another copy of the package is a keytab: in credentials, for an acceptor and for a check", async () => {
  const own = caches.decodeKeytab(realm.keytab("host/server"));
  const { entries, principals } = own;
  const methods = { find: own.find.bind(own), findAll: own.findAll.bind(own), get: own.get.bind(own) };
  const foreign = { entries, principals, ...methods } as unknown as caches.Keytab;
  const { kdc, dial } = realm;
  const options = { kdc, dial, config: false } as const;
  const service = { principal: "host/server@TEST.EXAMPLE", keytab: foreign };
  await main.createClient({ credentials: service, ...options }).getTicket("host/server@TEST.EXAMPLE");
  gssapi.createAcceptor({ keytab: foreign });
  const checked = { ...options, keytab: foreign, realms: ["TEST.EXAMPLE"] };
  await main.verifyPassword(principal, credentials.password, checked);
});

function expectMistake(error: unknown, name: string, value: unknown): void {
  const what = `${inspect(value)}: ${inspect(error)}`;
  expect(error instanceof TypeError || error instanceof RangeError, what).toBe(true);
  expect((error as Error).message, what).toContain(name);
  const shown = `${inspect(error, { depth: 10, showHidden: true })} ${(error as Error).stack}`;
  for (const secret of [MARKER, base64]) expect(shown, what).not.toContain(secret);
  expect(sent, what).toEqual([]);
}

async function thrownBy(call: () => unknown): Promise<unknown> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return error;
  }
}
