// Secrets in the right and nearly right forms: whatever fails then, no error and no event shows them. Where a secret stands
// in a wrong place is secret-options.test.ts.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeBase64, encodeHex, encodeText } from "../../src/bytes/index.ts";
import * as credentials from "../../src/entry/credentials.ts";
import * as gssapi from "../../src/entry/gssapi.ts";
import * as main from "../../src/entry/index.ts";
import * as lean from "../../src/entry/lean.ts";
import { createTestRealm, type TestRealm } from "../../src/entry/testing.ts";
import { webSocketDial } from "../../src/entry/websocket.ts";
import { piecesOf, shownOf } from "../support/secret-marks.ts";

const MARK = "Kj3vQ9xLm2Zt7RbW5nYc8HdF4sPg6TaE";
const octets = encodeText(MARK);
const alice = "alice@TEST.EXAMPLE";
const service = "host/localhost@TEST.EXAMPLE";

let realm: TestRealm;
beforeAll(async () => {
  realm = await createTestRealm({
    realm: "TEST.EXAMPLE",
    principals: { alice: { password: "secret" }, "host/localhost": {} },
  });
});
afterAll(() => realm.close());

type Listener = (event: object) => void;
type Form = (onTrace: Listener) => unknown;

const base = () => ({ kdc: realm.kdc, dial: realm.dial });
const as = (value: unknown): never => value as never;
const keytabOf = (key: Uint8Array, etype = 18) =>
  credentials.encodeKeytab([
    { principal: main.parsePrincipal(alice), timestamp: new Date(0), kvno: 1, keyBlock: { etype, octets: key } },
  ]);

/** Each form of a secret, for both clients. */
const ofClients: Readonly<Record<string, () => object>> = {
  "a wrong password": () => ({ password: MARK }),
  "a wrong password in octets": () => ({ password: octets }),
  "a wrong password from a function": () => ({ password: async () => MARK }),
  "a password in an object": () => ({ password: { value: MARK } }),
  "a password as a String": () => ({ password: new String(MARK) }),
  "a promise of a password": () => ({ password: Promise.resolve(MARK) }),
  "a function that gives a function": () => ({ password: () => () => MARK }),
  "a password beside a keytab": () => ({ password: MARK, keytab: octets }),
  "a wrong key in a keytab": () => ({ keytab: keytabOf(octets) }),
  "a wrong key in base64": () => ({ keytab: { base64: encodeBase64(keytabOf(octets)) } }),
  "a key of a wrong length": () => ({ keytab: keytabOf(octets, 17) }),
  "a keytab that is cut": () => ({ keytab: keytabOf(octets).subarray(0, -5) }),
  "octets that are no keytab": () => ({ keytab: octets }),
  "octets that are no keytab, in base64": () => ({ keytab: { base64: MARK } }),
  "base64 in octets": () => ({ keytab: encodeText(encodeBase64(keytabOf(octets))) }),
  "base64 in octets, in the form of text": () => ({ keytab: { base64: octets } }),
  "base64 behind the name of its form": () => ({ keytab: { base64: `base64:${MARK}` } }),
  hexadecimal: () => ({ keytab: { hex: encodeHex(octets) } }),
  "base64 in a list": () => ({ keytab: [MARK] }),
  "a promise of a keytab": () => ({ keytab: Promise.resolve(MARK) }),
  "a keytab as a number of octets": () => ({ keytab: [...keytabOf(octets)] }),
};

