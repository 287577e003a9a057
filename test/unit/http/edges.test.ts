// The edges of what each side of HTTP Negotiate takes and refuses: each row is noticed by a user or an attacker.

import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { encodeBase64 } from "../../../src/bytes/index.ts";
import { createInitiator, createReplayCache } from "../../../src/entry/gssapi.ts";
import {
  type Authentication,
  createNegotiator,
  type IncomingRequest,
  type NegotiateOptions,
  type NegotiateServerOptions,
  negotiateFetch,
  nodeConnections,
  proxyAgents,
} from "../../../src/entry/http.ts";
import { Learned } from "../../../src/http/learned.ts";
import { serverEndPoint } from "../../../src/http/server-end-point.ts";
import { encodeResponse } from "../../../src/spnego/tokens.ts";
import { KRB5, NTLM, offerOf } from "../spnego/negotiation.ts";
import { failureOf, SITE, world } from "./world.ts";

const field = (token: Uint8Array) => `Negotiate ${encodeBase64(token)}`;
const spent = () => new ReadableStream({ start: (controller) => controller.close() });

async function negotiator(options: Partial<NegotiateOptions> = {}) {
  const { credential } = await world();
  return createNegotiator({ credential, origins: [SITE], ...options });
}
const authorization = async () => (await (await negotiator()).begin(SITE)).authorization;

async function ask(request: Partial<IncomingRequest>, options: Partial<NegotiateServerOptions> = {}) {
  const { server } = await world();
  return server(options).authenticate({ headers: {}, ...request });
}

describe("the negotiator", () => {
  it("knows which URLs are listed, those of a WebSocket by the request that opens it", async () => {
    const one = await negotiator({ origins: [SITE, "http://plain.example"] });
    expect(one.isListed(`${SITE.replace("https", "wss")}/events`)).toBe(true);
    expect(one.isListed("ws://plain.example/events")).toBe(true);
    expect(one.isListed("wss://plain.example/events")).toBe(false);
    const all = await negotiator({ origins: () => true });
    for (const url of ["ftp://www.test.example/", "file:///etc/passwd", "data:,x"])
      expect(all.isListed(url)).toBe(false);
  });

  it("is asked by a 401 that names Negotiate alone, and learns by that", async () => {
    const one = await negotiator();
    const of = (value: string | null) => ({ get: () => value });
    for (const [status, value, isAsked] of [
      [200, "Negotiate", false],
      [407, "Negotiate", false],
      [401, null, false],
      [401, "Basic", false],
      [401, "Negotiate", true],
    ] as const) {
      expect(one.isExpected(SITE)).toBe(false);
      expect(one.isAsked(SITE, of(value), status)).toBe(isAsked);
    }
    expect([one.isExpected(SITE), one.isExpected("https://other.example")]).toEqual([true, false]);
    expect((await negotiator({ preemptive: true })).isExpected(SITE)).toBe(true);
    expect((await negotiator({ mutual: "required" })).isExpected(SITE)).toBe(true);
    const never = await negotiator({ preemptive: false });
    never.isAsked(SITE, of("Negotiate"), 401);
    expect(never.isExpected(SITE)).toBe(false);
  });

  it("H6: a 401 with a token, when the context has all it needs, is the caller's", async () => {
    const { verify } = await (await negotiator({ mutual: "off", useSpnego: false })).begin(SITE);
    expect(await verify({ get: () => "Negotiate AAAA" }, 401)).toBeUndefined();
    const { verify: bare } = await (await negotiator()).begin(SITE);
    expect(await bare({ get: () => "Negotiate" }, 401)).toBeUndefined();
  });

  it("an answer before the exchange of tokens is complete is refused", async () => {
    const { verify } = await (await negotiator({ useSpnego: false })).begin(SITE);
    expect((await failureOf(verify({ get: () => "Negotiate" }, 431))).code).toBe("HTTP_TOKEN_TOO_LARGE");
    const { verify: again } = await (await negotiator()).begin(SITE);
    const incomplete = field(encodeResponse({ state: 1, mechanism: KRB5 }));
    expect((await failureOf(again({ get: () => incomplete }, 200))).code).toBe("GSS_DEFECTIVE_TOKEN");
  });

  it.each([[false], ["policy"]] as const)("takes delegation: %j", async (delegation) => {
    expect((await negotiator({ delegation })).isListed(SITE)).toBe(true);
  });
  it.each([[true], ["always"], [""], [0]])("refuses delegation: %j", async (delegation) => {
    await expect(negotiator({ delegation: delegation as never })).rejects.toThrow(/delegation/);
  });

  it("remembers the latest thousand origins", () => {
    const learned = new Learned();
    for (let i = 0; i < 1_000; i++) learned.add(`https://h${i}`);
    learned.add("https://h0");
    expect([learned.has("https://h0"), learned.has("https://h1")]).toEqual([true, true]);
    learned.add("https://more");
    expect(["h0", "h1", "h2", "more"].map((one) => learned.has(`https://${one}`))).toEqual([true, false, true, true]);
  });
});

