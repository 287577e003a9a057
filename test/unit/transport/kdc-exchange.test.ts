import dgram from "node:dgram";
import { once } from "node:events";
import type net from "node:net";
import { Worker } from "node:worker_threads";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { TransportError, UnsupportedError } from "../../../src/errors.ts";
import type { ByteStream, Connection, Runtime } from "../../../src/host/index.ts";
import { connectionOf } from "../../../src/host/index.ts";
import { detectRuntime } from "../../../src/runtime/index.ts";
import { createTrace, type TraceEvent } from "../../../src/trace.ts";
import { type ExchangeOptions, exchangeWithKdc, parseEndpoint } from "../../../src/transport/index.ts";
import {
  asRep,
  asReq,
  closedPort,
  expectNothingMoreThan,
  framed,
  krbError,
  resourcesAtRest,
  sleep,
  tcpKdc,
  udpKdc,
  uint32,
  until,
} from "../../support/fake-kdc.ts";

const request = asReq();
const reply = asRep();

function exchange(endpoints: readonly string[], options: Partial<ExchangeOptions> = {}) {
  return exchangeWithKdc({
    realm: "EXAMPLE.ORG",
    endpoints: endpoints.map((text) => parseEndpoint(text)),
    request,
    runtime: detectRuntime(),
    timeoutMs: 5000,
    ...options,
  });
}

async function failure(promise: Promise<unknown>): Promise<TransportError> {
  const error = await promise.then(
    () => "resolved",
    (caught: unknown) => caught,
  );
  const name = (error as Error).name;
  expect(error).toBeInstanceOf(name === "UnsupportedError" ? UnsupportedError : TransportError);
  return error as TransportError;
}

const answering = () => tcpKdc((socket) => void socket.end(framed(reply)));
const silent = () => tcpKdc(() => {});

