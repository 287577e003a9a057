// What each transport says of a host that lacks something, and of what the host says.

import { describe, expect, it, onTestFinished, vi } from "vitest";
import { TransportError } from "../../../src/errors.ts";
import type { Fetch, Runtime } from "../../../src/host/index.ts";
import {
  createKdcTransport,
  kkdcp,
  parseEndpoint,
  type Question,
  SpareConnections,
  tcp,
} from "../../../src/transport/index.ts";
import { KdcHealth } from "../../../src/transport/kdc-health.ts";
import { reasonOf } from "../../../src/transport/reason.ts";
import { transports } from "../../../src/transport/transports.ts";
import { asRep, asReq, framed } from "../../support/fake-kdc.ts";

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

describe("what a host is asked for", () => {
  const refusing = (seen: object[]) => (_host: string, _port: number, options: object) => {
    seen.push(options);
    return Promise.reject(new Error("refused"));
  };

  it.each(["tcp", "udp"] as const)("%s: a signal, and what there is beside it", async (name) => {
    const seen: object[] = [];
    const runtime: Runtime = { ...bare, connectTcp: refusing(seen), connectUdp: refusing(seen) };
    const plain = question(`${name}://a`, { runtime });
    const onLookUp = (): void => {};
    await expect(transports[name].ask(plain)).rejects.toThrow("refused");
    const full = { ...plain, host: { runtime, localAddress: "192.0.2.1" }, onLookUp };
    await expect(transports[name].ask(full)).rejects.toThrow("refused");
    expect(seen.map((options) => Object.keys(options))).toEqual([["signal"], ["signal", "localAddress", "onLookUp"]]);
    expect(seen[1]).toEqual({ signal: plain.signal, localAddress: "192.0.2.1", onLookUp });
  });
});

describe("a datagram without an answer", () => {
  it("is sent five times: after 1, 2, 4 and 8 seconds more", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    onTestFinished(() => void vi.useRealTimers());
    const sentMs: number[] = [];
    const told: number[] = [];
    const startedMs = performance.now();
    const end = new AbortController();
    let fail: (error: Error) => void = () => {};
    const runtime: Runtime = {
      ...bare,
      connectUdp: async () => ({
        send: async () => void sentMs.push(performance.now() - startedMs),
        receive: () =>
          new Promise<never>((_, reject) => {
            fail = reject;
          }),
        close: () => fail(new Error("closed")),
      }),
    };
    const asking = transports.udp.ask({
      ...question("udp://a", { runtime }),
      signal: end.signal,
      onRetransmit: (count) => told.push(count),
    });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sentMs).toEqual([0, 1000, 3000, 7000, 15_000]);
    expect(told).toEqual([1, 2, 3, 4]);
    end.abort();
    await expect(asking).rejects.toThrow("closed");
  });
});

describe("a spare connection", () => {
  const reply = framed(asRep());
  const connection = (...pieces: (Uint8Array | Error | undefined)[]) => {
    const state = { aborted: 0 };
    return {
      state,
      read: async () => {
        const piece = pieces.shift();
        if (piece instanceof Error) throw piece;
        return piece;
      },
      write: async () => {},
      close: async () => {},
      abort: () => void state.aborted++,
    };
  };

  it("leads to one KDC: another's is left alone", async () => {
    const spares = new SpareConnections();
    const one = connection(reply);
    spares.following = 1;
    spares.open("tcp://a:88", async () => one);
    expect(await spares.take("tcp://b:88")).toBeUndefined();
    expect(await spares.take("tcp://a:88")).toBe(one);
    expect(await spares.take("tcp://a:88")).toBeUndefined();
  });

  it.each([
    ["that was closed meanwhile costs one more", [undefined], false, 1],
    ["that was reset meanwhile costs one more", [new Error("reset")], false, 1],
    ["whose answer is damaged does not", [Uint8Array.of(0, 0, 0, 0)], false, 0],
    ["that is given up does not", [new Error("aborted")], true, 0],
  ] as const)("%s", async (_, pieces, isAborted, opened) => {
    const spares = new SpareConnections();
    spares.following = 1;
    const spare = connection(...pieces);
    spares.open("tcp://a:88", async () => spare);
    spares.following = 0;
    let count = 0;
    const connectTcp = async () => {
      count += 1;
      return connection(reply.slice());
    };
    const end = new AbortController();
    const asking = tcp.ask({
      ...question("tcp://a", { runtime: { ...bare, connectTcp } }),
      spares,
      signal: end.signal,
    });
    if (isAborted) end.abort();
    if (opened === 1) expect(await asking).toEqual(asRep());
    else await expect(asking).rejects.toThrow();
    expect(count).toBe(opened);
    expect(spare.state.aborted).toBeGreaterThan(0);
  });

  it.each([
    ["is opened beside the host's own", undefined, {}, 2],
    ["is not opened beside a dial's", true, {}, 1],
    ["is opened where the host allows few too: there it gives its place up (RT9)", undefined, { maxConnections: 6 }, 2],
  ])("%s", async (_, dials, more, opened) => {
    let count = 0;
    const open = async () => {
      count += 1;
      return connection(reply.slice());
    };
    const spares = new SpareConnections();
    spares.following = 1;
    const host = { runtime: { ...bare, connectTcp: open, ...more }, ...(dials ? { dial: open as never } : {}) };
    expect(await tcp.ask({ ...question("tcp://a", host), spares })).toEqual(asRep());
    expect(count).toBe(opened);
    spares.close();
  });
});

describe("the KDCs that are remembered to have failed", () => {
  it("are 256", () => {
    const health = new KdcHealth(1000, () => 0);
    for (let i = 0; i < 256; i++) health.failed(`tcp://kdc${i}:88`);
    const names = [{ name: "tcp://kdc0:88" }, { name: "tcp://other:88" }];
    expect(health.order(names)).toEqual([names[1], names[0]]);
    health.failed("tcp://kdc256:88");
    expect(health.order(names)).toEqual(names);
  });
});

it("the primary KDCs alone are asked where they are meant", async () => {
  const dialled: string[] = [];
  const dial = async (host: string): Promise<never> => {
    dialled.push(host);
    throw new Error("refused");
  };
  const transport = createKdcTransport({ runtime: bare, dial, kdcs: () => ["a"], primaryKdcs: () => ["b"] });
  await expect(transport.exchange("R", asReq())).rejects.toThrow("refused");
  await expect(transport.exchange("R", asReq(), { isForPrimary: true })).rejects.toThrow("refused");
  expect(dialled).toEqual(["a", "b"]);
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
