// What a caller gives in a wrong place may be a secret: a keytab in base64 where a path belongs, a password for a URL. A
// marker goes into every option of every public function that takes one, and is looked for in all that comes of it.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeBase64, encodeHex } from "../../src/bytes/index.ts";
import * as credentials from "../../src/entry/credentials.ts";
import * as gssapi from "../../src/entry/gssapi.ts";
import * as main from "../../src/entry/index.ts";
import * as lean from "../../src/entry/lean.ts";
import { createRemctlServer } from "../../src/entry/server.ts";
import { createTestRealm, type TestRealm } from "../../src/entry/testing.ts";
import { webSocketDial } from "../../src/entry/websocket.ts";
import { everything, piecesOf, shownOf } from "../support/secret-marks.ts";

const random = new Uint8Array(120).map((_, i) => (i * 37 + 11) % 251);
const markers = {
  "a keytab in base64": encodeBase64(Uint8Array.of(5, 2, 0, 0, 0, 60, ...random)),
  "a keytab of version 1 in base64": encodeBase64(Uint8Array.of(5, 1, 0, 0, 0, 60, ...random)),
  "other octets in base64": encodeBase64(Uint8Array.of(0xc3, ...random)),
  "octets in base64 that begin with a slash": `/${encodeBase64(Uint8Array.of(0xff, ...random))}`,
  "octets in hexadecimal": encodeHex(random),
  "a password": "correct-horse-battery-staple",
  "a password with a colon": "correct:horse/battery staple",
  "lines of text": `first secret line\nsecond secret line\n${"x".repeat(300)}`,
};

let realm: TestRealm;
beforeAll(async () => {
  realm = await createTestRealm({
    realm: "TEST.EXAMPLE",
    principals: { alice: { password: "secret" }, "host/localhost": {} },
  });
});
afterAll(() => realm.close());

type Try = (marker: string, onTrace: (event: main.TraceEvent) => void) => unknown;

const alice = "alice@TEST.EXAMPLE";
const service = "host/localhost@TEST.EXAMPLE";
const base = () => ({ kdc: realm.kdc, dial: realm.dial });
const host = () => credentials.cacheHost();
const asText = (value: string): never => value as never;

