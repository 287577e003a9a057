// What a proxy answers and what `fetch` throws: each in its words, without octets of strangers in an error.

import { describe, expect, it } from "vitest";
import { TransportError } from "../../../src/errors.ts";
import type { Fetch } from "../../../src/host/index.ts";
import { encodeProxyMessage, kkdcp, parseEndpoint } from "../../../src/transport/index.ts";
import { asRep, asReq } from "../../support/fake-kdc.ts";

const ask = (fetch: Fetch) =>
  kkdcp
    .ask({
      endpoint: parseEndpoint("https://proxy.example.org/KdcProxy"),
      realm: "R",
      request: asReq(),
      host: { runtime: { name: "web" }, fetch },
      classify: () => "reply",
      signal: new AbortController().signal,
    })
    .then(
      (reply) => ({ reply, error: undefined }),
      (error: unknown) => ({ reply: undefined, error: error as Error }),
    );

const answering =
  (status: number, octets: Uint8Array, type: string | null = null): Fetch =>
  async () => ({
    status,
    headers: { get: () => type },
    arrayBuffer: async () => octets.slice().buffer as ArrayBuffer,
  });
const throwing =
  (error: unknown): Fetch =>
  async () => {
    throw error;
  };
const good = encodeProxyMessage(asRep());
const chain = (...errors: Error[]) => {
  for (const [index, error] of errors.entries()) if (index > 0) (errors[index - 1] as Error).cause = error;
  return errors[0];
};

describe("the status of a proxy's answer", () => {
  it.each([
    [0, "it redirects, which is not followed: write the URL that it leads to"],
    [299, "HTTP 299"],
    [300, "HTTP 300: it redirects, which is not followed: write the URL that it leads to"],
    [399, "HTTP 399: it redirects, which is not followed: write the URL that it leads to"],
    [400, "HTTP 400"],
    [401, "HTTP 401: it does not let this client in"],
    [403, "HTTP 403: it does not let this client in"],
    [404, "HTTP 404: there is no proxy at this path (it is /KdcProxy by custom)"],
    [500, "HTTP 500"],
    [502, "HTTP 502: it cannot reach a KDC of this realm"],
    [503, "HTTP 503: it cannot reach a KDC of this realm"],
    [504, "HTTP 504: it cannot reach a KDC of this realm"],
  ])("%s is told in words", async (status, words) => {
    expect((await ask(answering(status, good))).error).toMatchObject({
      code: "CONNECT",
      message: `the proxy failed: ${words}`,
    });
  });

  it.each([
    [null, true],
    ["application/kerberos", true],
    ["application/octet-stream; x=text/html", true],
    ["text/html", false],
    [" TEXT/plain", false],
  ])("200 with the content type %j is a reply: %s", async (type, isReply) => {
    const { reply, error } = await ask(answering(200, good, type));
    if (isReply) expect(reply).toEqual(asRep());
    else
      expect(error?.message).toBe(
        `the proxy failed: HTTP 200 with a web page instead of a reply (content type ${type}): is this the proxy's URL?`,
      );
  });

  it("an answer that is one octet too long is said to be too long", async () => {
    const { error } = await ask(answering(200, new Uint8Array(2 ** 20 + 1)));
    expect(error?.message).toBe("the proxy failed: its answer is longer than 1048576 octets");
    expect(error?.cause).toBeUndefined();
  });

  it("an answer that is not one names its content type and keeps its cause", async () => {
    const { error } = await ask(answering(200, Uint8Array.of(1), "x/y"));
    expect(error?.message).toMatch(/^the proxy failed: .*KDC-PROXY-MESSAGE.* \(content type x\/y\)$/);
    expect(error?.cause).toMatchObject({ code: "DECODE" });
    expect((await ask(answering(200, Uint8Array.of(1)))).error?.message).not.toContain("content type");
  });
});

/** Two errors, each the cause of the other. */
function round(): Error {
  const error = new TypeError("fetch failed");
  error.cause = new Error("again", { cause: error });
  return error;
}

describe("what fetch throws", () => {
  const parserError = (name = "HTTPParserError") =>
    Object.assign(new Error("not HTTP"), { name, data: "octets of a stranger" });

  it.each([0, 1, 2, 3])("keeps no octets of a stranger behind %s other errors", async (depth) => {
    const inner = parserError();
    const outer = chain(...Array.from({ length: depth }, () => new TypeError("fetch failed")), inner);
    const { error } = await ask(throwing(outer));
    expect(error).toBe(outer);
    expect(inner).not.toHaveProperty("data");
  });

  it("keeps what other errors say", async () => {
    const other = parserError("OtherError");
    await ask(throwing(new TypeError("fetch failed", { cause: other })));
    expect(other.data).toBe("octets of a stranger");
  });

  const words = (said: string) =>
    `the proxy failed: its certificate is not accepted${said}: check its name and dates; for an authority of your own see the option \`trustAnchors\``;
  const failed = () => new TypeError("fetch failed");

  it.each([
    ["the words", chain(failed(), new Error("certificate has expired")), " (certificate has expired)"],
    [
      "the words of the fourth error",
      chain(failed(), failed(), failed(), new Error("certificate has expired")),
      " (certificate has expired)",
    ],
    ["the code alone", chain(failed(), Object.assign(new Error("x"), { code: "CERT_HAS_EXPIRED" })), ""],
  ])("is the certificate's fault by %s", async (_, error, said) => {
    const caught = (await ask(throwing(error))).error;
    expect(caught).toMatchObject({ code: "CONNECT", message: words(said) });
    expect(caught?.cause).toBe(error);
  });

  it.each([
    ["a fifth error", chain(failed(), failed(), failed(), failed(), new Error("certificate has expired"))],
    ["an error of ours", new TransportError("CONNECTION_CLOSED", "the certificate was closed")],
    ["errors that go round", round()],
    ["a code that is not a text", Object.assign(failed(), { code: ["CERT_HAS_EXPIRED"] })],
    ["a text in the place of an error", "certificate has expired"],
  ])("is not the certificate's fault by %s", async (_, error) => {
    expect((await ask(throwing(error))).error).toBe(error);
  });
});
