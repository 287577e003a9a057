// Every option of every public function: an unknown name, a wrong type and a wrong range are the caller's mistake, which
// names the option, sends nothing and shows nothing of what was given.

import { inspect } from "node:util";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { Case } from "./case.ts";
import * as clients from "./clients.ts";
import { MARKER, wrongValues } from "./kinds.ts";
import * as others from "./other-entries.ts";
import { client, kerberos, pool, realm, sent, server, session } from "./world.ts";

const tables: Readonly<Record<string, Readonly<Record<string, Case>>>> = {
  "krb5-remctl": clients.mainRows,
  "krb5-remctl/lean": clients.leanRows,
  "krb5-remctl/lean/node": clients.leanNodeRows,
  client: clients.clientRows,
  pool: clients.poolRows,
  session: clients.sessionRows,
  kerberos: clients.kerberosRows,
  "krb5-remctl/credentials": others.credentialsRows,
  "store cache": others.storeCacheRows,
  keytab: others.keytabRows,
  "krb5-remctl/gssapi": others.gssapiRows,
  context: others.contextRows,
  "krb5-remctl/http": others.httpRows,
  "krb5-remctl/kerberos": clients.npmKerberosRows,
  "krb5-remctl/fast": clients.fastRows,
  "krb5-remctl/pkinit": clients.pkinitRows,
  "krb5-remctl/spnego": others.spnegoRows,
  "krb5-remctl/sasl": others.saslRows,
  "SASL client": others.saslClientRows,
  "SASL server": others.saslServerRows,
  "krb5-remctl/drivers": clients.driversRows,
  "krb5-remctl/postgres": clients.postgresRows,
  "krb5-remctl/server": others.serverRows,
  server: others.serverMethodRows,
  "krb5-remctl/testing": others.testingRows,
  realm: others.realmRows,
  "krb5-remctl/websocket": others.websocketRows,
};

beforeEach(() => {
  sent.length = 0;
});
afterAll(async () => {
  await session.close();
  await pool.close();
  await server.close();
  await realm.close();
});

function mistakeOf({ call, good }: Case, options: object): Promise<unknown> {
  return thrownBy(() => (call as (options: object) => unknown)({ ...good, ...options }));
}

function expectMistake(error: unknown, name: string, what: string): void {
  expect(error instanceof TypeError || error instanceof RangeError, `${what}: ${inspect(error)}`).toBe(true);
  const { message } = error as Error;
  expect(message, what).toContain(name);
  const shown = `${inspect(error, { depth: 10, showHidden: true })} ${(error as Error).stack} ${JSON.stringify(error)}`;
  expect(shown, what).not.toContain(MARKER);
  expect(sent, what).toEqual([]);
}

describe.each(Object.entries(tables))("%s", (_, rows) => {
  it.each(Object.entries(rows))("%s: a value of another type or out of range", async (_, row) => {
    for (const [name, kind] of Object.entries(row.kinds)) {
      for (const value of wrongValues(kind)) {
        const what = `${name}: ${inspect(value)}`;
        expectMistake(await mistakeOf(row, { [name]: value }), row.prefix + name, what);
      }
    }
  });

  it.each(Object.entries(rows))("%s: a name that is nearly one, and one that is nothing like it", async (_, row) => {
    for (const name of Object.keys(row.kinds)) {
      const error = await mistakeOf(row, { [`${name}x`]: MARKER });
      expectMistake(error, name, `${name}x`);
      expect((error as Error).message).toMatch(/ has no option \w+: did you mean /);
    }
    expectMistake(await mistakeOf(row, { [MARKER]: MARKER }), "has no option of that name", "a secret as a name");
  });

  it.each(Object.entries(rows))("%s: options that are not an object", async (_, { call }) => {
    for (const options of [MARKER, [MARKER], 5, null]) {
      const error = await thrownBy(() => (call as (options: unknown) => unknown)(options));
      expectMistake(error, "", inspect(options));
    }
  });
});