const tries: Readonly<Record<string, Try>> = {
  "createClient: credentials": (marker, onTrace) =>
    main.createClient({ ...base(), onTrace, credentials: asText(marker) }),
  "createClient: keytab": (marker, onTrace) =>
    main
      .createClient({ ...base(), onTrace, credentials: { principal: alice, keytab: asText(marker) } })
      .getTicket(service),
  "createClient: keytab, by a function": (marker, onTrace) =>
    main
      .createClient({ ...base(), onTrace, credentials: { principal: alice, keytab: async () => asText(marker) } })
      .getTicket(service),
  "createClient: keytab.base64": (marker, onTrace) =>
    main
      .createClient({ ...base(), onTrace, credentials: { principal: alice, keytab: { base64: `${marker}!` } } })
      .getTicket(service),
  "createClient: password": (marker, onTrace) =>
    main.createClient({ ...base(), onTrace, credentials: { principal: alice, password: marker } }).getTicket(service),
  "createClient: password, in a list": (marker, onTrace) =>
    main
      .createClient({ ...base(), onTrace, credentials: { principal: alice, password: [marker] as never } })
      .getTicket(service),
  "createClient: cache": (marker, onTrace) =>
    main
      .createClient({
        ...base(),
        onTrace,
        credentials: { principal: alice, password: "secret" },
        // In a folder that does not exist, so that nothing is written.
        cache: `${marker}/under`,
      })
      .getTicket(service),
  "createClient: cache.key": (marker, onTrace) =>
    main
      .createClient({
        ...base(),
        onTrace,
        credentials: { principal: alice, password: "secret" },
        cache: { store: credentials.memoryStore(), key: asText(marker) },
      })
      .getTicket(service),
  "createClient: config": (marker, onTrace) =>
    main.createClient({ onTrace, credentials: { principal: alice, password: "x" }, config: marker }).getTicket(service),
  "createClient: config.files": (marker, onTrace) =>
    main
      .createClient({ onTrace, credentials: { principal: alice, password: "x" }, config: { files: [marker] } })
      .getTicket(service),
  "createClient: trustAnchors": (marker, onTrace) =>
    main
      .createClient({
        onTrace,
        credentials: { principal: alice, password: "x" },
        kdc: ["https://127.0.0.1:9/KdcProxy"],
        trustAnchors: marker,
      })
      .getTicket(service),
  "createClient: kdc, a password in a URL": (marker, onTrace) =>
    main
      .createClient({
        onTrace,
        credentials: { principal: alice, password: "x" },
        kdc: [`https://user:${encodeURIComponent(marker)}@127.0.0.1:9/KdcProxy`],
      })
      .getTicket(service),
  "createClient: kdc, a token in a URL": (marker, onTrace) =>
    main
      .createClient({
        onTrace,
        credentials: { principal: alice, password: "x" },
        kdc: [`https://127.0.0.1:9/KdcProxy?token=${encodeURIComponent(marker)}`],
        kdcTimeoutMs: 200,
      })
      .getTicket(service),
  "createClient: kdc, http": (marker, onTrace) =>
    main
      .createClient({
        onTrace,
        credentials: { principal: alice, password: "x" },
        kdc: [`http://user:${encodeURIComponent(marker)}@127.0.0.1:9/KdcProxy`],
      })
      .getTicket(service),
  "createClient: dns": (marker, onTrace) =>
    main
      .createClient({
        onTrace,
        credentials: { principal: alice, password: "x" },
        dns: [`https://user:${encodeURIComponent(marker)}@127.0.0.1:9/dns-query`],
        config: "[libdefaults]\n",
      })
      .getTicket(service),
  keytab: (marker, onTrace) =>
    main.createClient({ ...base(), onTrace, credentials: main.keytab(alice, marker) }).getTicket(service),
  "keytab, by a function": (marker, onTrace) =>
    main.createClient({ ...base(), onTrace, credentials: main.keytab(alice, () => marker) }).getTicket(service),
  ccache: (marker, onTrace) =>
    main.createClient({ ...base(), onTrace, credentials: main.ccache(marker) }).getTicket(service),
  "KRB5_CLIENT_KTNAME and KRB5CCNAME": (marker, onTrace) =>
    main
      .createClient({
        ...base(),
        onTrace,
        config: false,
        environment: { env: { KRB5_CLIENT_KTNAME: marker, KRB5CCNAME: marker } },
      } as never)
      .getTicket(service),
  "createKerberos.login: password": (marker, onTrace) =>
    main.createKerberos({ ...base(), onTrace }).login(main.password(alice, marker)),
  changePassword: async (marker, onTrace) => {
    const kerberos = main.createKerberos({ ...base(), onTrace, kpasswd: ["tcp://127.0.0.1:9"], kdcTimeoutMs: 200 });
    return await kerberos.changePassword(main.password(alice, "secret") as never, asText(marker));
  },
  parseKrb5Conf: (marker) => main.parseKrb5Conf(marker),
  "parseKrb5Conf, behind a section": (marker) => main.parseKrb5Conf(`[libdefaults]\n${marker}\n`),
  "lean: credentials": (marker, onTrace) => lean.createClient({ ...base(), onTrace, credentials: asText(marker) }),
  "lean: keytab": (marker, onTrace) =>
    lean
      .createClient({ ...base(), onTrace, credentials: { principal: alice, keytab: asText(marker) } })
      .getTicket(service),
  "lean: keytab, by a function": (marker, onTrace) =>
    lean
      .createClient({ ...base(), onTrace, credentials: { principal: alice, keytab: async () => asText(marker) } })
      .getTicket(service),
  "lean: keytab.base64": (marker, onTrace) =>
    lean
      .createClient({ ...base(), onTrace, credentials: { principal: alice, keytab: { base64: `${marker}!` } } })
      .getTicket(service),
  "lean: password": (marker, onTrace) =>
    lean.createClient({ ...base(), onTrace, credentials: { principal: alice, password: marker } }).getTicket(service),
  readKeytabFile: (marker) => credentials.readKeytabFile(marker),
  "readKeytabFile, with a type": (marker) => credentials.readKeytabFile(`FILE:${marker}`),
  "readKeytabFile, with another type": (marker) => credentials.readKeytabFile(`${marker}:x`),
  writeKeytabFile: (marker) => credentials.writeKeytabFile(`${marker}/under`, new credentials.Keytab([])),
  decodeKeytab: (marker) => credentials.decodeKeytab(asText(marker)),
  decodeCcacheFile: (marker) => credentials.decodeCcacheFile(asText(marker)),
  "openCache, read": (marker) => credentials.openCache(marker, host()).read(),
  "openCache, write": (marker) =>
    credentials.openCache(`FILE:${marker}/under`, host()).initialize({ principal: main.parsePrincipal(alice) }),
  "openCache, DIR": (marker) => credentials.openCache(`DIR:${marker}`, host()).store({} as never),
  "openCache, another type": (marker) => credentials.openCache(`${marker}:x`, host()),
  openCollection: (marker) => credentials.openCollection(`DIR:${marker}`, host())?.list(),
  "createStoreCache: key": (marker) =>
    credentials
      .createStoreCache({
        store: credentials.memoryStore(),
        key: asText(marker),
        principal: main.parsePrincipal(alice),
      })
      .read(),
  "gssapi: keytab": (marker) => gssapi.createAcceptor({ keytab: asText(marker) }),
  "gssapi: keytab.base64": (marker) => gssapi.createAcceptor({ keytab: { base64: `${marker}!` } }),
  "gssapi: keytabKeys": (marker) => gssapi.keytabKeys(asText(marker), {} as never),
  "gssapi: channelBindings": (marker) =>
    gssapi.createInitiator({ target: service, credential: {} as never, channelBindings: asText(marker) }),
  "server: keytab": (marker) => createRemctlServer({ keytab: asText(marker), commands: [] }),
  "testing: password": (marker) =>
    createTestRealm({ realm: "X", principals: { alice: { password: [marker] as never } } }),
  "websocket: a token": (marker) =>
    webSocketDial(`wss://127.0.0.1:9/?token=${encodeURIComponent(marker)}`)("server", 4373, {}),
  "websocket: a password": (marker) =>
    webSocketDial(`wss://user:${encodeURIComponent(marker)}@127.0.0.1:9/`)("server", 4373, {}),
};