describe("negotiateFetch", () => {
  it.each([200, 201, 300, 304, 305, 306, 400])("status %i with a Location is no redirect", async (status) => {
    const { fetch } = await world();
    let requests = 0;
    const body = status === 304 ? null : "here";
    const get = fetch(() => {
      requests++;
      return new Response(body, { status, headers: { location: "https://other.example/" } });
    });
    expect([(await get(`${SITE}/`)).status, requests]).toEqual([status, 1]);
  });

  it.each([
    "https://user@www.test.example/",
    "https://:secret@www.test.example/",
    "javascript:alert(1)",
    "data:,x",
    "https://[secret",
    "http://a b/",
  ])("a redirect to %s is refused, and its connection free", async (location) => {
    const { fetch } = await world();
    const answer = new Response("moved", { status: 302, headers: { location } });
    const failure = await failureOf(fetch(() => answer)(`${SITE}/`));
    expect(failure.message).toMatch(/^fetch failed: the server redirects to/);
    expect(failure.message).not.toContain("secret");
    expect(answer.bodyUsed).toBe(true);
  });

  it.each([
    ["https://user@www.test.example/", /user name or password/],
    ["https://:secret@www.test.example/", /user name or password/],
    ["/without-a-base", /Invalid URL/],
  ])("a URL %s is refused by a promise, as fetch does it", async (url, message) => {
    const { fetch } = await world();
    const failure = await failureOf(fetch(() => new Response("in"))(url));
    expect(failure.message).toMatch(message);
    expect(failure.message).not.toContain("secret");
  });

  const iterable = { [Symbol.asyncIterator]: async function* () {} };
  it.each([
    ["a stream", spent],
    ["an async generator", () => iterable[Symbol.asyncIterator]()],
    ["what can be iterated", () => iterable],
    ["an iterator", () => ({ next: () => ({ done: true }) })],
  ])("H3: %s is a body for one time", async (_, body) => {
    const { credential } = await world();
    const post = (answer: Response, preemptive?: boolean) =>
      negotiateFetch({ credential, origins: [SITE], preemptive, fetch: async () => answer })(`${SITE}/`, {
        method: "POST",
        body: body() as never,
      });
    const asking = new Response("no", { status: 401, headers: { "www-authenticate": "Negotiate" } });
    await expect(post(asking, false)).rejects.toThrow(/asks for a token, and the body is a stream/);
    const moved = new Response(null, { status: 307, headers: { location: "/there" } });
    await expect(post(moved)).rejects.toThrow(/redirects \(HTTP 307\), and the body is a stream/);
  });

  it("what a Request has is what is sent: signal, credentials, cache, referrer", async () => {
    const { credential } = await world();
    const sent: RequestInit[] = [];
    const fetch = async (_: unknown, init?: RequestInit) => {
      sent.push(init ?? {});
      return new Response("in");
    };
    const { signal } = new AbortController();
    const request = new Request(`${SITE}/`, {
      signal,
      credentials: "omit",
      cache: "no-store",
      referrer: "",
      redirect: "manual",
      headers: { "x-own": "1" },
    });
    const get = negotiateFetch({ credential, origins: [SITE], fetch: fetch as typeof globalThis.fetch });
    await get(request);
    await get(request, { cache: "reload", headers: { "x-own": "2" }, method: "PUT" });
    expect(sent.map(({ credentials, cache, method }) => [credentials, cache, method])).toEqual([
      ["omit", "no-store", "GET"],
      ["omit", "reload", "PUT"],
    ]);
    expect(sent.map(({ headers }) => (headers as Headers).get("x-own"))).toEqual(["1", "2"]);
    expect(sent[0]?.signal?.aborted).toBe(false);
    expect(sent.map(({ redirect }) => redirect)).toEqual(["manual", "manual"]);
  });

  it.each([0, 1, 2])(
    "ended by its caller after %i requests for tickets it rejects with the reason, as fetch does",
    async (after) => {
      const { credential } = await world();
      const ending = new AbortController();
      const reason = new DOMException("enough", "AbortError");
      let asked = 0;
      let sent = 0;
      if (after === 0) ending.abort(reason);
      const get = negotiateFetch({
        credential: {
          getTicket(service, options) {
            if (++asked === after) ending.abort(reason);
            return credential.getTicket(service, options);
          },
        },
        origins: [SITE],
        preemptive: true,
        fetch: async () => {
          sent++;
          return sent === 1 ? new Response(null, { status: 302, headers: { location: "/again" } }) : new Response("in");
        },
      });
      expect(await failureOf(get(`${SITE}/`, { signal: ending.signal }))).toBe(reason);
      expect([asked, sent]).toEqual([after, Math.max(0, after - 1)]);
    },
  );

  it("in a page what a Request has is sent as octets: browsers send streams over HTTP/2 alone, if at all", async () => {
    vi.stubGlobal("location", { href: `${SITE}/page` });
    onTestFinished(() => void vi.unstubAllGlobals());
    const { fetch } = await world();
    const got: string[] = [];
    const get = fetch(async (request) => {
      got.push(`${request.method} ${request.url} ${request.headers.get("content-type")} ${await request.text()}`);
      if (request.headers.has("authorization")) return new Response("in");
      return new Response(null, { status: 401, headers: { "www-authenticate": "Negotiate" } });
    });
    for (const body of ["text", null]) {
      got.length = 0;
      const post = new Request(`${SITE}/a`, { method: "POST", body, headers: { "content-type": "text/x" } });
      // Firefox shows no body of a request.
      Object.defineProperty(post, "body", { value: undefined });
      expect((await get(post)).status).toBe(200);
      // It can be sent again: the first time it has no token.
      const one = `POST ${SITE}/a text/x ${body ?? ""}`;
      expect(got).toEqual(body === null ? [one] : [one, one]);
    }
    const used = new Request(`${SITE}/a`, { method: "POST", body: "text" });
    await used.text();
    await expect(get(used)).rejects.toThrow(TypeError);
    await get(new Request(`${SITE}/a`));
    await get("/b", { method: "POST", body: "own" });
    expect(got.slice(-2)).toEqual([`GET ${SITE}/a null `, `POST ${SITE}/b text/plain;charset=UTF-8 own`]);
  });

  it("H19: the host follows no redirect, and one that hides where to is an error", async () => {
    const { credential } = await world();
    const sent: unknown[] = [];
    const opaque = () => Object.defineProperty(new Response(null), "type", { value: "opaqueredirect" });
    const get = negotiateFetch({
      credential,
      origins: [SITE],
      fetch: async (_, init) => {
        sent.push(init?.redirect);
        return opaque();
      },
    });
    await expect(get(`${SITE}/`)).rejects.toThrow(/does not tell where the server redirects to/);
    expect((await get(`${SITE}/`, { redirect: "manual" })).type).toBe("opaqueredirect");
    expect(sent).toEqual(["manual", "manual"]);
  });

  it("says whether it was redirected, and keeps the fragment of a URL through a redirect", async () => {
    const { fetch } = await world();
    const urls: string[] = [];
    const get = fetch((request) => {
      urls.push(request.url);
      const location = { "/a": "/b", "/c": "/b#own" }[new URL(request.url).pathname];
      return location === undefined ? new Response("in") : new Response(null, { status: 302, headers: { location } });
    });
    expect((await get(`${SITE}/b`)).redirected).toBe(false);
    expect((await get(`${SITE}/a#part`)).redirected).toBe(true);
    await get(`${SITE}/c#part`);
    expect(urls.filter((url) => url.includes("/b")).map((url) => new URL(url).hash)).toEqual(["", "#part", "#own"]);
  });

  it("H7: over connections of its own a server may authenticate the connection", async () => {
    const { credential, server } = await world();
    const guarded = server().protect(() => new Response("in", { headers: { "persistent-auth": "true" } }));
    const closed: string[] = [];
    const connections = {
      open: async () => ({
        isFree: true,
        peerCertificate: undefined,
        send: async (request: Request, onFree: () => void) => {
          onFree();
          return guarded(request);
        },
        close: () => void closed.push("closed"),
      }),
    };
    const get = negotiateFetch({ credential, origins: [SITE], connections });
    expect(await (await get(`${SITE}/`)).text()).toBe("in");
    expect(closed).toEqual([]);
    const two = () => negotiateFetch({ credential, origins: [SITE], connections });
    expect(two).toThrow(/belong to another negotiateFetch/);
    const both = () => negotiateFetch({ credential, origins: [SITE], connections: { ...connections }, fetch });
    expect(both).toThrow(/fetch and connections are both given/);
  });
});