/** Exports that take no options: what they are given is a value of its own, or another library's. */
const without = new Set([
  ..."actFor interactive keytab otp password pkinit contentsOfLogin formatPrincipal hintFor longTermReplyKey".split(
    " ",
  ),
  ..."isKerberosError isSafeToRetry httpsProxy registeredNames remctlErrorName streamedArguments streamedOutput version1".split(
    " ",
  ),
  ..."cacheHost configValue credential credentialOfTicket encodeCcacheFile encodeKeytab keytabSecret".split(" "),
  ..."memoryStore redisStore unstorageStore workersKvStore keytabKeys saslDuplex tlsExporter tlsServerEndPoint".split(
    " ",
  ),
  // npm kerberos' own checks, in its own words: test/unit/kerberos.
  ..."checkPassword definedNapiVersion initializeClient initializeServer principalDetails Kerberos".split(" "),
  ..."createNegotiationHints describeToken".split(" "),
  // Classes: of values, and of errors.
  ..."KeyBlock Keytab MemoryCaches".split(" "),
]);

describe("the table has every public function", () => {
  const { drivers, fast, main, lean, leanNode, npmKerberos, pkinit, postgres } = clients;
  const { caches, gssapi, remctlServer, sasl, spnego, testing, websocket } = others;
  it.each([
    ["krb5-remctl", main],
    ["krb5-remctl/lean", lean],
    ["krb5-remctl/lean/node", leanNode],
    ["krb5-remctl/credentials", caches],
    ["krb5-remctl/gssapi", gssapi],
    ["krb5-remctl/kerberos", npmKerberos],
    ["krb5-remctl/fast", fast],
    ["krb5-remctl/pkinit", pkinit],
    ["krb5-remctl/drivers", drivers],
    ["krb5-remctl/postgres", postgres],
    ["krb5-remctl/sasl", sasl],
    ["krb5-remctl/server", remctlServer],
    ["krb5-remctl/spnego", spnego],
    ["krb5-remctl/testing", testing],
    ["krb5-remctl/websocket", websocket],
  ])("%s", (name, entry) => {
    const rows = tables[name] ?? {};
    const missing = Object.entries(entry)
      .filter(([, value]) => typeof value === "function" && !(value.prototype instanceof Error))
      .map(([one]) => one)
      .filter((one) => !Object.hasOwn(rows, one) && !without.has(one));
    expect(missing).toEqual([]);
  });

  it("and every method with options, as far as the host can tell", () => {
    const plain = new Set(
      "forget loadEncTypes identify close host config locator read destroy forgetRejection secretIdOf with without".split(
        " ",
      ),
    );
    const objects = { client, pool, session, server, realm, kerberos };
    for (const [name, object] of Object.entries(objects)) {
      const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(object)).filter((method) => {
        const value = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(object), method)?.value;
        return method !== "constructor" && typeof value === "function";
      });
      const extra = new Set([...plain, ..."actFor removePrincipal rotateKey trust clearFaults".split(" ")]);
      expect([name, methods.filter((one) => !Object.hasOwn(tables[name] ?? {}, one) && !extra.has(one))]).toEqual([
        name,
        [],
      ]);
    }
  });
});

describe("what is no option", () => {
  it("a host, a command and a password are refused before anything is sent", async () => {
    for (const host of ["server:4373", "", "https://server/", 5, null, undefined, [MARKER]]) {
      expectMistake(await thrownBy(() => client.connect(host as never)), "host", inspect(host));
      expectMistake(await thrownBy(() => clients.main.remctl(host as never, ["x"])), "host", inspect(host));
    }
    for (const args of [MARKER, [], {}, null, undefined, [5], [null]]) {
      const sendings = [
        () => client.remctl("server", args as never),
        () => client.stream("server", args as never),
        () => clients.main.remctl("server", args as never, { credentials: clients.credentials, kdc: [] }),
        () => pool.run("server", args as never),
        () => session.run(args as never),
        () => client.runOnHosts(["server"], args as never),
      ];
      for (const [index, send] of sendings.entries()) {
        expectMistake(await thrownBy(send), "", `${index}: ${inspect(args)}`);
      }
    }
  });
});

it("a dial takes options that it does not know, for callers of another version, and looks at its signal", async () => {
  const { webSocketDial } = others.websocket;
  for (const dial of [server.dial, realm.dial, webSocketDial("wss://proxy.invalid/")]) {
    for (const signal of wrongValues("signal")) {
      const error = await thrownBy(() => dial("server", 4373, { signal: signal as AbortSignal }));
      expectMistake(error, "signal", inspect(signal));
    }
  }
  const stream = await server.dial("server", 4373, { priority: 1 } as object);
  await stream.readable.cancel();
});

/** What a call throws or rejects with; undefined if it does neither. */
async function thrownBy(call: () => unknown): Promise<unknown> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return error;
  }
}