describe("a secret in a wrong place is not shown", () => {
  for (const [option, attempt] of Object.entries(tries)) {
    it.each(Object.entries(markers))(`${option}: %s`, async (_, marker) => {
      const shown = await shownOf((onTrace) => attempt(marker, onTrace));
      for (const piece of piecesOf(marker)) expect(shown).not.toContain(piece);
    });
  }

  it("would be found if it were there", () => {
    for (const marker of Object.values(markers)) {
      const [piece = ""] = piecesOf(marker);
      expect(everything(new Error(`not this: ${marker}`))).toContain(piece);
      expect(everything(new Error("out", { cause: Object.assign(new Error("in"), { path: marker }) }))).toContain(
        piece,
      );
    }
  });
});

describe("a keytab in base64", () => {
  const octets = () => realm.keytab("host/localhost");

  it("is refused where a path belongs, at once, with the form that takes it named", () => {
    const text = encodeBase64(octets());
    expect(text).toMatch(/^BQI/);
    const wanted = /\{ keytab: \{ base64: text \} \}/;
    expect(() => main.keytab(alice, text)).toThrow(TypeError);
    expect(() => main.keytab(alice, ` ${text}`)).toThrow(wanted);
    expect(() => main.createClient({ ...base(), credentials: { principal: alice, keytab: asText(text) } })).toThrow(
      wanted,
    );
    expect(() => lean.createClient({ ...base(), credentials: { principal: alice, keytab: asText(text) } })).toThrow(
      wanted,
    );
  });

  it("logs in by that form, on each entry, given or by a function; an acceptor takes it too", async () => {
    const base64 = encodeBase64(octets()).replace(/(.{60})/g, "$1\n");
    const principal = "host/localhost@TEST.EXAMPLE";
    for (const keytab of [{ base64 }, async () => ({ base64 })]) {
      for (const make of [main.createClient, lean.createClient]) {
        const client = (make as typeof lean.createClient)({ ...base(), credentials: { principal, keytab } });
        expect((await client.getTicket("krbtgt/TEST.EXAMPLE@TEST.EXAMPLE")).client.components).toEqual([
          "host",
          "localhost",
        ]);
        client.close();
      }
    }
    const client = main.createClient({ ...base(), credentials: { principal: alice, password: "secret" } });
    const initiator = gssapi.createInitiator({ target: principal, credential: client });
    const acceptor = gssapi.createAcceptor({ keytab: { base64 } });
    await initiator.step(await acceptor.step(await initiator.step()));
    expect(acceptor.isEstablished).toBe(true);
  });

  it("a path that looks like one is quoted: the message says which file", async () => {
    for (const path of ["/no/such/robot.keytab", "FILE:/no/such/robot.keytab", "./BQI.keytab", "robot.keytab"]) {
      await expect(credentials.readKeytabFile(path)).rejects.toThrow(`${path}: the keytab does not exist`);
    }
  });
});