describe("connections of one's own", () => {
  /** A host whose connections answer by a function. */
  function host(answer: (request: Request) => Response | Promise<Response>) {
    const opened: { isFree: boolean; isClosed: boolean }[] = [];
    const anchorsSeen: unknown[] = [];
    const openHttp = async (_: URL, { anchors }: { readonly anchors?: unknown }) => {
      anchorsSeen.push(anchors);
      const one = { isFree: true, isClosed: false };
      opened.push(one);
      return {
        get isFree() {
          return one.isFree;
        },
        peerCertificate: undefined,
        send: async (request: Request, onFree: () => void) => {
          const response = await answer(request);
          onFree();
          return response;
        },
        close: () => {
          one.isClosed = true;
        },
      };
    };
    return { runtime: { name: "node", openHttp } as never, opened, anchorsSeen };
  }

  it("are kept and used again, while they are free", async () => {
    const { credential } = await world();
    const { runtime, opened } = host(() => new Response("in"));
    const connections = nodeConnections({ runtime });
    const get = negotiateFetch({ credential, origins: [SITE], connections });
    for (let i = 0; i < 3; i++) await (await get(`${SITE}/`)).text();
    expect(opened).toHaveLength(1);
    (opened[0] as { isFree: boolean }).isFree = false;
    await get(`${SITE}/`);
    expect(opened).toHaveLength(2);
  });

  it("are kept up to eight for an origin", async () => {
    const { credential } = await world();
    let go = (): void => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const { runtime, opened } = host(async () => {
      await gate;
      return new Response("in");
    });
    const get = negotiateFetch({ credential, origins: [SITE], connections: nodeConnections({ runtime }) });
    const all = Array.from({ length: 10 }, () => get(`${SITE}/`));
    await new Promise((resolve) => setTimeout(resolve, 10));
    go();
    await Promise.all(all);
    expect(opened.filter(({ isClosed }) => isClosed)).toHaveLength(2);
  });

  it("that fail are closed", async () => {
    const { credential } = await world();
    const { runtime, opened } = host(() => Promise.reject(new Error("cut")));
    const get = negotiateFetch({ credential, origins: [SITE], connections: nodeConnections({ runtime }) });
    await expect(get(`${SITE}/`)).rejects.toThrow("cut");
    expect(opened).toEqual([{ isFree: true, isClosed: true }]);
  });

  it("trust the authorities that are given, one or several", async () => {
    for (const [trustAnchors, anchors] of [
      ["PEM", ["PEM"]],
      [
        ["A", "B"],
        ["A", "B"],
      ],
      [undefined, undefined],
    ] as const) {
      const { runtime, anchorsSeen } = host(() => new Response("in"));
      await nodeConnections({ runtime, trustAnchors }).open(new URL(SITE), undefined);
      expect(anchorsSeen).toEqual([anchors]);
    }
  });

  it("are those of a host with Node's sockets", () => {
    expect(() => nodeConnections({ runtime: { name: "web" } as never })).toThrow(/"web" runtime opens no connections/);
    expect(nodeConnections()).toHaveProperty("open");
  });

  it("integrity is refused over connections, in init and in a Request: nobody would look at it", async () => {
    const { credential } = await world();
    const { runtime } = host(() => new Response("in"));
    const get = negotiateFetch({ credential, origins: [SITE], connections: nodeConnections({ runtime }) });
    const integrity = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    await expect(get(`${SITE}/`, { integrity })).rejects.toThrow(/integrity is not looked at/);
    await expect(get(new Request(`${SITE}/`, { integrity }))).rejects.toThrow(/integrity is not looked at/);
  });
});