describe("KDC exchange over TCP", () => {
  it("sends one framed request and gives the reply, and closes the connection", async () => {
    const before = await resourcesAtRest();
    const kdc = await tcpKdc((socket) => void socket.write(framed(reply)));
    const result = await exchange([`tcp://127.0.0.1:${kdc.port}`]);
    expect(result).toEqual({ reply, endpoint: `tcp://127.0.0.1:${kdc.port}` });
    expect(kdc.requests).toEqual([request]);
    await until(() => kdc.open.size === 0, "the connection is closed");
    await expectNothingMoreThan({ ...before, TCPServerWrap: 99 });
  });

  it("takes a reply that comes octet by octet", async () => {
    const kdc = await tcpKdc(async (socket) => {
      for (const octet of framed(reply)) {
        socket.write(Uint8Array.of(octet));
        await sleep(2);
      }
    });
    expect((await exchange([`tcp://127.0.0.1:${kdc.port}`])).reply).toEqual(reply);
  });

  it("takes a reply of 2^20 octets", async () => {
    const longest = asRep(2 ** 20 - 5);
    expect(longest.length).toBe(2 ** 20);
    const kdc = await tcpKdc((socket) => void socket.end(framed(longest)));
    expect(Buffer.compare((await exchange([`tcp://127.0.0.1:${kdc.port}`])).reply, longest)).toBe(0);
  });

  it.each([
    ["a length of 0", uint32(0), /a length of 0/],
    ["a length of 2^20 + 1", uint32(2 ** 20 + 1), /a length of 1048577/],
    ["a length with the reserved bit", uint32(2 ** 31), /a length of 2147483648/],
    ["a length of FFFFFFFF", uint32(0xffffffff), /a length of 4294967295/],
    ["octets after the reply", Uint8Array.from([...framed(reply), 0]), /octets follow the message/],
    ["a request instead of a reply", framed(asReq()), /does not answer this request/],
    ["text", framed(new TextEncoder().encode("HTTP/1.1 400 Bad Request")), /does not answer this request/],
  ])("TR1, TR2, TR10: refuses %s at once, while the connection stays open", async (_, octets, words) => {
    const kdc = await tcpKdc((socket) => void socket.write(octets));
    const startedMs = performance.now();
    const error = await failure(exchange([`tcp://127.0.0.1:${kdc.port}`]));
    expect(performance.now() - startedMs).toBeLessThan(1000);
    expect(error.code).toBe("NOT_A_KDC");
    expect(error.attempts).toEqual([
      { endpoint: `tcp://127.0.0.1:${kdc.port}`, reason: expect.stringMatching(words), obstacle: "stranger" },
    ]);
    await until(() => kdc.open.size === 0, "the connection is closed");
  });

  it.each([
    ["with no answer", new Uint8Array(), /closed with no answer/],
    ["within the length", Uint8Array.of(0, 0), /closed after 2 octets/],
    ["within the reply", framed(reply).subarray(0, 12), /closed after 12 octets of the 26/],
  ])("TR3: refuses a connection that ends %s", async (_, octets, words) => {
    const kdc = await tcpKdc((socket) => void socket.end(octets));
    const error = await failure(exchange([`tcp://127.0.0.1:${kdc.port}`]));
    expect(error.attempts[0]?.reason).toMatch(words);
    expect(error.code).toBe(octets.length === 0 ? "KDC_UNREACHABLE" : "NOT_A_KDC");
  });

  it("TR2: refuses octets that came after the reply in a piece of their own", async () => {
    const chunks = [framed(reply), Uint8Array.of(1)];
    let isAborted = false;
    const connection: Connection = {
      read: async () => chunks.shift(),
      write: async () => {},
      hasUnread: () => chunks.length > 0,
      close: async () => {},
      abort: () => {
        isAborted = true;
      },
    };
    const runtime: Runtime = { name: "node", connectTcp: async () => connection };
    const error = await failure(exchange(["tcp://kdc"], { runtime }));
    expect(error.attempts[0]?.reason).toMatch(/octets follow the message/);
    expect(isAborted).toBe(true);
  });

  it("names a reset", async () => {
    const kdc = await tcpKdc((socket) => void socket.resetAndDestroy());
    const error = await failure(exchange([`tcp://127.0.0.1:${kdc.port}`]));
    expect(error.attempts[0]?.reason).toMatch(/reset \(ECONNRESET\)/);
  });

  it("TR12: goes on to the next KDC at once after garbage, half a reply, a reset and a refusal", async () => {
    const kdcs = [
      await tcpKdc((socket) => void socket.end(framed(Uint8Array.of(1, 2)))),
      await tcpKdc((socket) => void socket.end(framed(reply).subarray(0, 9))),
      await tcpKdc((socket) => void socket.resetAndDestroy()),
      { port: await closedPort() },
      await answering(),
    ];
    const startedMs = performance.now();
    const endpoints = kdcs.map(({ port }) => `tcp://127.0.0.1:${port}`);
    expect(await exchange(endpoints)).toEqual({ reply, endpoint: endpoints[4] });
    expect(performance.now() - startedMs).toBeLessThan(900);
  });

  it("goes on to the next KDC when one says that it cannot answer, and gives its error if none can", async () => {
    const busy = krbError(29);
    const kdc = await tcpKdc((socket) => void socket.end(framed(busy)));
    const good = await answering();
    const endpoint = `tcp://127.0.0.1:${kdc.port}`;
    expect(await exchange([endpoint, `tcp://127.0.0.1:${good.port}`])).toMatchObject({ reply });
    expect(await exchange([endpoint, `tcp://127.0.0.1:${await closedPort()}`])).toEqual({ reply: busy, endpoint });
  });

  it("gives other errors of a KDC as its answer", async () => {
    for (const code of [25, 52]) {
      const kdc = await tcpKdc((socket) => void socket.end(framed(krbError(code))));
      expect((await exchange([`tcp://127.0.0.1:${kdc.port}`])).reply).toEqual(krbError(code));
    }
  });
});

