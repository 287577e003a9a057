// What each transport says of a host that lacks something, and of what the host says.

import { describe, expect, it } from "vitest";
import { TransportError } from "../../../src/errors.ts";
import type { Fetch, Runtime } from "../../../src/host/index.ts";
import { kkdcp, parseEndpoint, type Question, tcp } from "../../../src/transport/index.ts";
import { reasonOf } from "../../../src/transport/reason.ts";
import { transports } from "../../../src/transport/transports.ts";
import { asReq } from "../../support/fake-kdc.ts";

const question = (endpoint: string, host: Question["host"]): Question => ({
  endpoint: parseEndpoint(endpoint),
  realm: "R",
  request: asReq(),
  host,
  classify: () => "reply",
  signal: new AbortController().signal,
});
const bare: Runtime = { name: "web" };

describe("a host that lacks what a transport needs", () => {
  it.each([
    ["tcp", 'the "web" runtime has no TCP: use the https:// URL of a KDC proxy, or give "dial"'],
    ["udp", 'the "web" runtime has no UDP: write tcp://host:port, or the https:// URL of a KDC proxy'],
    ["kkdcp", 'the "web" runtime has no fetch: write tcp://host:port, or give "fetch"'],
  ] as const)("%s says so", (name, words) => {
    expect(transports[name].missing({ runtime: bare })).toBe(words);
  });

  it.each([
    ["tcp", "tcp://a", "no TCP"],
    ["udp", "udp://a", "no UDP"],
    ["kkdcp", "https://a/KdcProxy", "no fetch or URL"],
  ] as const)("%s asks nothing there", async (name, endpoint, words) => {
    await expect(transports[name].ask(question(endpoint, { runtime: bare }))).rejects.toThrow(words);
  });

  it("HTTPS asks nothing without a URL", async () => {
    let asked = 0;
    const fetch: Fetch = async () => {
      asked += 1;
      throw new Error("asked");
    };
    await expect(kkdcp.ask(question("tcp://a", { runtime: bare, fetch }))).rejects.toThrow("no fetch or URL");
    expect(asked).toBe(0);
  });

  it.each([
    ["a dial", { runtime: bare, dial: async () => Promise.reject(new Error()) }],
    ["the host's own", { runtime: { ...bare, connectTcp: async () => Promise.reject(new Error()) } }],
  ])("TCP is there with %s", (_, host) => {
    expect(tcp.missing(host)).toBeUndefined();
  });

  it.each([
    ["the caller's", { runtime: bare, fetch: async () => Promise.reject(new Error()) }],
    ["the host's own", { runtime: { ...bare, fetch: async () => Promise.reject(new Error()) } }],
  ])("HTTPS is there with %s", (_, host) => {
    expect(kkdcp.missing(host)).toBeUndefined();
  });
});

describe("the reason of a failed attempt", () => {
  const coded = (code: unknown, message = "words of the host", cause?: unknown) =>
    Object.assign(new Error(message, { cause }), { code });

  it.each([
    ["ECONNREFUSED", "refused: nothing listens on this port"],
    ["ECONNRESET", "the connection was reset"],
    ["EPIPE", "the connection was closed by the peer"],
    ["ETIMEDOUT", "the host does not answer"],
    ["EHOSTUNREACH", "the host cannot be reached"],
    ["ENETUNREACH", "the network cannot be reached"],
    ["EADDRNOTAVAIL", "the local address is not one of this host"],
    ["ENOTFOUND", "the name is not known"],
    ["EAI_AGAIN", "the name could not be looked up"],
    ["EMSGSIZE", "the request is too long for a datagram"],
    ["EACCES", "not permitted"],
    ["EPERM", "not permitted"],
  ])("with the host's code %s it is in words", (code, words) => {
    expect(reasonOf(coded(code), 1)).toBe(`${words} (${code})`);
  });

  it.each([
    ["an unknown code", coded("EOTHER"), "words of the host"],
    ["a code that every object knows", coded("constructor"), "words of the host"],
    ["a code that is not a text", coded(["EPERM"]), "words of the host"],
    ["a cause", coded(undefined, "fetch failed", coded("EPERM")), "fetch failed: not permitted (EPERM)"],
    ["a cause that is not an error", coded(undefined, "fetch failed", "text"), "fetch failed"],
    ["a text in the place of an error", "only a text", "only a text"],
    ["nothing", undefined, "undefined"],
    ["an error of ours", new TransportError("CONNECT", "in our words"), "in our words"],
    ["our time", new TransportError("TIMEOUT", "in our words"), "no answer within 1 ms"],
  ])("with %s it is in the words that are there", (_, error, words) => {
    expect(reasonOf(error, 1)).toBe(words);
  });

  it("an error that is its own cause is told once", () => {
    const error = new Error("round");
    error.cause = error;
    expect(reasonOf(error, 1)).toBe("round");
  });
});
