// What a proxy answers to CONNECT, octet by octet.

import { type AddressInfo, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { createReplayCache } from "../../../src/entry/gssapi.ts";
import { negotiateFetch, nodeConnections, proxyAgents, proxyConnector } from "../../../src/entry/http.ts";
import { createSpnegoAcceptor } from "../../../src/entry/spnego.ts";
import type { ProxyStream } from "../../../src/host/index.ts";
import { makeTunnel } from "../../../src/http/tunnel.ts";
import { type TunnelAnswer, TunnelAnswerReader } from "../../../src/http/tunnel-answer.ts";
import { failureOf, world } from "./world.ts";

const TO = new URL("https://files.example:8443/");
const encode = (text: string) => new TextEncoder().encode(text);

/** A proxy that gives these answers, one for each request, in pieces of some octets; then it ends the connection. */
function proxy(answers: readonly (string | ((request: string) => string | Promise<string>))[], pieceBytes = 1_000_000) {
  const requests: string[] = [];
  const waiting: Promise<Uint8Array>[] = [];
  const stream: ProxyStream = {
    peerCertificate: undefined,
    write(octets) {
      const request = new TextDecoder().decode(octets);
      const answer = answers[requests.length] ?? "";
      requests.push(request);
      waiting.push(Promise.resolve(typeof answer === "string" ? answer : answer(request)).then(encode));
    },
    async read() {
      const octets = await waiting.shift();
      if (octets === undefined || octets.length === 0) return undefined;
      if (octets.length > pieceBytes) waiting.unshift(Promise.resolve(octets.subarray(pieceBytes)));
      return octets.subarray(0, pieceBytes);
    },
  };
  return { stream, requests };
}

const OPEN = "HTTP/1.1 200 Connection established\r\n\r\n";
const asks = (more = "content-length: 4\r\n", body = "page") =>
  `HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate\r\n${more}\r\n${body}`;

async function tunnel(options: Partial<Parameters<typeof makeTunnel>[0]> = {}) {
  const { credential } = await world();
  return makeTunnel({ url: "http://www.test.example:3128", credential, ...options });
}

const tokenOf = (request: string) => /^Proxy-Authorization: Negotiate ([\w+/]+=*)\r$/m.exec(request)?.[1];

describe("the way through a proxy", () => {
  it.each([1, 7, 1_000_000])(
    "asks, and goes on with a token over the same connection (pieces of %i octets)",
    async (n) => {
      const { stream, requests } = proxy([asks(), OPEN], n);
      expect(await (await tunnel()).ask(TO)(stream, undefined)).toBe(true);
      expect(requests[0]).toBe("CONNECT files.example:8443 HTTP/1.1\r\nHost: files.example:8443\r\n\r\n");
      expect(requests.map((one) => tokenOf(one) !== undefined)).toEqual([false, true]);
    },
  );

  it("learns the proxy, and the token is of its service", async () => {
    const { keytab } = await world();
    const way = await tunnel();
    await way.ask(TO)(proxy([asks(), OPEN]).stream, undefined);
    const { stream, requests } = proxy([OPEN]);
    await way.ask(new URL("http://other.example/"))(stream, undefined);
    expect(requests[0]).toMatch(/^CONNECT other\.example:80 /);
    const acceptor = createSpnegoAcceptor({ keytab: keytab(), replayCache: createReplayCache() });
    await acceptor.step(Uint8Array.from(atob(tokenOf(requests[0] as string) as string), (one) => one.charCodeAt(0)));
    expect(acceptor.peer?.components).toEqual(["alice"]);
  });

  it.each([
    ["connection: close\r\ncontent-length: 4\r\n", "page"],
    ["", ""],
    ["transfer-encoding: chunked\r\n", "0\r\n\r\n"],
    ["transfer-encoding: chunked\r\ncontent-length: 5\r\n", "0\r\n\r\n"],
    ["content-length: 99999999\r\n", ""],
  ])("begins again on a new connection where this one cannot go on (%j)", async (fields, body) => {
    const ask = (await tunnel({ preemptive: false })).ask(TO);
    const first = proxy([asks(fields, body)]);
    expect(await ask(first.stream, undefined)).toBe(false);
    const second = proxy([OPEN]);
    expect(await ask(second.stream, undefined)).toBe(true);
    expect([...first.requests, ...second.requests].map((one) => tokenOf(one) !== undefined)).toEqual([false, true]);
  });

  it.each([
    ["a second 407", [asks(), asks()], "HTTP_PROXY_REFUSED", /does not take the ticket/],
    [
      "other schemes",
      ["HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=x\r\ncontent-length: 0\r\n\r\n"],
      "HTTP_PROXY_REFUSED",
      /does not ask for Negotiate/,
    ],
    [
      "the server's challenge in place of its own",
      ["HTTP/1.1 401 No\r\nWWW-Authenticate: Negotiate\r\n\r\n"],
      "CONNECT",
      /HTTP 401/,
    ],
    ["no way", [asks(), "HTTP/1.1 503 No\r\n\r\n"], "CONNECT", /HTTP 503/],
    ["a redirect", ["HTTP/1.1 302 Found\r\nLocation: http://evil.example/\r\n\r\n"], "CONNECT", /HTTP 302/],
    ["an end", [asks(), ""], "CONNECTION_CLOSED", /ended the connection/],
    ["a 300", ["HTTP/1.1 300 Choose\r\n\r\n"], "CONNECT", /HTTP 300/],
    ["a field with a NUL", ["HTTP/1.1 200 OK\r\na: b\0c\r\n\r\n"], "CONNECTION_CLOSED", /header is broken/],
    [
      "a field with half an end of line",
      ["HTTP/1.1 200 OK\r\na: b\nc: d\r\n\r\n"],
      "CONNECTION_CLOSED",
      /header is broken/,
    ],
    ["a version of HTTP that is not 1", ["HTTP/2.0 200 OK\r\n\r\n"], "CONNECTION_CLOSED", /status line/],
    ["a status of four digits", ["HTTP/1.1 2000 OK\r\n\r\n"], "CONNECTION_CLOSED", /status line/],
    ["an empty header", ["\r\n\r\n"], "CONNECTION_CLOSED", /status line/],
    ["what is not HTTP", ["SSH-2.0-x\r\n\r\n"], "CONNECTION_CLOSED", /status line/],
    ["a broken header", ["HTTP/1.1 200 OK\r\nbad header\r\n\r\n"], "CONNECTION_CLOSED", /header is broken/],
    ["a folded header", ["HTTP/1.1 200 OK\r\na: b\r\n c: d\r\n\r\n"], "CONNECTION_CLOSED", /header is broken/],
    [
      "H17: octets behind the answer",
      [`${OPEN}HTTP/1.1 200 OK\r\n\r\n`],
      "CONNECTION_CLOSED",
      /before anything was asked/,
    ],
    ["H17: a header without end", [`HTTP/1.1 200 OK\r\nx: ${"y".repeat(140_000)}`], "CONNECTION_CLOSED", /longer than/],
    [
      "H17: interim answers without end",
      ["HTTP/1.1 100 Continue\r\n\r\n".repeat(1000)],
      "CONNECTION_CLOSED",
      /does not answer/,
    ],
    ["another protocol", ["HTTP/1.1 101 Switching\r\n\r\n"], "CONNECTION_CLOSED", /does not answer/],
    ["431", [asks(), "HTTP/1.1 431 Too large\r\n\r\n"], "HTTP_TOKEN_TOO_LARGE", /the proxy takes no header/],
  ] as const)("refuses %s", async (_, answers, code, words) => {
    const failure = await failureOf((await tunnel()).ask(TO)(proxy(answers, 50_000).stream, undefined));
    expect([failure.code, failure.message]).toEqual([code, expect.stringMatching(words)]);
  });

  it.each([
    ["https://files.example/", "files.example:443"],
    ["http://files.example/", "files.example:80"],
    ["https://files.example:80/", "files.example:80"],
    ["https://[2001:db8::1]/", "[2001:db8::1]:443"],
  ])("asks for %s as %s", async (url, place) => {
    const { stream, requests } = proxy([OPEN]);
    await (await tunnel({ preemptive: false })).ask(new URL(url))(stream, undefined);
    expect(requests).toEqual([`CONNECT ${place} HTTP/1.1\r\nHost: ${place}\r\n\r\n`]);
  });

  it.each([
    ["1.1", "", true],
    ["1.1", "Connection: close\r\n", false],
    ["1.1", "Proxy-Connection: Close\r\n", false],
    ["1.1", "Connection: upgrade, close\r\n", false],
    ["1.0", "", false],
    ["1.0", "Connection: keep-alive\r\n", true],
    ["1.0", "Proxy-Connection: Keep-Alive\r\n", true],
  ])("HTTP/%s with %j: another request may follow: %s", async (version, fields, isReusable) => {
    const answer = `HTTP/${version} 407 No\r\nContent-Length: 0\r\n${fields}\r\n`;
    const { stream } = proxy([answer]);
    stream.write(encode(""));
    expect(await new TunnelAnswerReader(stream).read()).toMatchObject({ status: 407, isReusable });
  });

  it("passes over interim answers", async () => {
    const reader = new TunnelAnswerReader({
      peerCertificate: undefined,
      write: () => {},
      read: async () => encode(`HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${OPEN}`),
    });
    expect(await reader.read()).toMatchObject({ status: 200 } satisfies Partial<TunnelAnswer>);
  });

  it("H18: the proxy's proof is checked where it gives one, and required on demand", async () => {
    const { keytab } = await world();
    const proving = async (request: string) => {
      const acceptor = createSpnegoAcceptor({ keytab: keytab(), replayCache: createReplayCache() });
      const token = Uint8Array.from(atob(tokenOf(request) as string), (one) => one.charCodeAt(0));
      const reply = (await acceptor.step(token)) as Uint8Array;
      return `HTTP/1.1 200 OK\r\nProxy-Authenticate: Negotiate ${btoa(String.fromCharCode(...reply))}\r\n\r\n`;
    };
    const required = await tunnel({ mutual: "required" });
    expect(await required.ask(TO)(proxy([proving]).stream, undefined)).toBe(true);
    expect(await failureOf(required.ask(TO)(proxy([OPEN]).stream, undefined))).toMatchObject({
      code: "HTTP_NOT_MUTUAL",
      message: expect.stringContaining("the proxy did not prove"),
    });
    let old = "";
    await (await tunnel({ preemptive: true })).ask(TO)(
      proxy([async (one) => (old = await proving(one))]).stream,
      undefined,
    );
    const replayed = (await tunnel({ preemptive: true })).ask(TO)(proxy([old]).stream, undefined);
    await expect(replayed).rejects.toThrow();
  });

  it("H18: an exchange of several tokens goes over one connection of the proxy, or not at all", async () => {
    const { keytab } = await world();
    /** Wants a MIC, so that the client has two tokens to send. */
    const demanding = (fields: string) => {
      const context = createSpnegoAcceptor({ keytab: keytab(), replayCache: createReplayCache(), requireMic: true });
      return async (request: string) => {
        const token = Uint8Array.from(atob(tokenOf(request) as string), (one) => one.charCodeAt(0));
        const reply = await context.step(token);
        if (context.isEstablished) return OPEN;
        const asked = `Negotiate ${btoa(String.fromCharCode(...(reply as Uint8Array)))}`;
        return `HTTP/1.1 407 No\r\nProxy-Authenticate: ${asked}\r\n${fields}content-length: 0\r\n\r\n`;
      };
    };
    const ask = async (fields: string) => {
      const answer = demanding(fields);
      const { stream, requests } = proxy([answer, answer, answer]);
      return { asked: (await tunnel({ preemptive: true })).ask(TO)(stream, undefined), requests };
    };
    const kept = await ask("");
    expect(await kept.asked).toBe(true);
    expect(kept.requests.map((one) => tokenOf(one) !== undefined)).toEqual([true, true]);
    const ended = await ask("connection: close\r\n");
    expect(await failureOf(ended.asked)).toMatchObject({
      code: "GSS_DEFECTIVE_TOKEN",
      message: expect.stringContaining("ends the connection in the middle"),
    });
    expect(ended.requests).toHaveLength(1);
  });

  it("a proxy that cannot be reached is named, with what to look at", async () => {
    const { credential } = await world();
    const server = createServer((socket) => socket.resume().end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const through = (url: string) =>
      negotiateFetch({ credential, origins: [], connections: nodeConnections({ proxy: { url, credential } }) });
    const told = async (url: string) => (await failureOf(through(url)("http://files.example/"))).message;
    expect(await told(`https://localhost:${port}`)).toBe(
      `the proxy https://localhost:${port} cannot be reached (ERR_SSL_WRONG_VERSION_NUMBER): look at its URL, whether it has TLS, and at trustAnchors`,
    );
    await new Promise((resolve) => server.close(resolve));
    expect(await told(`http://localhost:${port}`)).toBe(
      `the proxy http://localhost:${port} cannot be reached (ECONNREFUSED): look at its URL, whether it runs there`,
    );
    const ending = AbortSignal.abort(new RangeError("enough"));
    const ended = through(`http://localhost:${port}`)("http://files.example/", { signal: ending });
    await expect(ended).rejects.toThrow("enough");
  });

  it("a caller's mistakes are told before anything is sent", async () => {
    const { credential } = await world();
    const bad = (options: object) => () => proxyAgents(options as never);
    expect(bad({ credential })).toThrow(/url is undefined/);
    expect(bad({ url: "http://proxy.example" })).toThrow(/credential is undefined/);
    expect(bad({ url: "http://user:pass@proxy.example", credential })).toThrow(/must be an origin/);
    expect(bad({ url: "http://user:pass@proxy.example", credential })).not.toThrow(/pass@/);
    expect(bad({ url: "socks5://proxy.example", credential })).toThrow(/must be an origin/);
    expect(bad({ url: "http://proxy.example", credential, target: 1 })).toThrow(/target is a number/);
    expect(bad({ url: "http://proxy.example", credential, origins: [] })).toThrow(/origins/);
    expect(() => nodeConnections({ proxy: { url: "http://proxy.example" } as never })).toThrow(
      /proxy\.credential is undefined/,
    );
    expect(() =>
      proxyConnector({ url: "http://proxy.example", credential, runtime: { name: "web" } as never }),
    ).toThrow(/"web" runtime has no sockets/);
  });
});
