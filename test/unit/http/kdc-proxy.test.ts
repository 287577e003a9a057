// createKdcProxy between our own client and the embedded realm.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKdcProxy, type KdcProxyOptions } from "../../../src/entry/http.ts";
import { createClient } from "../../../src/entry/index.ts";
import { createTestRealm, type TestRealm } from "../../../src/entry/testing.ts";
import { decodeProxyMessage, encodeProxyMessage, kkdcp } from "../../../src/transport/index.ts";

const REALM = "TEST.EXAMPLE";
const URL = "https://www.test.example/KdcProxy";
const KDC = "tcp://192.0.2.88";

let realm: TestRealm;
let dialled: string[] = [];
beforeAll(async () => {
  realm = await createTestRealm({ realm: REALM, principals: { alice: { password: "secret" }, "host/server": {} } });
});
afterAll(() => realm.close());

function proxy(options: Partial<KdcProxyOptions> = {}) {
  dialled = [];
  return createKdcProxy({
    realms: { [REALM]: { kdc: KDC, kpasswd: "tcp://192.0.2.89" } },
    dial: (host, port, rest) => {
      dialled.push(`${host}:${port}`);
      return realm.dial(host, port, rest);
    },
    ...options,
  });
}

/** A client that reaches its KDC through a handler; what it sent is kept. */
function clientOf(handler: (request: Request) => Promise<Response>, bodies: Uint8Array[] = []) {
  return createClient({
    credentials: { principal: `alice@${REALM}`, password: "secret" },
    kdc: [URL],
    fetch: async (url, init) => {
      bodies.push(init.body);
      return handler(new Request(url, init as RequestInit));
    },
  });
}

const logIn = (handler: (request: Request) => Promise<Response>, bodies?: Uint8Array[]) =>
  clientOf(handler, bodies).getTicket({ realm: REALM, nameType: 3, components: ["host", "server"] });

/** The bodies of a login and a ticket: AS-REQ, AS-REQ with the proof, TGS-REQ. */
async function bodiesOfLogin(): Promise<Uint8Array[]> {
  const bodies: Uint8Array[] = [];
  await logIn(proxy(), bodies);
  return bodies;
}

const post = (body: Uint8Array, headers: Record<string, string> = {}) =>
  new Request(URL, { method: "POST", body: body as Uint8Array<ArrayBuffer>, headers });

/** An envelope as a client makes it, for a realm of choice. */
async function envelope(message: Uint8Array, target: string): Promise<Uint8Array> {
  let body: Uint8Array | undefined;
  const fetch = async (_: string, init: { readonly body: Uint8Array }): Promise<never> => {
    body = init.body;
    throw new Error("kept");
  };
  const endpoint = { transport: "kkdcp", host: "a", port: 443, url: URL } as const;
  const question = { endpoint, realm: target, request: message, host: { fetch }, signal: new AbortController().signal };
  await kkdcp.ask(question as never).catch(() => {});
  return body as Uint8Array;
}

