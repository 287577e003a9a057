import http from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { TransportError } from "../../../src/errors.ts";
import type { Fetch } from "../../../src/host/index.ts";
import { detectRuntime } from "../../../src/runtime/index.ts";
import { type ExchangeOptions, exchangeWithKdc, parseEndpoint } from "../../../src/transport/index.ts";
import {
  asRep,
  asReq,
  der,
  expectNothingMoreThan,
  framed,
  krbError,
  resourcesAtRest,
  until,
} from "../../support/fake-kdc.ts";

const request = asReq();
const reply = asRep();
const url = "https://proxy.example.org/KdcProxy?key=1";
const shown = "https://proxy.example.org/KdcProxy";

/** KDC-PROXY-MESSAGE, built by hand. */
const proxyMessage = (message: Uint8Array, ...more: readonly Uint8Array[]): Uint8Array =>
  der(0x30, der(0xa0, der(0x04, message)), ...more);

interface Seen {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Uint8Array;
}

/**
 * A proxy, spoken to through the host's own fetch without TLS: what is asked of `https://proxy.example.org` goes to a
 * server on loopback.
 */
async function proxy(answer: (response: http.ServerResponse) => void) {
  const seen: Seen[] = [];
  let given = 0;
  const server = http.createServer(async (incoming, response) => {
    response.on("close", () => {
      if (!response.writableFinished) given += 1;
    });
    const chunks: Uint8Array[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { method, url: path, headers } = incoming;
    seen.push({ method, path, headers, body: new Uint8Array(Buffer.concat(chunks)) });
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  const hostFetch = detectRuntime().fetch as Fetch;
  const fetch: Fetch = (address, init) =>
    hostFetch(address.replace("https://proxy.example.org", `http://127.0.0.1:${port}`), {
      ...init,
      // undici keeps connections for later requests, which would count as left behind.
      headers: { ...init.headers, connection: "close" },
    });
  return { seen, fetch, server, givenUp: () => given };
}

function ask(fetch: Fetch, options: Partial<ExchangeOptions> = {}) {
  const endpoints = [parseEndpoint(url)];
  const runtime = { name: "web" } as const;
  return exchangeWithKdc({ realm: "EXAMPLE.ORG", endpoints, request, runtime, fetch, timeoutMs: 5000, ...options });
}

async function reasonOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(TransportError);
  expect(error).toMatchObject({ code: "KDC_UNREACHABLE", attempts: [{ endpoint: shown }] });
  return (error as TransportError).attempts[0]?.reason ?? "";
}

const kerberos = { "content-type": "application/kerberos" };

/** A fetch that gives one answer, with no body stream, as some hosts and mocks do. */
const plain =
  (status: number, body: Uint8Array, headers: Record<string, string> = kerberos): Fetch =>
  async () => ({
    status,
    headers: { get: (name) => headers[name] ?? null },
    arrayBuffer: async () => body.slice().buffer as ArrayBuffer,
  });

describe("a KDC behind an HTTPS proxy", () => {
  it("posts a KDC-PROXY-MESSAGE with the framed request and the realm, and takes one with the reply", async () => {
    const { seen, fetch } = await proxy((response) =>
      response.writeHead(200, kerberos).end(proxyMessage(framed(reply))),
    );
    expect(await ask(fetch)).toEqual({ reply, endpoint: shown });
    expect(seen).toMatchObject([{ method: "POST", path: "/KdcProxy?key=1", headers: kerberos }]);
    const realm = der(0xa1, der(0x1b, new TextEncoder().encode("EXAMPLE.ORG")));
    expect(seen[0]?.body).toEqual(proxyMessage(framed(request), realm));
  });

  it("gives the KDC's own errors as its answer", async () => {
    for (const code of [6, 25, 52]) {
      expect((await ask(plain(200, proxyMessage(framed(krbError(code)))))).reply).toEqual(krbError(code));
    }
  });

  it("takes a reply from a fetch without a body stream, and without a content type", async () => {
    expect((await ask(plain(200, proxyMessage(framed(reply)), {}))).reply).toEqual(reply);
  });

  it.each([
    [403, /^the proxy failed: HTTP 403: it does not let this client in/],
    [404, /^the proxy failed: HTTP 404: there is no proxy at this path/],
    [405, /^the proxy failed: HTTP 405$/],
    [500, /^the proxy failed: HTTP 500$/],
    [503, /^the proxy failed: HTTP 503: it cannot reach a KDC of this realm/],
  ])("names HTTP %s as the proxy's", async (status, words) => {
    const { fetch } = await proxy((response) => response.writeHead(status).end("x"));
    expect(await reasonOf(ask(fetch))).toMatch(words);
  });

  it("names a web page as such", async () => {
    const { fetch } = await proxy((response) =>
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end("<html>"),
    );
    expect(await reasonOf(ask(fetch))).toMatch(/a web page instead of a reply \(content type text\/html/);
  });

  it.each([301, 303, 307])("TR9: does not follow a redirect with HTTP %s", async (status) => {
    const { seen, fetch } = await proxy((response) => response.writeHead(status, { location: "/other" }).end());
    expect(await reasonOf(ask(fetch))).toMatch(/it redirects, which is not followed/);
    expect(seen).toHaveLength(1);
    expect(await reasonOf(ask(plain(0, new Uint8Array())))).toMatch(/it redirects/);
  });

  it.each([
    ["what is not DER", new TextEncoder().encode("hello"), /KDC-PROXY-MESSAGE/],
    ["octets after the message", Uint8Array.from([...proxyMessage(framed(reply)), 0]), /octets after/],
    ["a message without a length in it", proxyMessage(reply), /KDC reply/],
    ["a length longer than the message", proxyMessage(framed(reply).subarray(0, 9)), /closed after|announced/],
    ["a length shorter than the message", proxyMessage(Uint8Array.from([...framed(reply), 0])), /octets follow/],
    ["an empty message", proxyMessage(new Uint8Array()), /KDC reply/],
    ["an empty body", new Uint8Array(), /KDC-PROXY-MESSAGE/],
  ])("refuses %s as the proxy's fault", async (_, body, words) => {
    const reason = await reasonOf(ask(plain(200, body)));
    expect(reason).toMatch(/^the proxy failed: /);
    expect(reason).toMatch(words);
  });

  it("TR7: takes no more than 1 MiB, whether the length is announced, chunked or in one piece", async () => {
    const limit = 2 ** 20;
    const announced = await proxy((response) => {
      response.writeHead(200, { ...kerberos, "content-length": String(limit + 1) }).write("x");
    });
    expect(await reasonOf(ask(announced.fetch))).toMatch(/longer than 1048576 octets/);
    let sent = 0;
    const endless = await proxy((response) => {
      response.writeHead(200, kerberos);
      const more = (): void => {
        do sent += 65_536;
        while (sent < 33 * limit && !response.destroyed && response.write(Buffer.alloc(65_536)));
        if (sent >= 33 * limit) response.end();
      };
      response.on("drain", more);
      more();
    });
    expect(await reasonOf(ask(endless.fetch))).toMatch(/longer than 1048576 octets/);
    expect(sent).toBeLessThan(32 * limit);
    expect(await reasonOf(ask(plain(200, new Uint8Array(limit + 1))))).toMatch(/longer than 1048576 octets/);
    const longest = asRep(limit - 100);
    expect(Buffer.compare((await ask(plain(200, proxyMessage(framed(longest))))).reply, longest)).toBe(0);
  });

  it("says why a proxy cannot be reached", async () => {
    const closed = await proxy(() => {});
    await new Promise((resolve) => closed.server.close(resolve));
    expect(await reasonOf(ask(closed.fetch))).toMatch(/refused.*ECONNREFUSED/);
  });

  const coded = (message: string, code?: string) =>
    Object.assign(new Error(message), code === undefined ? {} : { code });
  it.each([
    [
      "Node",
      new TypeError("fetch failed", {
        cause: coded("self-signed certificate in certificate chain", "SELF_SIGNED_CERT_IN_CHAIN"),
      }),
      "self-signed certificate in certificate chain",
    ],
    [
      "Node, of another name",
      coded("Hostname/IP does not match certificate's altnames: Host: a", "ERR_TLS_CERT_ALTNAME_INVALID"),
      "does not match certificate's altnames",
    ],
    ["Node, expired", coded("certificate has expired", "CERT_HAS_EXPIRED"), "certificate has expired"],
    [
      "Deno",
      new TypeError(
        "error sending request for url (x): client error (Connect): invalid peer certificate: UnknownIssuer",
      ),
      "UnknownIssuer",
    ],
    ["Bun", coded("unable to verify the first certificate", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"), "unable to verify"],
    ["workerd", new Error("TLS peer's certificate is not trusted; reason = unable to get issuer"), "not trusted"],
  ])("a certificate that is not accepted is the proxy's fault, in the words of %s", async (_, error, words) => {
    const refusing: Fetch = async () => {
      throw error;
    };
    const reason = await reasonOf(ask(refusing));
    expect(reason).toMatch(/^the proxy failed: its certificate is not accepted \(/);
    expect(reason).toContain(words);
    expect(reason).toContain("`trustAnchors`");
  });

  it("another failure of the connection is not taken for the certificate's", async () => {
    const refusing: Fetch = async () => {
      throw new TypeError("fetch failed", { cause: coded("getaddrinfo ENOTFOUND proxy", "ENOTFOUND") });
    };
    expect(await reasonOf(ask(refusing))).toBe("fetch failed: the name is not known (ENOTFOUND)");
  });

  it("keeps to its time and to the signal, before the answer and within it, and leaves nothing", async () => {
    const before = await resourcesAtRest();
    const silent = await proxy(() => {});
    const half = await proxy(
      (response) => void response.writeHead(200, kerberos).write(proxyMessage(framed(reply)).subarray(0, 5)),
    );
    for (const asked of [silent, half]) {
      // The clock stands until the proxy has the request, however busy the machine is.
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
      onTestFinished(() => void vi.useRealTimers());
      const answer = reasonOf(ask(asked.fetch, { timeoutMs: 100 }));
      while (asked.seen.length === 0) await new Promise((resolve) => void setImmediate(resolve));
      await vi.advanceTimersByTimeAsync(99);
      await expect(Promise.race([answer, "asking"])).resolves.toBe("asking");
      await vi.advanceTimersByTimeAsync(1);
      expect(await answer).toBe("no answer within 100 ms");
      vi.useRealTimers();
    }
    const controller = new AbortController();
    const asking = ask(half.fetch, { signal: controller.signal });
    await until(() => half.seen.length === 2, "asked");
    controller.abort();
    await expect(asking).rejects.toMatchObject({ code: "ABORTED" });
    await until(() => silent.givenUp() === 1 && half.givenUp() === 2, "the proxy sees that it is given up");
    // What the host's fetch keeps of connections is its own affair.
    await expectNothingMoreThan({ ...before, TCPServerWrap: 99, TCPSocketWrap: 99 });
  });
});