describe("KDCs in order", () => {
  it("asks the next beside a silent one after the delay, and drops the silent one when it answers", async () => {
    const first = await silent();
    const second = await answering();
    const startedMs = performance.now();
    const result = await exchange([`tcp://127.0.0.1:${first.port}`, `tcp://127.0.0.1:${second.port}`], {
      hedgeDelayMs: 150,
    });
    expect(result.endpoint).toBe(`tcp://127.0.0.1:${second.port}`);
    expect(performance.now() - startedMs).toBeGreaterThan(140);
    expect(performance.now() - startedMs).toBeLessThan(1500);
    await until(() => first.open.size === 0, "the silent one is dropped");
  });

  it("does not ask the second when the first answers in time", async () => {
    const [first, second] = [await answering(), await answering()];
    await exchange([`tcp://127.0.0.1:${first.port}`, `tcp://127.0.0.1:${second.port}`], { hedgeDelayMs: 60 });
    await sleep(120);
    expect(second.accepted).toBe(0);
  });

  it("takes the answer of the first also when the second was asked meanwhile", async () => {
    const first = await tcpKdc((socket) => void setTimeout(() => socket.end(framed(reply)), 150));
    const second = await silent();
    const result = await exchange([`tcp://127.0.0.1:${first.port}`, `tcp://127.0.0.1:${second.port}`], {
      hedgeDelayMs: 50,
    });
    expect(result.endpoint).toBe(`tcp://127.0.0.1:${first.port}`);
    expect(second.requests).toHaveLength(1);
    await until(() => second.open.size === 0, "the second is dropped");
  });

  it("reports every attempt with its reason, in the order of asking", async () => {
    const [quiet, garbage, port] = [
      await silent(),
      await tcpKdc((socket) => void socket.end(framed(Uint8Array.of(1)))),
      await closedPort(),
    ];
    const error = await failure(
      exchange(
        [`tcp://127.0.0.1:${quiet.port}`, `127.0.0.1:${port}`, `tcp://127.0.0.1:${garbage.port}`, "udp://kdc.invalid"],
        {
          // The others answer long before, on a busy machine too.
          timeoutMs: 2000,
          hedgeDelayMs: 30,
        },
      ),
    );
    // One answered, though not as a KDC does.
    expect(error.code).toBe("NOT_A_KDC");
    expect(error.attempts).toEqual([
      { endpoint: `tcp://127.0.0.1:${quiet.port}`, reason: "no answer within 2000 ms", obstacle: "silent" },
      { endpoint: `udp://127.0.0.1:${port}`, reason: expect.stringContaining("refused"), obstacle: "refused" },
      {
        endpoint: `tcp://127.0.0.1:${garbage.port}`,
        reason: expect.stringContaining("does not answer this request"),
        obstacle: "stranger",
      },
      { endpoint: "udp://kdc.invalid:88", reason: expect.stringMatching(/name/), obstacle: "name" },
      { endpoint: `tcp://127.0.0.1:${port}`, reason: expect.stringContaining("refused"), obstacle: "refused" },
    ]);
    for (const { endpoint, reason } of error.attempts) expect(error.message).toContain(`${endpoint}: ${reason}`);
    expect(error.cause).toBeInstanceOf(Error);
  });

  it.each([31, 32])("says of %i servers whether there may be more in DNS", async (count) => {
    const port = await closedPort();
    const error = await failure(exchange(Array.from({ length: count }, (_, i) => `tcp://127.0.0.${i + 1}:${port}`)));
    expect(error.attempts).toHaveLength(count);
    expect(error.message.includes("; of DNS the first 32 are asked")).toBe(count === 32);
  });

  it("TR8: keeps to the time of each endpoint and to the total", async () => {
    const kdcs = [await silent(), await silent(), await silent()];
    const endpoints = kdcs.map(({ port }) => `tcp://127.0.0.1:${port}`);
    const startedMs = performance.now();
    const error = await failure(exchange(endpoints, { timeoutMs: 200, hedgeDelayMs: 10_000 }));
    expect(error.attempts.map(({ reason }) => reason)).toEqual(Array(3).fill("no answer within 200 ms"));
    expect(performance.now() - startedMs).toBeGreaterThan(590);
    expect(performance.now() - startedMs).toBeLessThan(1500);
    const again = performance.now();
    const total = await failure(exchange(endpoints, { timeoutMs: 5000, hedgeDelayMs: 100, totalTimeoutMs: 150 }));
    expect(performance.now() - again).toBeLessThan(1000);
    expect(total).toMatchObject({ code: "KDC_UNREACHABLE" });
    expect(total.attempts.map(({ reason }) => reason)).toEqual([
      "no answer within the total of 150 ms",
      "no answer within the total of 150 ms",
      "not asked: there was no time left",
    ]);
  });

  it.each(["timeoutMs", "totalTimeoutMs", "hedgeDelayMs"])("refuses a %s that is not above 0", async (name) => {
    await expect(exchange(["tcp://127.0.0.1:1"], { [name]: 0 })).rejects.toBeInstanceOf(RangeError);
    await expect(exchange(["tcp://127.0.0.1:1"], { [name]: Number.NaN })).rejects.toBeInstanceOf(RangeError);
  });

  it("TR8: ends at once when the caller aborts, and leaves no socket and no timer", async () => {
    const [first, second] = [await silent(), await udpKdc(() => {})];
    const before = await resourcesAtRest();
    const controller = new AbortController();
    const asking = failure(
      exchange([`tcp://127.0.0.1:${first.port}`, `udp://127.0.0.1:${second.port}`], {
        signal: controller.signal,
        hedgeDelayMs: 20,
        // Above what `until` waits: no time ends it in place of the caller.
        timeoutMs: 60_000,
        totalTimeoutMs: 60_000,
      }),
    );
    await until(() => first.requests.length === 1 && second.requests.length === 1, "both are asked");
    const abortedMs = performance.now();
    controller.abort("enough");
    const error = await asking;
    expect(performance.now() - abortedMs).toBeLessThan(5_000);
    expect(error).toMatchObject({ code: "ABORTED", cause: "enough" });
    expect(error.attempts).toHaveLength(2);
    await until(() => first.open.size === 0, "the connection is closed");
    await expectNothingMoreThan(before);
    const early = await failure(exchange([`tcp://127.0.0.1:${first.port}`], { signal: AbortSignal.abort() }));
    expect(early.code).toBe("ABORTED");
    expect(first.accepted).toBe(1);
  });

  it("traces requests, replies and failures", async () => {
    const events: TraceEvent[] = [];
    const kdc = await answering();
    const port = await closedPort();
    const trace = createTrace(
      (event) => events.push(event),
      () => 42,
    );
    await exchange([`tcp://127.0.0.1:${port}`, `tcp://127.0.0.1:${kdc.port}`], { trace });
    const realm = "EXAMPLE.ORG";
    const octets = request.length;
    expect(events).toEqual([
      { at: 42, call: 0, type: "kdc-request", realm, endpoint: `tcp://127.0.0.1:${port}`, message: "AS-REQ", octets },
      {
        at: 42,
        call: 0,
        type: "kdc-failed",
        realm,
        endpoint: `tcp://127.0.0.1:${port}`,
        reason: expect.stringMatching("refused"),
      },
      {
        at: 42,
        call: 0,
        type: "kdc-request",
        realm,
        endpoint: `tcp://127.0.0.1:${kdc.port}`,
        message: "AS-REQ",
        octets,
      },
      {
        at: 42,
        call: 0,
        type: "kdc-reply",
        realm,
        endpoint: `tcp://127.0.0.1:${kdc.port}`,
        octets: reply.length,
        milliseconds: expect.any(Number),
      },
    ]);
  });
});