const others: Readonly<Record<string, Form>> = {
  "keytab(), octets": (onTrace) => get({ credentials: main.keytab(alice, octets), onTrace }),
  "keytab(), an object": (onTrace) => get({ credentials: main.keytab(alice, as({ text: MARK })), onTrace }),
  "password(), the arguments the wrong way round": (onTrace) =>
    get({ credentials: main.password(`${encodeBase64(octets)}==/@x@y`, alice), onTrace }),
  "ccache(), octets": (onTrace) => get({ credentials: main.ccache(as(octets)), onTrace }),
  "ccache(), base64 of one": (onTrace) => get({ credentials: main.ccache(encodeBase64(octets)), onTrace }),
  "a cache with a name in base64": (onTrace) => get({ cache: `FILE:${encodeBase64(octets)}/under`, onTrace }),
  "a cache in octets": (onTrace) => get({ cache: as(octets), onTrace }),
  "a store's key in text": (onTrace) => get({ cache: storeWith(MARK), onTrace }),
  "a store's key in a list of texts": (onTrace) => get({ cache: storeWith([MARK]), onTrace }),
  "a store's key of a wrong length": (onTrace) => get({ cache: storeWith(octets.subarray(0, 30)), onTrace }),
  "a store's key in base64": (onTrace) => get({ cache: storeWith({ base64: encodeBase64(octets) }), onTrace }),
  "a store's right key, and a store that fails": (onTrace) =>
    get({
      cache: as({ key: octets, store: { get: () => Promise.reject(new Error("down")), set: () => {} } }),
      onTrace,
    }),
  "a key of another program's store": async (onTrace) => {
    const store = credentials.memoryStore();
    await get({ cache: { store, key: octets }, onTrace: () => {} });
    return await get({
      cache: { store, key: octets.slice().reverse() },
      credentials: { principal: alice, password: MARK },
      onTrace,
    });
  },
  "changePassword, refused": (onTrace) =>
    main
      .createKerberos({ ...base(), onTrace, kpasswd: ["tcp://127.0.0.1:9"], kdcTimeoutMs: 200 })
      .changePassword(as(main.password(alice, MARK)), MARK),
  "changePassword, an old password that is wrong": (onTrace) =>
    main.createKerberos({ ...base(), onTrace }).changePassword(as({ principal: alice, password: MARK }), as([MARK])),
  "createAcceptor, octets that are no keytab": () => gssapi.createAcceptor({ keytab: octets }),
  "createAcceptor, base64 that is no keytab": () => gssapi.createAcceptor({ keytab: { base64: MARK } }),
  "createAcceptor, a text": () => gssapi.createAcceptor({ keytab: as({ text: MARK }) }),
  "decodeKeytab, text in octets": () => credentials.decodeKeytab(octets),
  "decodeKeytab, cut": () => credentials.decodeKeytab(keytabOf(octets).subarray(0, -3)),
  "decodeCcacheFile, text in octets": () => credentials.decodeCcacheFile(octets),
  "an argument of a command, and no server": (onTrace) =>
    client({ onTrace, dial: () => Promise.reject(new Error("down")) }).remctl("localhost", ["passwd", MARK]),
  "an argument of a command that is not text": (onTrace) =>
    client({ onTrace }).remctl("localhost", ["passwd", as({ value: MARK })]),
  "an argument of a command with half a character": (onTrace) =>
    client({ onTrace }).remctl("localhost", ["passwd", `${MARK}\ud800`]),
  "an argument that is too long": (onTrace) =>
    client({ onTrace }).remctl("localhost", ["passwd", MARK], { maxCommandBytes: 10 }),
  "a command that is text": (onTrace) => client({ onTrace }).remctl("localhost", as(`passwd ${MARK}`)),
};

/** Addresses with a user name and a password, which nothing here takes. */
const addresses: Readonly<Record<string, Form>> = Object.fromEntries(
  [
    "https://u:@@@127.0.0.1:9/KdcProxy",
    "http://u:@@@127.0.0.1:9/",
    "tcp://u:@@@127.0.0.1:9",
    "udp://@@@127.0.0.1",
    "u:@@@localhost:88",
  ]
    .map((text) => text.replace("@@@", `${MARK}@`))
    .flatMap((text): [string, Form][] => {
      const shape = text.replace(MARK, "...");
      const login = { principal: alice, password: "x" };
      const small = { credentials: login, kdcTimeoutMs: 200, config: "[libdefaults]\n" };
      const section = `[realms]\nTEST.EXAMPLE = {\n kdc = ${text}\n kpasswd_server = ${text}\n}\n`;
      return [
        [`kdc ${shape}`, (onTrace) => main.createClient({ ...small, onTrace, kdc: [text] }).getTicket(service)],
        [
          `kdc of a realm ${shape}`,
          (onTrace) => main.createClient({ ...small, onTrace, kdc: { "TEST.EXAMPLE": [text] } }).getTicket(service),
        ],
        [
          `lean's kdc ${shape}`,
          (onTrace) =>
            lean.createClient({ credentials: login, kdcTimeoutMs: 200, onTrace, kdc: [text] }).getTicket(service),
        ],
        [
          `kdc in the configuration ${shape}`,
          (onTrace) => main.createClient({ ...small, onTrace, dns: false, config: section }).getTicket(service),
        ],
        [
          `kpasswd ${shape}`,
          (onTrace) =>
            main
              .createKerberos({ ...base(), onTrace, kpasswd: [text], kdcTimeoutMs: 200 })
              .changePassword(as(main.password(alice, "secret")), "new"),
        ],
        [`dns ${shape}`, (onTrace) => main.createClient({ ...small, onTrace, dns: [text] }).getTicket(service)],
        [`webSocketDial ${shape}`, () => webSocketDial(text.replace(/^http/, "ws"))("server", 4373, {})],
        [`webSocketDial, http ${shape}`, () => webSocketDial(text)("server", 4373, {})],
      ];
    }),
);

