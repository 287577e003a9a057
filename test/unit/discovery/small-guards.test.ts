// Guards of the look-ups, each at its edge, over hosts that answer as a test says.

import { describe, expect, it, onTestFinished, vi } from "vitest";
import { canonicalHost } from "../../../src/discovery/canonical-host.ts";
import { askByStream } from "../../../src/discovery/dns/ask-stream.ts";
import { createResolver, encodeQuery, parseResolvConf } from "../../../src/discovery/dns/index.ts";
import { parseDnsOption } from "../../../src/discovery/dns/server.ts";
import { createLocator } from "../../../src/discovery/index.ts";
import { race } from "../../../src/discovery/race.ts";
import { resolvingRuntime } from "../../../src/discovery/resolving-runtime.ts";
import type { Connection, Runtime } from "../../../src/host/index.ts";
import { detectRuntime } from "../../../src/runtime/index.ts";
import { fakeDns, response, rr, srv, zone } from "../../support/dns-messages.ts";

const bare: Runtime = { name: "web" };
const signal = new AbortController().signal;
const refused = (words: string) => Promise.reject(Object.assign(new Error(words), { code: "ECODE" }));
const connection = (pieces: Uint8Array[] = []): Connection => ({
  read: async () => pieces.shift(),
  write: async () => {},
  close: async () => {},
  abort: () => {},
});

describe("the name of a host in DNS", () => {
  const answers = (name: string) => ({ records: [{ data: "192.0.2.1" }], canonicalName: name, ttlSeconds: 1 });
  const of = (a: unknown, aaaa: unknown) =>
    canonicalHost(
      "h.example",
      false,
      (async (_: string, type: string) => {
        const answer = type === "a" ? a : aaaa;
        if (answer instanceof Error) throw answer;
        return answer;
      }) as never,
      () => {},
    );

  it.each([
    ["IPv4's, where both answer", answers("four.example"), answers("six.example"), "four.example"],
    ["IPv6's, where IPv4 fails", new Error("no answer"), answers("six.example"), "six.example"],
    ["IPv6's, where IPv4's is no host's", answers("no host"), answers("six.example"), "six.example"],
    ["the given, where both fail", new Error("no answer"), new Error("no answer"), "h.example"],
    ["the given, where there is nothing", { ...answers("x.example"), records: [] }, new Error("x"), "h.example"],
  ])("is %s", async (_, a, aaaa, name) => {
    expect(await of(a, aaaa)).toBe(name);
  });
});

describe("a resolver over TCP", () => {
  const query = { name: "a.example", type: "a", id: 7 } as const;
  const octets = encodeQuery(query) as Uint8Array;
  const message = response(octets, { answers: [rr("a.example", "a", Uint8Array.of(192, 0, 2, 1))] });
  const framed = Uint8Array.of(message.length >> 8, message.length & 255, ...message);
  const ask = (pieces: Uint8Array[]) =>
    askByStream(
      { host: "192.0.2.53", port: 53 },
      query,
      octets,
      { runtime: { ...bare, connectTcp: async () => connection(pieces) } },
      signal,
    );

  it.each([1, 2, 3, 1000])("may answer in pieces of %s octets", async (size) => {
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < framed.length; at += size) pieces.push(framed.subarray(at, at + size));
    expect((await ask(pieces)).answers).toMatchObject([{ data: "192.0.2.1" }]);
  });

  it.each([
    ["closes before its length is whole", [framed.subarray(0, 1)], "the connection was closed before"],
    ["closes within its message", [framed.subarray(0, 9)], "the connection was closed before"],
    ["says more than its message", [framed, Uint8Array.of(0)], undefined],
    ["says more in one piece", [Uint8Array.of(...framed, 0)], "octets follow the message"],
  ])("that %s", async (_, pieces, words) => {
    if (words === undefined) expect((await ask([...pieces])).answers).toHaveLength(1);
    else await expect(ask([...pieces])).rejects.toThrow(words);
  });

  it("is not asked by a host without TCP", async () => {
    await expect(askByStream({ host: "h", port: 53 }, query, octets, { runtime: bare }, signal)).rejects.toThrow(
      "no TCP: not asked",
    );
  });
});