describe("KDC exchange over UDP", () => {
  it("sends one datagram and takes one", async () => {
    const before = await resourcesAtRest();
    const kdc = await udpKdc((answer) => answer(reply));
    expect(await exchange([`udp://127.0.0.1:${kdc.port}`])).toEqual({ reply, endpoint: `udp://127.0.0.1:${kdc.port}` });
    expect(kdc.requests.map(({ octets }) => octets)).toEqual([request]);
    await expectNothingMoreThan({ ...before, UDPWrap: 99 });
  });

  it("sends again after 1 s and then after 2 s more, and says so in the trace", async () => {
    const events: TraceEvent[] = [];
    const kdc = await udpKdc((answer, _request, _from, count) => {
      if (count === 3) answer(reply);
    });
    const trace = createTrace((event) => events.push(event));
    // The clock is the test's, the sockets are real: a busy machine changes nothing.
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const notes = (): number => events.filter(({ type }) => type === "note").length;
    const heard = async (count: number): Promise<void> => {
      while (kdc.requests.length < count) await new Promise((resolve) => void setImmediate(resolve));
    };
    const asking = exchange([`udp://127.0.0.1:${kdc.port}`], { timeoutMs: 8000, trace });
    for (const [count, delayMs] of [
      [1, 1000],
      [2, 2000],
    ] as const) {
      await heard(count);
      await vi.advanceTimersByTimeAsync(delayMs - 1);
      expect(notes()).toBe(count - 1);
      await vi.advanceTimersByTimeAsync(1);
      expect(notes()).toBe(count);
    }
    expect((await asking).reply).toEqual(reply);
    expect(kdc.requests).toHaveLength(3);
    expect(kdc.requests.every(({ octets }) => Buffer.compare(octets, request) === 0)).toBe(true);
  });

  it("TR5: passes over datagrams that are no answer, and takes the answer after them", async () => {
    const kdc = await udpKdc((answer) => {
      answer(new TextEncoder().encode("not Kerberos"));
      answer(reply.subarray(0, 10));
      answer(Uint8Array.from([...reply, 0]));
      answer(asReq());
      answer(new Uint8Array());
      answer(reply);
    });
    expect((await exchange([`udp://127.0.0.1:${kdc.port}`])).reply).toEqual(reply);
  });

  it("TR4: does not hear another sender, though it answers sooner", async () => {
    const forged = asRep(30);
    const stranger = dgram.createSocket("udp4");
    const kdc = await udpKdc((answer, _request, from) => {
      stranger.send(forged, from.port, from.address, () => setTimeout(() => answer(reply), 50));
    });
    expect((await exchange([`udp://127.0.0.1:${kdc.port}`])).reply).toEqual(reply);
    stranger.close();
  });

  it("goes on at once when the port is closed, and after the delay when nothing comes", async () => {
    const kdc = await answering();
    const startedMs = performance.now();
    const closed = `udp://127.0.0.1:${await closedPort()}`;
    await exchange([closed, `tcp://127.0.0.1:${kdc.port}`], { hedgeDelayMs: 5_000 });
    expect(performance.now() - startedMs).toBeLessThan(4_500);
    const mute = await udpKdc(() => {});
    const result = await exchange([`udp://127.0.0.1:${mute.port}`, `tcp://127.0.0.1:${kdc.port}`], {
      hedgeDelayMs: 50,
    });
    expect(result.endpoint).toBe(`tcp://127.0.0.1:${kdc.port}`);
  });

  it("TR6: asks the same KDC over TCP when its reply is too big for a datagram", async () => {
    const tcp = await answering();
    const udp = await udpKdc((answer) => answer(krbError(52)), tcp.port);
    const other = await answering();
    const result = await exchange([`udp://127.0.0.1:${udp.port}`, `tcp://127.0.0.1:${other.port}`]);
    expect(result).toEqual({ reply, endpoint: `tcp://127.0.0.1:${tcp.port}` });
    expect(tcp.requests).toEqual([request]);
    expect(other.accepted).toBe(0);
  });

  it("asks over TCP only once where the endpoint leaves the choice, and reports it where that fails", async () => {
    const tcp = await answering();
    const udp = await udpKdc((answer) => answer(krbError(52)), tcp.port);
    expect((await exchange([`127.0.0.1:${udp.port}`])).reply).toEqual(reply);
    expect(tcp.accepted).toBe(1);
    const onlyUdp = await udpKdc((answer) => answer(krbError(52)));
    const error = await failure(exchange([`127.0.0.1:${onlyUdp.port}`]));
    expect(error.attempts).toEqual([
      {
        endpoint: `udp://127.0.0.1:${onlyUdp.port}`,
        reason: expect.stringContaining("too big for UDP"),
        obstacle: "other",
      },
      { endpoint: `tcp://127.0.0.1:${onlyUdp.port}`, reason: expect.stringContaining("refused"), obstacle: "refused" },
    ]);
  });
});

