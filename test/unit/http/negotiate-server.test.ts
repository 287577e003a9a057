// The server's rules, with our own client and hostile ones.

import { describe, expect, it } from "vitest";
import { encodeBase64 } from "../../../src/bytes/index.ts";
import { createReplayCache, tlsServerEndPoint } from "../../../src/entry/gssapi.ts";
import {
  type Authentication,
  createNegotiateServer,
  createNegotiator,
  type IncomingRequest,
  type NegotiateServerOptions,
} from "../../../src/entry/http.ts";
import { ALICE, SITE, world } from "./world.ts";

async function authorizationOf(options: { bindings?: Uint8Array } = {}): Promise<string> {
  const { credential } = await world();
  const negotiator = createNegotiator({ credential, origins: [SITE] });
  const { authorization } = await negotiator.begin(SITE, { channelBindings: options.bindings });
  return authorization;
}

async function ask(
  options: Partial<NegotiateServerOptions>,
  authorization: string | undefined,
  more: Partial<IncomingRequest> = {},
): Promise<Authentication> {
  const { server } = await world();
  const headers = { ...(authorization === undefined ? {} : { authorization }), ...more.headers };
  return server(options).authenticate({ method: "GET", url: "/", ...more, headers });
}

const fieldsOf = ({ headers }: Authentication, name: string) =>
  headers.filter(([field]) => field === name).map(([, value]) => value);

