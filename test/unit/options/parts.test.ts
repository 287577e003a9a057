// Objects of the caller's own, of which each part is checked where the object is given: a part of another kind was met
// only when it was called, behind the network, or never.

import { describe, expect, it } from "vitest";
import {
  createStoreCache,
  memoryStore,
  openCache,
  passwordSecret,
  readKeytabFile,
} from "../../../src/entry/credentials.ts";
import { kafkajs } from "../../../src/entry/drivers.ts";
import { createAcceptor, createInitiator, storeReplayCache } from "../../../src/entry/gssapi.ts";
import { createKdcProxy, createNegotiateServer, createNegotiator, nodeConnections } from "../../../src/entry/http.ts";
import { createKerberos, parsePrincipal } from "../../../src/entry/index.ts";
import { configure } from "../../../src/entry/kerberos.ts";
import { postgresSocket } from "../../../src/entry/postgres.ts";
import { createSaslClient } from "../../../src/entry/sasl.ts";
import { MARKER } from "./kinds.ts";

const principal = parsePrincipal("alice@TEST.EXAMPLE");
const key = new Uint8Array(32);
const part = (own: object, name: string, value: unknown): never => ({ ...own, [name]: value }) as never;
const ticketSource = { getTicket: () => Promise.reject(new Error("asked")) };
const runtime = { name: "web" };
const host = { files: { read: async () => undefined } };

/** [the object, its optional methods, what takes it] */
const rows: readonly (readonly [name: string, methods: string, own: object, take: (own: never) => unknown])[] = [
  ...(
    [
      (credential) => createInitiator({ target: "host@server", credential }),
      (credential) => createSaslClient({ service: "imap", host: "server", credential }),
      (credential) => createNegotiator({ credential, origins: ["https://server"] }),
      (credential) => kafkajs({ credential }),
      (credential) => postgresSocket({ credential, host: "server" } as never),
    ] satisfies ((own: never) => unknown)[]
  ).map((take) => ["credential", "getForwardedTicket loadEncTypes", ticketSource, take] as const),
  ["store", "add deleteIf", memoryStore(), (store) => createStoreCache({ store, key, principal })],
  ["store", "get set delete deleteIf", memoryStore(), (store) => storeReplayCache({ store })],
  ["runtime", "connectTcp files openHttp isOneOfMany", runtime, (own) => nodeConnections({ runtime: own })],
  [
    "runtime",
    "connectTcp files openHttp isOneOfMany",
    runtime,
    (own) => createKdcProxy({ realms: { R: { kdc: "192.0.2.1:88" } }, runtime: own }),
  ],
  ["runtime", "connectTcp files openHttp isOneOfMany", runtime, (own) => createNegotiateServer({ runtime: own })],
  ["files", "read stat list rename erase", host.files, (files) => openCache("FILE:/nowhere", { files } as never)],
  [
    "host.files",
    "read stat list rename",
    host.files,
    (files) => readKeytabFile("/nowhere", { host: { files } as never }),
  ],
];

describe("a part of another kind in an object of the caller's own", () => {
  it.each(rows.map((row, index) => [`${row[0]} (${index})`, ...row] as const))(
    "%s",
    async (_, name, methods, own, take) => {
      for (const method of methods.split(" ")) {
        for (const value of [MARKER, 5, true, null, { MARKER }]) {
          const error = await thrownBy(() => take(part(own, method, value)));
          expect(error, method).toBeInstanceOf(TypeError);
          expect((error as Error).message).toMatch(new RegExp(`^${name}(?:\\.| has no )${method}\\b`));
          expect((error as Error).message).not.toContain(MARKER);
        }
      }
    },
  );

  it("a keytab of configure() is octets, a Keytab, or a text that may be a path", () => {
    for (const keytab of [
      { entries: [MARKER] },
      { base64: "" },
      { base64: MARKER },
      new Uint8Array(),
      `BQIAAA${MARKER}`,
    ]) {
      const error = thrownNow(() => configure({ keytab: keytab as never }));
      expect(error).toBeInstanceOf(TypeError);
      expect((error as Error).message).toContain("keytab");
      expect((error as Error).message).not.toContain(MARKER);
    }
  });
});

describe("a text that may be a secret is not quoted", () => {
  const secrets = [
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw\n",
    "Tr0ub4dor&3horse",
    "pass:w0rd!x",
    `BQIAAA${"a1B".repeat(20)}`,
  ];
  it.each([
    ["target", (text: string) => createInitiator({ target: text, credential: ticketSource })],
    ["origins[0]", (text: string) => createNegotiator({ credential: ticketSource, origins: [text] })],
    ["kdc[0]", (text: string) => createKerberos({ kdc: [`a/${text}`] })],
    [
      "proxy.url",
      (text: string) =>
        nodeConnections({ proxy: { url: `http://user:p/${text}@proxy.example`, credential: ticketSource } }),
    ],
  ] as const)("%s", (name, take) => {
    for (const secret of secrets) {
      const error = thrownNow(() => take(secret));
      expect(error, secret).toBeInstanceOf(TypeError);
      expect((error as Error).message.startsWith(name), (error as Error).message).toBe(true);
      expect((error as Error).message).not.toContain(secret.slice(0, 20).trim());
      expect((error as Error).message).not.toContain(JSON.stringify(secret).slice(1, 20));
    }
  });
});

function thrownNow(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

async function thrownBy(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("a principal of the caller's own", () => {
  const changes = { realm: 5, components: ["host", 5], nameType: "1" } as const;
  it.each(Object.entries(changes))("its %s is looked at", (name, value) => {
    const own = part(principal, name, value);
    expect(() => createStoreCache({ store: memoryStore(), key, principal: own })).toThrow(/^principal is an object: /);
    expect(() => passwordSecret(own, "secret")).toThrow(/^client is an object: /);
    expect(() => createInitiator({ target: own, credential: ticketSource })).toThrow(TypeError);
  });

  it("an enctype is a number of 32 bits", () => {
    const keytab = new Uint8Array([5, 2]);
    for (const subkeyEnctype of [-1e300, 2 ** 31, 18.5]) {
      expect(() => createAcceptor({ keytab, subkeyEnctype }), String(subkeyEnctype)).toThrow(RangeError);
    }
  });
});