describe("the server", () => {
  const reasonOf = (found: Authentication) => (found.isAuthenticated ? undefined : found.reason);

  it("an Authorization that is there and empty is none", async () => {
    for (const headers of [{ authorization: "" }, {}, new Headers({ authorization: "" })]) {
      expect(reasonOf(await ask({ headers }))).toBe("the client has sent no token yet");
    }
  });

  it.each([
    ["cross-site", 403],
    ["same-site", 403],
    ["same-origin", 401],
    ["none", 401],
  ])("H10: Sec-Fetch-Site: %s without an Origin is %i", async (site, status) => {
    const headers = { "sec-fetch-site": site, host: "www.test.example" };
    expect(await ask({ method: "POST", headers })).toMatchObject({ status });
    expect(await ask({ method: "GET", headers })).toMatchObject({ status: 401 });
  });

  it.each([
    ["GET", undefined, 401],
    ["HEAD", undefined, 401],
    ["OPTIONS", undefined, 401],
    ["TRACE", undefined, 401],
    ["get", undefined, 401],
    [undefined, undefined, 401],
    ["GET", "websocket", 403],
    [undefined, "websocket", 403],
    ["POST", undefined, 403],
    ["CONNECT", undefined, 403],
  ])("H10: %s with Upgrade: %s of a page of another origin is %i", async (method, upgrade, status) => {
    const headers = { origin: "https://evil.example", host: "www.test.example", ...(upgrade && { upgrade }) };
    expect(await ask({ method, headers })).toMatchObject({ status });
  });

  it.each([
    ["same-origin", 401],
    ["same-site", 403],
    ["cross-site", 403],
    ["none", 403],
    [undefined, 403],
  ])("H10: Origin: null with Sec-Fetch-Site: %s is %i", async (site, status) => {
    // A form of a page with Referrer-Policy: no-referrer (the Fetch standard, "append a request Origin header").
    const headers = { origin: "null", host: "www.test.example", ...(site && { "sec-fetch-site": site }) };
    expect(await ask({ method: "POST", headers })).toMatchObject({ status });
    expect(await ask({ method: "GET", headers: { ...headers, upgrade: "websocket" } })).toMatchObject({ status });
  });

  it.each([
    ["https://www.test.example", "www.test.example:443", 401],
    ["https://www.test.example", "WWW.test.example:443", 401],
    ["http://www.test.example", "www.test.example:80", 401],
    ["http://www.test.example", "www.test.example:443", 403],
    ["https://www.test.example", "www.test.example:80", 403],
    ["https://www.test.example", "www.test.example:8443", 403],
    ["https://www.test.example:8443", "www.test.example:8443", 401],
    ["https://www.test.example:8443", "www.test.example", 403],
    ["https://www.test.example", "www.test.example.", 403],
    ["https://www.test.example.", "www.test.example.", 401],
    ["http://[::1]", "[::1]:80", 401],
    ["https://www.test.example", "www.test.example:4430443", 403],
  ])("H10: a page of %s at Host: %s is %i", async (origin, host, status) => {
    expect(await ask({ method: "POST", headers: { origin, host } })).toMatchObject({ status });
  });

  it("H10: beside an origin that is listed, another is refused", async () => {
    const allowedOrigins = ["https://app.example"];
    for (const [origin, status] of [
      ["https://app.example", 401],
      ["https://evil.example", 403],
      ["https://app.example.evil.example", 403],
      ["http://app.example", 403],
      ["null", 403],
    ] as const) {
      const headers = { origin, host: "www.test.example" };
      expect(await ask({ method: "POST", headers }, { allowedOrigins }), origin).toMatchObject({ status });
    }
  });

  it("a client with two tokens to send has them on one connection, and the next client begins anew", async () => {
    const { credential, keytab, server } = await world();
    const one = server({ replayCache: createReplayCache(), keytab: keytab() });
    const socket = {};
    const { octets, list } = offerOf([NTLM, KRB5]);
    const visit = (token: Uint8Array, more: Partial<IncomingRequest> = { socket }) =>
      one.authenticate({ headers: { authorization: field(token) }, ...more });
    const second = async () => {
      const flags = { mutual: false };
      const context = createInitiator({ target: "HTTP@www.test.example", credential, flags });
      return encodeResponse({ token: await context.step(), mic: context.getMic(list) });
    };
    expect(reasonOf(await visit(octets, {}))).toMatch(/its connection is not known/);
    expect(reasonOf(await visit(octets, { socket, httpVersionMajor: 2 }))).toMatch(/its connection is not known/);
    const first = await visit(octets);
    expect([reasonOf(first), first.isAuthenticated]).toEqual(["the client has more tokens to send", false]);
    expect(first.headers[0]?.[1]).toMatch(/^Negotiate ./);
    // On another connection it is no answer to anything.
    expect((await visit(await second(), { socket: {} })).isAuthenticated).toBe(false);
    expect((await visit(await second())).isAuthenticated).toBe(true);
    expect(
      (await one.authenticate({ headers: { authorization: await authorization() }, socket })).isAuthenticated,
    ).toBe(true);
    // One that failed is over too.
    await visit(octets);
    expect((await visit(octets.subarray(1))).isAuthenticated).toBe(false);
    expect((await visit(octets)).isAuthenticated).toBe(false);
    expect((await visit(await second())).isAuthenticated).toBe(true);
  });

  it("H13: a request whose connection is not known is let in, and binds nothing", async () => {
    const { server } = await world();
    const one = server({ bindConnections: true });
    const found = await one.authenticate(new Request(SITE, { headers: { authorization: await authorization() } }));
    expect(found.isAuthenticated).toBe(true);
    expect(found.headers.map(([name]) => name)).not.toContain("persistent-auth");
    expect((await one.authenticate(new Request(SITE))).isAuthenticated).toBe(false);
  });

  it("throws what a replay cache throws when it is aborted", async () => {
    const reason = new DOMException("over", "AbortError");
    const replayCache = { remember: () => Promise.reject(reason) };
    const headers = { authorization: await authorization() };
    await expect(ask({ headers }, { replayCache })).rejects.toBe(reason);
  });

  it("protect gives undefined on, and refusals as text", async () => {
    const { server } = await world();
    const guarded = server().protect(() => undefined);
    const headers = { authorization: await authorization() };
    expect(await guarded(new Request(SITE, { headers }))).toBeUndefined();
    const refused = (await guarded(new Request(SITE))) as Response;
    expect([refused.status, await refused.text()]).toEqual([401, "Authentication is needed\n"]);
    expect(refused.headers.get("content-type")).toMatch(/^text\/plain/);
  });

  it.each([
    ["Basic", true],
    ['Digest realm="a", qop="auth"', true],
    ["Basic realm=\u0001", false],
    ["a b\r\nc: d", false],
    ["(x)", false],
    ["Basic ", false],
    ["", false],
  ])("takes %j as a challenge: %s", async (challenge, isTaken) => {
    const asked = ask({ url: `${SITE}/` }, { fallback: [challenge] });
    if (!isTaken) return await expect(asked).rejects.toThrow(/fallback/);
    expect((await asked).headers[1]).toEqual(["www-authenticate", challenge]);
  });
});