describe("createNegotiateServer", () => {
  it("asks, and lets a client in with its own proof", async () => {
    const first = await ask({}, undefined);
    expect(first).toMatchObject({ isAuthenticated: false, status: 401 });
    expect(fieldsOf(first, "www-authenticate")).toEqual(["Negotiate"]);
    const second = await ask({}, await authorizationOf());
    expect(second).toMatchObject({ isAuthenticated: true, principal: ALICE });
    expect(fieldsOf(second, "www-authenticate")).toHaveLength(1);
  });

  it("H11: every answer is for one client alone", async () => {
    for (const answer of [
      await ask({}, undefined),
      await ask({}, await authorizationOf()),
      await ask({}, undefined, { method: "POST", headers: { origin: "https://evil.example" } }),
    ]) {
      expect(fieldsOf(answer, "vary")).toEqual(["Authorization"]);
      expect(fieldsOf(answer, "cache-control")).toEqual(["no-store"]);
    }
  });

  it("a token is good once", async () => {
    const replayCache = createReplayCache();
    const authorization = await authorizationOf();
    expect((await ask({ replayCache }, authorization)).isAuthenticated).toBe(true);
    expect(await ask({ replayCache }, authorization)).toMatchObject({
      isAuthenticated: false,
      error: { code: "REPLAY" },
    });
  });

  it("refuses tokens that are none, and says why in its log's words only", async () => {
    const table: readonly (readonly [string, number, RegExp])[] = [
      ["Bearer x", 401, /another scheme/],
      ["Negotiate", 401, /without a token/],
      ["Negotiate ???", 401, /not base64/],
      ["Negotiate AAAA, Negotiate AAAA", 401, /not base64/],
      ["NegotiateAAAA", 401, /another scheme/],
      ["Negotiate \u00a0AAAA", 401, /not base64/],
      [`Negotiate ${encodeBase64(new TextEncoder().encode("NTLMSSP\0abc"))}`, 401, /NTLM only: it got no ticket/],
      [`Negotiate ${"A".repeat(100_000)}`, 431, /longer than 65536/],
      ["Negotiate AAAA", 401, /./],
    ];
    for (const [authorization, status, reason] of table) {
      const answer = await ask({}, authorization);
      expect(answer).toMatchObject({ isAuthenticated: false, status });
      expect((answer as { reason: string }).reason).toMatch(reason);
      expect(fieldsOf(answer, "www-authenticate")[0]).toMatch(/^Negotiate/);
    }
    const { keytab } = await world();
    const stranger = await ask({ keytab: keytab("HTTP/other.example") }, await authorizationOf());
    expect(fieldsOf(stranger, "www-authenticate")[0]).toMatch(/^Negotiate .{20}/);
  });

  it("H15: takes tickets for HTTP, and for no other service of the keytab, unless told", async () => {
    const { credential, keytab } = await world();
    const both = keytab("HTTP/www.test.example", "host/www.test.example");
    const negotiator = createNegotiator({ credential, origins: [SITE], target: () => "host@www.test.example" });
    const forHost = async () => (await negotiator.begin(SITE)).authorization;
    expect((await ask({ keytab: both }, await authorizationOf())).isAuthenticated).toBe(true);
    expect((await ask({ keytab: both }, await forHost())).isAuthenticated).toBe(false);
    expect((await ask({ keytab: both, service: "host" }, await forHost())).isAuthenticated).toBe(true);
    expect(
      (await ask({ keytab: both, service: "HTTP@www.test.example" }, await authorizationOf())).isAuthenticated,
    ).toBe(true);
    expect(() => createNegotiateServer({ keytab: keytab("host/www.test.example") })).toThrow(TypeError);
  });

  it("limits the token's octets, and not its text", async () => {
    const authorization = await authorizationOf();
    const octets = Buffer.from(authorization.slice(10), "base64").length;
    expect((await ask({ maxTokenBytes: octets }, authorization)).isAuthenticated).toBe(true);
    expect(await ask({ maxTokenBytes: octets - 3 }, authorization)).toMatchObject({ status: 431 });
  });

  it("H10: what a page of another origin changes is refused, before its token is looked at", async () => {
    const send = async (
      method: string,
      headers: Record<string, string>,
      options: Partial<NegotiateServerOptions> = {},
    ) =>
      (await ask(options, await authorizationOf(), { method, headers: { host: "www.test.example", ...headers } }))
        .isAuthenticated;
    const evil = { origin: "https://evil.example" };
    for (const method of ["POST", "PUT", "DELETE", "PATCH", "post"]) {
      expect(await send(method, evil), method).toBe(false);
      expect(await send(method, { origin: "null" })).toBe(false);
      expect(await send(method, { origin: "https://www.test.example:8443" })).toBe(false);
      expect(await send(method, { origin: "https://www.test.example.evil.example" })).toBe(false);
      expect(await send(method, { "sec-fetch-site": "cross-site" })).toBe(false);
      expect(await send(method, { origin: "https://www.test.example" })).toBe(true);
      expect(await send(method, {})).toBe(true);
      expect(await send(method, evil, { allowedOrigins: ["https://evil.example"] })).toBe(true);
    }
    expect(await send("GET", evil)).toBe(true);
    // A WebSocket is opened by GET, and no other rule of a browser binds what a page does with it.
    const socket = { connection: "Upgrade", upgrade: "websocket" };
    expect(await send("GET", { ...evil, ...socket })).toBe(false);
    expect(await send("GET", { origin: "null", ...socket })).toBe(false);
    expect(await send("GET", { origin: "https://www.test.example", ...socket })).toBe(true);
    expect(await send("GET", socket)).toBe(true);
    // A page that came without TLS could be anybody's.
    const plain = { origin: "http://www.test.example" };
    expect(await send("POST", plain)).toBe(true);
    expect(await send("POST", plain, { isSecure: () => true })).toBe(false);
    expect(await send("POST", plain, { isSecure: () => true, allowedOrigins: [plain.origin] })).toBe(true);
    expect(await send("POST", { origin: "ftp://www.test.example" })).toBe(false);
    const { server } = await world();
    const guarded = server().protect(() => new Response("in"));
    for (const [origin, status] of [
      ["https://evil.example", 403],
      [SITE.replace("https:", "http:"), 403],
      [SITE, 200],
    ] as const) {
      const headers = { origin, authorization: await authorizationOf() };
      expect((await guarded(new Request(`${SITE}/a`, { method: "POST", headers }))).status).toBe(status);
    }
    const http2 = { ":authority": "www.test.example", origin: SITE };
    expect((await ask({}, await authorizationOf(), { method: "POST", headers: http2 })).isAuthenticated).toBe(true);
    expect(() => createNegotiateServer({ keytab: new Uint8Array(), allowedOrigins: ["*"] })).toThrow(
      /allowedOrigins\[0\]/,
    );
  });

  it("H12: Basic is offered over TLS only", async () => {
    const options = { fallback: ['Basic realm="x"', "Bearer"] };
    const offered = async (more: Partial<IncomingRequest>, own = {}) =>
      fieldsOf(await ask({ ...options, ...own }, undefined, more), "www-authenticate");
    const both = ["Negotiate", 'Basic realm="x"', "Bearer"];
    expect(await offered({ url: "http://www.test.example/" })).toEqual(["Negotiate", "Bearer"]);
    expect(await offered({ url: "/", socket: {} })).toEqual(["Negotiate", "Bearer"]);
    expect(await offered({ url: "https://www.test.example/" })).toEqual(both);
    expect(await offered({ socket: { encrypted: true } })).toEqual(both);
    expect(await offered({}, { isSecure: () => true })).toEqual(both);
    const broken = () => createNegotiateServer({ keytab: new Uint8Array(), fallback: ["Basic\r\nX: y"] });
    expect(broken).toThrow(/fallback\[0\] is not a challenge/);
  });

  it("H13: each request needs a token, unless connections are bound; then for its own connection alone", async () => {
    const { server } = await world();
    const socket = {};
    for (const bindConnections of [false, true]) {
      const one = server({ bindConnections });
      const send = (authorization: string | undefined, more: Partial<IncomingRequest> = {}) =>
        one.authenticate({ headers: authorization === undefined ? {} : { authorization }, socket, ...more });
      const first = await send(await authorizationOf());
      expect(fieldsOf(first, "persistent-auth")).toEqual(bindConnections ? ["true"] : []);
      expect((await send(undefined)).isAuthenticated).toBe(bindConnections);
      expect((await send(undefined, { socket: {} })).isAuthenticated).toBe(false);
      expect((await send(undefined, { httpVersionMajor: 2 })).isAuthenticated).toBe(false);
    }
  });

  it("H13: a bound connection ends with its ticket", async () => {
    const { server } = await world();
    let nowMs = Date.now();
    const one = server({ bindConnections: true, now: () => nowMs });
    const socket = {};
    await one.authenticate({ headers: { authorization: await authorizationOf() }, socket });
    nowMs += 30 * 86_400_000;
    expect((await one.authenticate({ headers: {}, socket })).isAuthenticated).toBe(false);
  });

  it("channel bindings: those of this channel, and no others", async () => {
    const bindings = tlsServerEndPoint(new Uint8Array(32).fill(1));
    const other = tlsServerEndPoint(new Uint8Array(32).fill(2));
    for (const channelBindings of [bindings, () => bindings]) {
      expect((await ask({ channelBindings }, await authorizationOf({ bindings }))).isAuthenticated).toBe(true);
      const lenient = { channelBindings, requireChannelBindings: false };
      expect((await ask(lenient, await authorizationOf())).isAuthenticated).toBe(true);
      expect((await ask(lenient, await authorizationOf({ bindings: other }))).isAuthenticated).toBe(false);
      for (const wrong of [{ bindings: other }, {}]) {
        const refused = await ask({ channelBindings }, await authorizationOf(wrong));
        expect(refused).toMatchObject({ isAuthenticated: false, error: { code: "GSS_BAD_BINDINGS" } });
      }
    }
  });

  it("that they are required is of no use without any, and a caller hears of it at once", async () => {
    const { server } = await world();
    expect(() => server({ requireChannelBindings: true })).toThrow(
      "requireChannelBindings needs the option channelBindings",
    );
    expect(() => server({ requireChannelBindings: true, channelBindings: () => undefined })).not.toThrow();
    expect(() => server({ requireChannelBindings: false })).not.toThrow();
  });

  it.each([
    [undefined, "HTTP/HOST"],
    ["HTTP@www.test.example", "HTTP@www.test.example"],
    [["HTTP", "HTTP@www.test.example"], "HTTP/HOST or HTTP@www.test.example"],
    [() => true, "this service"],
  ])("of a client without a ticket says for what: service %o", async (service, shown) => {
    const answer = await ask({ service }, `Negotiate ${encodeBase64(new TextEncoder().encode("NTLMSSP\0\x01"))}`);
    expect(answer).toMatchObject({ reason: expect.stringContaining(`NTLM only: it got no ticket for ${shown}. Look`) });
  });

  it("H8: where others accept with the same keys, a replay cache must be shared", async () => {
    const { keytab } = await world();
    const runtime = { name: "workerd", isOneOfMany: () => true } as const;
    const make = (more: Partial<NegotiateServerOptions>) => () =>
      createNegotiateServer({ keytab: keytab(), runtime, ...more });
    expect(make({})).toThrow(/replayCache is undefined.*storeReplayCache/);
    expect(make({ replayCache: createReplayCache() })).not.toThrow();
    expect(make({ runtime: { name: "node", isOneOfMany: () => false } })).not.toThrow();
  });

  it("throws what a replay cache of the caller's own throws", async () => {
    const remember = () => Promise.reject(new RangeError("the store is away"));
    const answer = ask({ replayCache: { remember } }, await authorizationOf());
    await expect(answer).rejects.toMatchObject({ cause: { message: "the store is away" } });
  });

  it("protect adds its fields to an answer that cannot be changed", async () => {
    const { server, fetch } = await world();
    const guarded = server().protect(() => Response.json({ ok: true }, { headers: { vary: "Accept" } }));
    const answer = await fetch(guarded)(`${SITE}/`);
    expect(answer.headers.get("vary")).toBe("Accept, Authorization");
    expect(await answer.json()).toEqual({ ok: true });
  });
});