const variables = ["KRB5_CLIENT_KTNAME", "KRB5CCNAME", "KRB5_KTNAME", "KRB5_CONFIG"];
const values: Readonly<Record<string, string>> = {
  "a keytab in base64": encodeBase64(keytabOf(octets)),
  "a keytab in base64 with a type": `FILE:${encodeBase64(keytabOf(octets))}`,
  "other octets in base64": encodeBase64(octets),
  "octets in hexadecimal": encodeHex(octets),
  "a type that is none": `${MARK}:x`,
};

function storeWith(key: unknown): never {
  return { store: credentials.memoryStore(), key } as never;
}

function client(options: object): main.RemctlClient {
  return main.createClient({ ...base(), credentials: { principal: alice, password: "secret" }, ...options });
}

async function get(options: object): Promise<unknown> {
  return await client(options).getTicket(service);
}

async function isNotShown(form: Form, marks: readonly string[] = [MARK]): Promise<void> {
  const shown = await shownOf(form);
  const bytes = [...octets.subarray(4, 12)];
  const all = [MARK, encodeBase64(octets), encodeBase64(keytabOf(octets)), encodeHex(octets), ...marks];
  for (const piece of new Set(all.flatMap(piecesOf))) {
    // The head of a keytab is no secret, and the same in each.
    if (encodeBase64(keytabOf(new Uint8Array(32))).startsWith(piece)) continue;
    expect(shown).not.toContain(piece);
  }
  for (const list of [bytes.join(), bytes.join(", "), encodeHex(octets.subarray(4, 12)).replace(/..(?!$)/g, "$& ")])
    expect(shown).not.toContain(list);
}

describe("a secret in a form that is right, or nearly so", () => {
  for (const [name, form] of Object.entries(ofClients)) {
    it.each([
      ["main", main.createClient],
      ["lean", lean.createClient],
    ])(`${name}: %s`, async (_, create) => {
      await isNotShown((onTrace) =>
        (create as typeof lean.createClient)({
          ...base(),
          onTrace,
          credentials: as({ principal: alice, ...form() }),
        }).getTicket(service),
      );
    });
  }

  it.each(Object.entries(others))("%s", async (_, form) => {
    await isNotShown(form);
  });

  it.each(Object.entries(addresses))("%s", async (_, form) => {
    await isNotShown(form);
  });

  for (const variable of variables) {
    it.each(Object.entries(values))(`${variable}: %s`, async (_, value) => {
      const environment = { env: { [variable]: value } };
      const sources = [main.fromEnvironment(), main.keytab(alice), main.ccache()];
      for (const source of sources) {
        const options = { ...base(), environment, config: variable === "KRB5_CONFIG" ? undefined : false };
        await isNotShown((onTrace) =>
          main.createClient(as({ ...options, onTrace, credentials: source })).getTicket(service),
        );
      }
    });
  }

  it("a client keytab in base64 in its variable is refused, with the form that takes it named", async () => {
    const environment = { env: { KRB5_CLIENT_KTNAME: values["a keytab in base64"], KRB5CCNAME: "MEMORY:none" } };
    const attempt = main.createClient(as({ ...base(), config: false, environment })).getTicket(service);
    await expect(attempt).rejects.toThrow(/begins as an encoded keytab does.*\{ keytab: \{ base64: text \} \}/);
  });
});

describe("a wrong password", () => {
  const wrong = { credentials: { principal: alice, password: MARK } };
  const essence = async (failing: Promise<unknown>) => {
    const error = await failing.then(
      () => expect.fail("it logged in"),
      (caught: unknown) => caught,
    );
    if (!main.isKerberosError(error)) throw error;
    // Not the words and the cause, which say that it was not tried, nor when it will be.
    const { message: _message, cause: _cause, retryAfter: _retryAfter, ...rest } = error.toJSON();
    expect([error.code, error.name]).toEqual(["WRONG_PASSWORD", "PreauthError"]);
    return rest;
  };

  it("has the same class and fields the first and the second time, and in another process through a store", async () => {
    const cache = { store: credentials.memoryStore(), key: octets };
    const [one, another, alone] = [client({ ...wrong, cache }), client({ ...wrong, cache }), client(wrong)];
    const first = await essence(one.getTicket(service));
    for (const again of [one, another, alone, alone]) expect(await essence(again.getTicket(service))).toEqual(first);
    const small = lean.createClient({ ...base(), ...wrong });
    for (let i = 0; i < 2; i++) expect(await essence(small.getTicket(service))).toEqual(first);
  });
});