describe("a proxy's URL", () => {
  it.each([
    [["http://proxy.example"]],
    [5],
    [""],
    ["proxy.example:3128"],
    ["http://proxy.example/path"],
    ["http://proxy.example/?a"],
    ["http://proxy.example/#a"],
    [undefined],
    [null],
  ])("%j is refused", async (url) => {
    const { credential } = await world();
    expect(() => proxyAgents({ url: url as never, credential })).toThrow(/url/);
  });

  it("is text or a URL", async () => {
    const { credential } = await world();
    for (const url of ["http://proxy.example:3128", new URL("https://proxy.example")]) {
      expect(proxyAgents({ url, credential })).toHaveProperty("https");
    }
  });
});

describe("the fetch of a host", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("is what asks servers that are not listed, though there are connections for the others", async () => {
    const { credential } = await world();
    vi.stubGlobal("fetch", async (url: string) => new Response(`fetched ${url}`));
    const connections = { open: () => Promise.reject(new Error("a connection was opened")) };
    const get = negotiateFetch({ credential, origins: [SITE], connections });
    expect(await (await get("https://other.example/a")).text()).toBe("fetched https://other.example/a");
    await expect(get(`${SITE}/a`)).rejects.toThrow("a connection was opened");
  });

  it("knows the page that a URL is relative to", async () => {
    const { credential } = await world();
    const get = negotiateFetch({ credential, origins: [SITE], fetch: async (url) => new Response(String(url)) });
    await expect(async () => get("report")).rejects.toThrow("Invalid URL");
    vi.stubGlobal("location", { href: "https://page.example/folder/page" });
    expect(await (await get("report")).text()).toBe("https://page.example/folder/report");
    vi.stubGlobal("location", null);
    await expect(async () => get("report")).rejects.toThrow("Invalid URL");
  });

  it.each([
    [301, "GET "],
    [302, "GET "],
    [303, "GET "],
    [307, "POST text"],
    [308, "POST text"],
  ])("a POST after %d is %s", async (status, expected) => {
    const { credential } = await world();
    const get = negotiateFetch({
      credential,
      origins: [SITE],
      fetch: async (url, { method, body } = {}) =>
        String(url).endsWith("/to")
          ? new Response(`${method} ${body ?? ""}`)
          : new Response(null, { status, headers: { location: "/to" } }),
    });
    const answer = await get("https://other.example/from", { method: "POST", body: "text" });
    expect(await answer.text()).toBe(expected);
  });
});

it("origins that are neither a list nor a function are refused by name", async () => {
  const wrong = negotiator({ origins: SITE as never });
  await expect(wrong).rejects.toThrow(/origins .*an array of origins such as https/);
});

it("RFC 5929 section 4.1: a certificate whose signature has no hash function of its own binds nothing", async () => {
  // SEQUENCE { SEQUENCE {}, SEQUENCE { OID } }: the OID of Ed25519, and of sha256WithRSAEncryption.
  const certificate = (oid: string) =>
    Uint8Array.from(
      Buffer.from(
        `30${(6 + oid.length / 2).toString(16).padStart(2, "0")}300030${(2 + oid.length / 2).toString(16).padStart(2, "0")}06${(oid.length / 2).toString(16).padStart(2, "0")}${oid}`,
        "hex",
      ),
    );
  expect(await serverEndPoint(certificate("2b6570"))).toBeUndefined();
  expect(await serverEndPoint(certificate("2a864886f70d01010b"))).toHaveLength("tls-server-end-point:".length + 32);
});