describe("a resolver by UDP that cannot be asked", () => {
  const resolver = (runtime: Runtime, dns: string, options = {}) =>
    createResolver({ runtime, servers: parseDnsOption(dns), trace: () => {}, now: Date.now, ...options });

  it("is asked over TCP, and told in the host's words where there is none", async () => {
    let dialled = 0;
    const connectUdp = () => refused("no datagrams here");
    const connectTcp = () => {
      dialled += 1;
      return refused("no TCP either");
    };
    await expect(resolver({ ...bare, connectUdp }, "192.0.2.53").query("a.example", "a")).rejects.toThrow(
      "no datagrams here",
    );
    await expect(resolver({ ...bare, connectUdp, connectTcp }, "192.0.2.53").query("a.example", "a")).rejects.toThrow(
      "no TCP either",
    );
    expect(dialled).toBeGreaterThan(0);
  });

  it("is not asked over TCP by a caller who gave up", async () => {
    let dialled = 0;
    const runtime: Runtime = {
      ...bare,
      connectUdp: (_host, _port, { signal: end }) =>
        new Promise<never>((_, reject) => end?.addEventListener("abort", () => reject(new Error("ended")))),
      connectTcp: () => {
        dialled += 1;
        return refused("no TCP");
      },
    };
    const controller = new AbortController();
    const asking = resolver(runtime, "192.0.2.53").query("a.example", "a", { signal: controller.signal });
    const outcome = asking.catch((error: unknown) => error);
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    expect(await outcome).toMatchObject({ code: "ABORTED" });
    await new Promise((resolve) => setImmediate(resolve));
    expect(dialled).toBe(0);
  });

  it.each([
    [new TypeError("fetch failed", { cause: new Error("why") }), "fetch failed: why"],
    [new TypeError("fetch failed"), "fetch failed"],
    ["a text", "a text"],
  ])("by HTTPS is told as %o says", async (thrown, reason) => {
    const fetch = () => Promise.reject(thrown);
    await expect(resolver(bare, "https://dns.example/q", { fetch }).query("a.example", "a")).rejects.toMatchObject({
      attempts: expect.arrayContaining([expect.objectContaining({ reason })]),
    });
  });
});

it("resolv.conf says times in a line of options alone", () => {
  const { timeoutMs, attempts } = parseResolvConf("");
  expect(parseResolvConf("search timeout:9 attempts:4\nsortlist timeout:9")).toMatchObject({ timeoutMs, attempts });
  expect(parseResolvConf("options timeout:9 attempts:4")).toMatchObject({ timeoutMs: 9000, attempts: 4 });
  expect(parseResolvConf("options timeout:0 attempts:0")).toMatchObject({ timeoutMs: 1000, attempts: 1 });
  expect(parseResolvConf("options timeout:31 attempts:6")).toMatchObject({ timeoutMs: 30_000, attempts: 5 });
});