describe("createKdcProxy", () => {
  it("carries logins and requests for tickets, and nothing is asked but the addresses that are listed", async () => {
    const kinds: string[] = [];
    const limit: KdcProxyOptions["limit"] = ({ kind, realm: of, client }) => {
      kinds.push(`${kind} ${of} ${client?.components.join("/")}`);
      return true;
    };
    const ticket = await logIn(proxy({ limit }));
    expect(ticket.service.components).toEqual(["host", "server"]);
    expect(new Set(dialled)).toEqual(new Set(["192.0.2.88:88"]));
    expect(kinds).toEqual([`AS-REQ ${REALM} alice`, `AS-REQ ${REALM} alice`, `TGS-REQ ${REALM} undefined`]);
  });

  it("KP1: asks addresses, never names, and no proxy behind it", () => {
    for (const kdc of ["kdc.example.org", "tcp://kdc.example.org:88", "https://192.0.2.1/KdcProxy", "localhost"]) {
      expect(() => proxy({ realms: { A: { kdc } } }), kdc).toThrow(/kdc\[0\] is not an address/);
    }
    expect(() => proxy({ realms: { A: { kdc: [] } } })).toThrow(/an address, or an array/);
    expect(() => proxy({ realms: { A: { kdc: ["[2001:db8::88]:750", "udp://192.0.2.1"] } } })).not.toThrow();
  });

  it("KP1: each realm has its KDCs", () => {
    const without = { [REALM]: { kpasswd: KDC } as never };
    expect(() => proxy({ realms: without })).toThrow(/realms\.TEST\.EXAMPLE\.kdc is undefined/);
    expect(() => createKdcProxy({} as never)).toThrow(/realms is undefined/);
  });

  it("KP1: another realm is refused, and nothing is sent", async () => {
    const [body] = await bodiesOfLogin();
    const strange = proxy({ realms: { "OTHER.EXAMPLE": { kdc: KDC } } });
    expect((await strange(post(body as Uint8Array))).status).toBe(403);
    expect(dialled).toEqual([]);
  });

  it("KP2: the realm of the message is that of its envelope", async () => {
    const other = { [REALM]: { kdc: KDC }, "OTHER.EXAMPLE": { kdc: KDC } };
    for (const body of await bodiesOfLogin()) {
      const { message } = decodeProxyMessage(body);
      const handler = proxy({ realms: other });
      expect((await handler(post(await envelope(message, "OTHER.EXAMPLE")))).status).toBe(400);
      expect((await handler(post(encodeProxyMessage(message)))).status).toBe(400);
      expect(dialled).toEqual([]);
      expect((await handler(post(await envelope(message, REALM)))).status).toBe(200);
    }
  });

  it("KP3: what is not a request to a KDC goes nowhere", async () => {
    const [body] = (await bodiesOfLogin()) as [Uint8Array];
    const { message } = decodeProxyMessage(body);
    const strange = [
      new Uint8Array(),
      new Uint8Array(100),
      body.subarray(0, body.length - 1),
      Uint8Array.of(...body, 0),
      await envelope(message.subarray(0, message.length - 1), REALM),
      await envelope(Uint8Array.of(...message, 0), REALM),
      // An AS-REP, an AP-REQ, a KRB-ERROR; and what begins as a password request.
      ...(await Promise.all(
        [0x6b, 0x6e, 0x7e].map((tag) => envelope(Uint8Array.of(tag, ...message.subarray(1)), REALM)),
      )),
      await envelope(Uint8Array.of(0, 10, 0, 1, 0, 3, 1, 2, 3, 4), REALM),
      await envelope(Uint8Array.of(0, 8, 0, 1, 0, 9, 1, 2), REALM),
    ];
    const handler = proxy();
    for (const one of strange) expect((await handler(post(one))).status).toBe(400);
    expect((await handler(new Request(URL))).status).toBe(405);
    expect((await handler(post(new Uint8Array(131_073)))).status).toBe(413);
    expect(dialled).toEqual([]);
  });

  it("KP3: what is not a request for a password: another length than it says, and a version that RFC 3244 lacks", async () => {
    const bodies: Uint8Array[] = [];
    await clientOf(proxy({ realms: { [REALM]: { kdc: KDC } } }), bodies)
      .changePassword("new-secret")
      .catch(() => {});
    const messages = bodies.map((body) => decodeProxyMessage(body).message);
    const request = messages.find(([first = 0]) => first < 0x60) as Uint8Array;
    // What it reads as a request comes to the limit.
    const handler = proxy({ limit: () => false });
    const statusOf = async (message: Uint8Array) => (await handler(post(await envelope(message, REALM)))).status;
    for (const at of [1, 2, 3]) {
      const changed = request.slice();
      changed[at] = (changed[at] as number) ^ 0x40;
      expect(await statusOf(changed), `octet ${at}`).toBe(400);
    }
    expect(await statusOf(request)).toBe(429);
    // A ticket for another service than that of passwords.
    const at = Buffer.from(request).indexOf("changepw");
    const other = request.slice();
    other[at + 7] = 0x78;
    expect(await statusOf(other)).toBe(400);
    // Versions of RFC 3244 and before it.
    for (const [version, status] of [
      [[0, 1], 429],
      [[0xff, 0x80], 429],
      [[0, 0x80], 400],
      [[0xff, 1], 400],
    ] as const) {
      const changed = request.slice();
      changed.set(version, 2);
      expect(await statusOf(changed), String(version)).toBe(status);
    }
    // An AP-REQ of no octets, and one that takes all of them.
    for (const length of [0, request.length - 6, request.length]) {
      const changed = request.slice();
      changed.set([length >>> 8, length & 0xff], 4);
      expect(await statusOf(changed), String(length)).toBe(400);
    }
    // An AP-REQ with nothing behind it: what it says is its length, and one octet more than there is.
    const apReqBytes = ((request[4] as number) << 8) | (request[5] as number);
    for (const more of [0, 1]) {
      const alone = request.slice(0, 6 + apReqBytes);
      const [all, part] = [alone.length, apReqBytes + more];
      alone.set([all >>> 8, all & 0xff, 0, 1, part >>> 8, part & 0xff]);
      expect(await statusOf(alone), `an AP-REQ alone, ${more} too long`).toBe(400);
    }
  });

  it("KP3: passwords are changed only where password servers are listed", async () => {
    const change = async (handler: (request: Request) => Promise<Response>) =>
      clientOf(handler)
        .changePassword("new-secret")
        .then(
          () => "changed",
          (error) => String(error.code),
        );
    expect(await change(proxy({ realms: { [REALM]: { kdc: KDC } } }))).not.toBe("changed");
    expect(dialled.filter((one) => one.endsWith(":464"))).toEqual([]);
  });

  it("KP3: password servers are asked one after the other", async () => {
    const asked: string[] = [];
    const ends: (() => void)[] = [];
    const handler = proxy({
      realms: { [REALM]: { kdc: KDC, kpasswd: ["tcp://192.0.2.89", "tcp://192.0.2.90"] } },
      dial: (host, port, rest) => {
        if (port !== 464) return realm.dial(host, port, rest);
        asked.push(host);
        return new Promise((_, reject) => ends.push(() => reject(new Error("away"))));
      },
    });
    const changed = clientOf(handler)
      .changePassword("new-secret")
      .catch(() => {});
    while (asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(asked).toEqual(["192.0.2.89"]);
    ends[0]?.();
    while (asked.length === 1) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(asked).toEqual(["192.0.2.89", "192.0.2.90"]);
    ends[1]?.();
    await changed;
  });

  it("what a limit throws is the handler's to say, and no 503", async () => {
    const [body] = await bodiesOfLogin();
    const limit = () => {
      throw new Error("the limit's store is away");
    };
    await expect(proxy({ limit })(post(body as Uint8Array))).rejects.toThrow("the limit's store is away");
  });

  it("a limit that is not true ends the request", async () => {
    const [body] = (await bodiesOfLogin()) as [Uint8Array];
    for (const limit of [() => false, async () => false, () => "yes" as never]) {
      expect((await proxy({ limit })(post(body))).status).toBe(429);
      expect(dialled).toEqual([]);
    }
  });

  it("KP4: pages of other origins are refused unless listed, by name and without credentials", async () => {
    const [body] = (await bodiesOfLogin()) as [Uint8Array];
    const page = "https://page.example";
    const listed = proxy({ allowedOrigins: [page] });
    const preflight = (origin: string) => new Request(URL, { method: "OPTIONS", headers: { origin } });
    for (const origin of [page, "https://evil.example", "https://page.example.evil.example", "null"]) {
      const isListed = origin === page;
      const before = await listed(preflight(origin));
      expect(before.status).toBe(isListed ? 204 : 403);
      const answer = await listed(post(body, { origin }));
      expect(answer.status).toBe(isListed ? 200 : 403);
      for (const one of [before, answer]) {
        expect(one.headers.get("access-control-allow-origin")).toBe(isListed ? page : null);
        expect(one.headers.get("access-control-allow-credentials")).toBeNull();
        expect(one.headers.get("vary")).toBe("Origin");
        expect(one.headers.get("cache-control")).toBe("no-store");
      }
    }
    expect((await proxy()(preflight(page))).status).toBe(403);
    expect((await proxy()(post(body, { origin: page }))).status).toBe(403);
    expect((await proxy()(post(body, { origin: "https://www.test.example", host: "www.test.example" }))).status).toBe(
      200,
    );
  });

  it("an answer says what it is, and a refusal has no body", async () => {
    const [body] = (await bodiesOfLogin()) as [Uint8Array];
    const right = await proxy()(post(body));
    expect(right.headers.get("content-type")).toBe("application/kerberos");
    for (const refused of [await proxy()(new Request(URL)), await proxy({ limit: () => false })(post(body))]) {
      expect([refused.headers.get("content-type"), await refused.text()]).toEqual([null, ""]);
    }
  });

  it("a KDC that is away is 503", async () => {
    const [body] = (await bodiesOfLogin()) as [Uint8Array];
    const away = proxy({ dial: () => Promise.reject(new Error("away")), timeoutMs: 100 });
    expect((await away(post(body))).status).toBe(503);
  });
});