describe("the choice of a transport", () => {
  const both = async () => {
    const tcp = await answering();
    return { tcp, udp: await udpKdc((answer) => answer(reply), tcp.port), endpoint: `127.0.0.1:${tcp.port}` };
  };

  it("is UDP for a bare endpoint", async () => {
    const { tcp, endpoint } = await both();
    expect((await exchange([endpoint])).endpoint).toBe(`udp://${endpoint}`);
    expect(tcp.accepted).toBe(0);
  });

  it("is TCP first for a request above the limit, 1465 octets unless another is given", async () => {
    const { udp, endpoint } = await both();
    const [short, long] = [asReq(1465 - 5), asReq(1465 - 4)];
    expect([short.length, long.length]).toEqual([1465, 1466]);
    expect((await exchange([endpoint], { request: short })).endpoint).toBe(`udp://${endpoint}`);
    expect((await exchange([endpoint], { request: long })).endpoint).toBe(`tcp://${endpoint}`);
    expect((await exchange([endpoint], { udpPreferenceBytes: 1 })).endpoint).toBe(`tcp://${endpoint}`);
    expect(udp.requests).toHaveLength(1);
  });

  it("is TCP for a bare endpoint when no datagram comes through", async () => {
    const tcp = await answering();
    await udpKdc(() => {}, tcp.port);
    const { endpoint } = await exchange([`127.0.0.1:${tcp.port}`], { hedgeDelayMs: 50 });
    expect(endpoint).toBe(`tcp://127.0.0.1:${tcp.port}`);
  });

  it("is TCP for a bare endpoint on a host without UDP", async () => {
    const { udp, endpoint } = await both();
    const { connectUdp: _, ...runtime } = detectRuntime();
    expect((await exchange([endpoint], { runtime })).endpoint).toBe(`tcp://${endpoint}`);
    expect(udp.requests).toHaveLength(0);
  });

  it.each([
    ["udp://127.0.0.1:9", "web", /UDP.*tcp:\/\/host:port/],
    ["tcp://127.0.0.1:9", "web", /TCP.*https:\/\//],
    ["127.0.0.1:9", "web", /TCP.*https:\/\//],
    ["https://127.0.0.1:9/KdcProxy", "workerd", /fetch/],
  ] as const)("TR11: says what is missing for %s, before any traffic", async (unusable, name, words) => {
    const kdc = await answering();
    const full = detectRuntime();
    const connectTcp = full.connectTcp as NonNullable<Runtime["connectTcp"]>;
    const runtime: Runtime =
      unusable.startsWith("https") || unusable.startsWith("udp") ? { name, connectTcp } : { name };
    const error = await failure(exchange([unusable, unusable], { runtime }));
    expect(error.code).toBe("UNSUPPORTED_BY_RUNTIME");
    expect(error.message).toContain(`"${name}"`);
    expect(error.message).toMatch(words);
    expect(kdc.accepted).toBe(0);
  });

  it("TR11: asks those of a list that it can, with a note of the others, which the report has too", async () => {
    const kdc = await answering();
    const events: TraceEvent[] = [];
    const connectTcp = detectRuntime().connectTcp as NonNullable<Runtime["connectTcp"]>;
    const options = {
      runtime: { name: "deno" as const, connectTcp },
      trace: createTrace((event) => events.push(event)),
    };
    const tcp = `tcp://127.0.0.1:${kdc.port}`;
    expect((await exchange(["udp://127.0.0.1:9", tcp], options)).endpoint).toBe(tcp);
    const notes = events.flatMap((event) => (event.type === "note" ? [event.text] : []));
    expect(notes).toEqual([
      expect.stringMatching(/^udp:\/\/127\.0\.0\.1:9 is passed over: the "deno" runtime has no UDP/),
    ]);
    const closed = `tcp://127.0.0.1:${await closedPort()}`;
    const { attempts } = await failure(exchange(["udp://127.0.0.1:9", closed], options));
    expect(attempts).toMatchObject([
      { endpoint: closed, obstacle: "refused" },
      { endpoint: "udp://127.0.0.1:9", reason: expect.stringContaining("no UDP") },
    ]);
  });

  it("is the caller's dial instead of the host's TCP, and instead of UDP where the endpoint leaves the choice", async () => {
    const { tcp, udp } = await both();
    const dialed: string[] = [];
    const dial = async (host: string, port: number): Promise<ByteStream> => {
      dialed.push(`${host}:${port}`);
      const connection = await detectRuntime().connectTcp?.("127.0.0.1", tcp.port, {});
      return connection as unknown as ByteStream;
    };
    for (const endpoint of ["kdc.internal", "tcp://kdc.internal:750"]) {
      expect((await exchange([endpoint], { dial, runtime: { name: "web" } })).reply).toEqual(reply);
    }
    expect(dialed).toEqual(["kdc.internal:88", "kdc.internal:750"]);
    expect(udp.requests).toHaveLength(0);
  });

  it("takes the web streams of a dial, and gives a stream back that opens after its time", async () => {
    const streams = (answer: Uint8Array) => {
      const [there, back] = [new TransformStream<Uint8Array>(), new TransformStream<Uint8Array>()];
      const kdc = connectionOf({ readable: there.readable, writable: back.writable });
      const done = kdc.read().then(
        async (octets) => {
          if (octets === undefined) return "ended";
          await kdc.write(answer);
          return "answered";
        },
        () => "ended",
      );
      let closed = 0;
      const stream: ByteStream = { readable: back.readable, writable: there.writable, close: () => void closed++ };
      return { stream, done, closed: () => closed };
    };
    const good = streams(framed(reply));
    expect((await exchange(["kdc.internal"], { dial: () => good.stream })).reply).toEqual(reply);
    expect(good.closed()).toBe(1);
    const late = streams(framed(reply));
    const dial = () => sleep(100).then(() => late.stream);
    const error = await failure(exchange(["kdc.internal"], { dial, timeoutMs: 30 }));
    expect(error.attempts[0]?.reason).toBe("no answer within 30 ms");
    await until(() => late.closed() === 1, "the late stream is closed");
    expect(await late.done).toBe("ended");
  });

  it("reports what a dial throws", async () => {
    const dial = (): never => {
      throw new Error("the tunnel is down");
    };
    const error = await failure(exchange(["kdc.internal"], { dial }));
    expect(error.attempts).toEqual([
      { endpoint: "tcp://kdc.internal:88", reason: "the tunnel is down", obstacle: "other" },
    ]);
  });

  it("sends from the local address that is given", async () => {
    const sources: (string | undefined)[] = [];
    const tcp = await tcpKdc((socket) => {
      sources.push((socket as net.Socket).remoteAddress);
      socket.end(framed(reply));
    });
    const udp = await udpKdc((answer, _request, from) => {
      sources.push(from.address);
      answer(reply);
    });
    await exchange([`tcp://127.0.0.1:${tcp.port}`], { localAddress: "127.0.0.3" });
    await exchange([`udp://127.0.0.1:${udp.port}`], { localAddress: "127.0.0.3" });
    expect(sources).toEqual(["127.0.0.3", "127.0.0.3"]);
  });
});

describe("the time that a name takes", () => {
  const naming = (calls: readonly boolean[]): Runtime => {
    const connect = (_host: string, _port: number, { onLookUp }: { onLookUp?: (isOver: boolean) => void }) => {
      for (const isOver of calls) onLookUp?.(isOver);
      return new Promise<never>(() => {});
    };
    return { name: "node", connectTcp: connect, connectUdp: connect };
  };
  const words = "the look-up of the name kdc.example.org gave no answer";

  it.each(["tcp", "udp"])("is told as the name's, over %s, and as the KDC's once the name is known", async (scheme) => {
    const ask = async (calls: readonly boolean[], limits: Partial<ExchangeOptions>) => {
      const { attempts } = await failure(
        exchange([`${scheme}://kdc.example.org:88`], { runtime: naming(calls), ...limits }),
      );
      return attempts.map(({ reason, obstacle }) => [reason, obstacle]);
    };
    expect(await ask([false], { timeoutMs: 30 })).toEqual([[`${words} within 30 ms`, "name"]]);
    expect(await ask([false, true], { timeoutMs: 30 })).toEqual([["no answer within 30 ms", "silent"]]);
    expect(await ask([false], { totalTimeoutMs: 30 })).toEqual([[`${words} within the total of 30 ms`, "name"]]);
    expect(await ask([false, true], { totalTimeoutMs: 30 })).toEqual([
      ["no answer within the total of 30 ms", "silent"],
    ]);
  });
});

/** A KDC in another thread, which answers while this one stands still. It says its port, and `asked` for each request. */
async function kdcInThread(transport: "tcp" | "udp"): Promise<{ readonly port: number; readonly thread: Worker }> {
  const body = `
    const { parentPort, workerData } = require("node:worker_threads");
    const answer = (give) => (parentPort.postMessage("asked"), setTimeout(give, 50));
    if (workerData.transport === "tcp") {
      const server = require("node:net").createServer((socket) => {
        socket.on("error", () => {});
        socket.once("data", () => answer(() => socket.end(workerData.framed)));
      });
      server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
    } else {
      const socket = require("node:dgram").createSocket("udp4");
      socket.on("message", (_, from) => answer(() => socket.send(workerData.reply, from.port, from.address)));
      socket.bind(0, "127.0.0.1", () => parentPort.postMessage(socket.address().port));
    }`;
  const thread = new Worker(body, { eval: true, workerData: { transport, reply, framed: framed(reply) } });
  onTestFinished(async () => void (await thread.terminate()));
  const [port] = await once(thread, "message");
  return { port, thread };
}

describe("a process that stood still, as a function's may", () => {
  it.each([
    { transport: "tcp", stillMs: 400, hedgeDelayMs: 150, timeoutMs: 5000 },
    { transport: "tcp", stillMs: 1200, hedgeDelayMs: undefined, timeoutMs: 5000 },
    { transport: "udp", stillMs: 1200, hedgeDelayMs: 5000, timeoutMs: 5000 },
    { transport: "tcp", stillMs: 400, hedgeDelayMs: 5000, timeoutMs: 300 },
  ] as const)(
    "TR15: a process that stood still reads what came meanwhile first ($transport, $stillMs ms)",
    async ({ transport, stillMs, ...limits }) => {
      const { port, thread } = await kdcInThread(transport);
      const second = await silent();
      const events: string[] = [];
      const trace = createTrace(({ type }) => void events.push(type));
      const endpoints = [`${transport}://127.0.0.1:${port}`, `tcp://127.0.0.1:${second.port}`];
      thread.once("message", () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stillMs));
      expect((await exchange(endpoints, { ...limits, trace })).endpoint).toBe(endpoints[0]);
      expect(events).toEqual(["kdc-request", "kdc-reply"]);
    },
  );
});