describe("a runtime that resolves names", () => {
  const make = (addresses: readonly string[], connect: (address: string) => Promise<Connection>) => {
    const asked: string[] = [];
    const tried: string[] = [];
    const runtime = resolvingRuntime(
      {
        ...bare,
        connectTcp: (host) => {
          tried.push(host);
          return connect(host);
        },
      },
      async (host) => {
        asked.push(host);
        return addresses;
      },
      () => true,
    );
    return { asked, tried, runtime };
  };

  it.each(["192.0.2.1", "::1", "2001:db8::1", "localhost", "LOCALHOST.", "a.localhost"])(
    "does not look up %s",
    async (host) => {
      const { asked, tried, runtime } = make(["192.0.2.9"], async () => connection());
      await runtime.connectTcp?.(host, 88, {});
      expect([asked, tried]).toEqual([[], [host]]);
    },
  );

  it.each(["kdc.example", "192.0.2.1.example", "localhost.example", "notlocalhost"])("looks up %s", async (host) => {
    const { asked, tried, runtime } = make(["192.0.2.9"], async () => connection());
    await runtime.connectTcp?.(host, 88, {});
    expect([asked, tried]).toEqual([[host], ["192.0.2.9"]]);
  });

  it("tells the host's own error of one address, and of several all", async () => {
    const one = make(["192.0.2.1"], () => refused("words"));
    await expect(one.runtime.connectTcp?.("kdc.example", 88, {})).rejects.toThrow(/^words$/);
    const two = make(["192.0.2.1", "192.0.2.2"], () => refused("words"));
    await expect(two.runtime.connectTcp?.("kdc.example", 88, {})).rejects.toMatchObject({
      code: "ECODE",
      message: "cannot connect to kdc.example:88: 192.0.2.1: words; 192.0.2.2: words",
    });
  });

  it("tries the second address where the first refuses", async () => {
    const { tried, runtime } = make(["192.0.2.1", "192.0.2.2"], (address) =>
      address.endsWith("1") ? refused("words") : Promise.resolve(connection()),
    );
    await runtime.connectTcp?.("kdc.example", 88, {});
    expect(tried).toEqual(["192.0.2.1", "192.0.2.2"]);
  });
});

describe("a race", () => {
  it("that is won tries nobody more, whatever ends then", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const answers = new Map<string, { resolve(value: string): void; reject(error: Error): void }>();
    const tried: string[] = [];
    const discarded: string[] = [];
    const result = race(
      ["a", "b", "c", "d"],
      (address) =>
        new Promise<string>((resolve, reject) => {
          tried.push(address);
          answers.set(address, { resolve, reject });
        }),
      (late) => discarded.push(late),
      { what: "cannot connect" },
    );
    await vi.advanceTimersByTimeAsync(500);
    expect(tried).toEqual(["a", "b", "c"]);
    answers.get("b")?.resolve("b");
    expect(await result).toBe("b");
    answers.get("a")?.reject(new Error("late"));
    answers.get("c")?.resolve("c");
    await vi.advanceTimersByTimeAsync(1000);
    expect(tried).toEqual(["a", "b", "c"]);
    expect(discarded).toEqual(["c"]);
  });
});

describe("a locator", () => {
  it("tells why a whole name leads nowhere, where hosts(5) does not know it either", async () => {
    const lookUp = () => refused("the name is not known");
    const locator = createLocator({ runtime: { ...bare, lookUp, connectTcp: async () => connection() } });
    await expect(locator.runtime.connectTcp?.("kdc.example.", 88, {})).rejects.toThrow("the name is not known");
    await expect(locator.runtime.connectTcp?.("kdc.example", 88, {})).rejects.toThrow("the name is not known");
  });

  it("with a dial leaves out the servers by UDP, unless there are no others", async () => {
    const host = detectRuntime();
    const dial = async (name: string, port: number) => (await host.connectTcp?.(name, port, {})) as never;
    for (const [records, kdcs] of [
      [
        [
          srv("_kerberos._udp.example.org", 0, 0, 88, "u.example"),
          srv("_kerberos._tcp.example.org", 0, 0, 88, "t.example"),
        ],
        ["tcp://t.example:88"],
      ],
      [[srv("_kerberos._udp.example.org", 0, 0, 88, "u.example")], ["udp://u.example:88"]],
    ] as const) {
      const { address } = await fakeDns(zone(records));
      const locator = createLocator({ runtime: host, dns: address, dial, random: () => 0 });
      expect(await locator.kdcs("EXAMPLE.ORG")).toEqual(kdcs);
    }
  });
});
