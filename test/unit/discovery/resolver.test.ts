import net from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { readAnswer } from "../../../src/discovery/dns/answer.ts";
import { ExpiringCache } from "../../../src/discovery/dns/cache.ts";
import { createResolver, decodeResponse, encodeQuery, parseResolvConf } from "../../../src/discovery/dns/index.ts";
import { type DnsServer, parseDnsOption } from "../../../src/discovery/dns/server.ts";
import type { DnsOption } from "../../../src/discovery/index.ts";
import { TransportError, UnsupportedError } from "../../../src/errors.ts";
import type { Fetch, Runtime } from "../../../src/host/index.ts";
import { detectRuntime } from "../../../src/runtime/index.ts";
import { fakeDns, name, pointer, response, rr, type Say, soa, srv, zone } from "../../support/dns-messages.ts";
import { closedPort, expectNothingMoreThan, resourcesAtRest } from "../../support/fake-kdc.ts";

const runtime = detectRuntime();
const records = [srv("s.example", 0, 0, 88, "kdc.example"), rr("www.example", "cname", name("h.example"))];

function resolver(dns: DnsOption, options: Partial<Parameters<typeof createResolver>[0]> = {}) {
  return createResolver({ runtime, servers: parseDnsOption(dns), trace: () => {}, now: Date.now, ...options });
}

async function failure(promise: Promise<unknown>): Promise<TransportError> {
  const error = await promise.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (error instanceof TransportError) return error;
  // The same fields but for the attempts.
  if (error instanceof UnsupportedError) return error as unknown as TransportError;
  throw error ?? new Error("it was accepted");
}

describe("a resolver", () => {
  it("asks by UDP and keeps the answer for its lifetime", async () => {
    let nowMs = 1_000_000;
    const server = await fakeDns(zone([srv("s.example", 0, 0, 88, "kdc.example", 30)]));
    const dns = resolver(server.address, { now: () => nowMs });
    for (const asked of [1, 1, 2]) {
      const { records: found } = await dns.query("S.example.", "srv");
      expect(found).toMatchObject([{ data: { target: "kdc.example", port: 88 } }]);
      expect(server.asked).toHaveLength(asked);
      nowMs += 29_999 / asked;
    }
    expect(server.asked[0]).toMatchObject({ how: "udp", type: 33 });
  });

  it("N16: keeps that there is nothing for as long as the SOA record says, or five seconds", async () => {
    let nowMs = 0;
    const server = await fakeDns(({ octets, name: wanted }) =>
      response(octets, { rcode: 3, authorities: wanted === "a.example" ? [soa("example", 3600, 60)] : [] }),
    );
    const dns = resolver(server.address, { now: () => nowMs });
    const times: number[] = [];
    for (const wanted of ["a.example", "b.example"]) {
      nowMs = 0;
      for (const at of [0, 4999, 5000, 59_999, 60_000, 60_001]) {
        nowMs = at;
        expect((await dns.query(wanted, "srv")).records).toEqual([]);
        times.push(server.asked.length);
      }
    }
    expect(times).toEqual([1, 1, 1, 1, 2, 2, 3, 3, 4, 5, 5, 5]);
  });

  it("N10: passes over datagrams that are no answer to its question, and takes the one that is", async () => {
    const good = zone(records);
    const server = await fakeDns((asked, how) => {
      const answer = good(asked, how) as Uint8Array;
      const forged = [srv("s.example", 0, 0, 666, "evil.example")];
      return [
        new Uint8Array(0),
        new Uint8Array(3),
        asked.octets,
        response(asked.octets, { id: asked.id ^ 1, answers: forged }),
        response(asked.octets, {
          question: new Uint8Array([...name("t.example"), 0, 33, 0, 1]),
          answers: forged,
        }),
        response(asked.octets, { answers: forged, counts: [9, 9, 9] }),
        answer,
      ];
    });
    const { records: found } = await resolver(server.address).query("s.example", "srv");
    expect(found).toMatchObject([{ data: { target: "kdc.example" } }]);
  });

  it("N11: asks over TCP what was cut off, and believes nothing of the cut", async () => {
    const full = zone(records);
    const server = await fakeDns((asked, how) =>
      how === "tcp"
        ? full(asked, how)
        : response(asked.octets, { flags: 0x0200, answers: [srv("s.example", 0, 0, 1, "cut")] }),
    );
    const { records: found } = await resolver(server.address).query("s.example", "srv");
    expect(found).toMatchObject([{ data: { target: "kdc.example" } }]);
    expect(server.asked.map(({ how }) => how)).toEqual(["udp", "tcp"]);
    const lying = await fakeDns(({ octets }) => response(octets, { flags: 0x0200 }));
    expect((await failure(resolver(lying.address).query("s.example", "srv"))).message).toContain("truncated");
  });

  it.each<[string, (socket: net.Socket, question: Buffer) => void, string]>([
    ["nothing", (socket) => void socket.end(), "closed before the message ended"],
    ["half a message", (socket) => void socket.end(Uint8Array.of(1, 0, 1)), "closed before the message ended"],
    ["more than the message", (socket) => void socket.end(new Uint8Array(20)), "octets follow the message"],
    [
      "another answer",
      (socket) => void socket.end(Uint8Array.of(0, 12, ...new Uint8Array(12))),
      "its id is not the question's",
    ],
  ])("N10: over TCP, %s is an error", async (_, say, reason) => {
    const server = net.createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", (octets) => say(socket, octets));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as net.AddressInfo;
    const { connectUdp: _udp, ...streams } = runtime;
    const error = await failure(
      resolver(`127.0.0.1:${port}`, { runtime: streams as Runtime }).query("s.example", "srv"),
    );
    expect(error.code).toBe("DNS");
    expect(error.attempts).toHaveLength(2);
    expect(error.attempts[0]).toMatchObject({ endpoint: `dns://127.0.0.1:${port}` });
    expect(error.attempts[0]?.reason).toContain(reason);
  });

  it("asks over TCP where a datagram cannot be sent, and not for silence", async () => {
    const server = await fakeDns((asked, how) => (how === "tcp" ? zone(records)(asked, how) : undefined));
    const denied: Runtime = { ...runtime, connectUdp: () => Promise.reject(new Error("permission denied")) };
    expect((await resolver(server.address, { runtime: denied }).query("s.example", "srv")).records).toHaveLength(1);
    expect(server.asked.map(({ how }) => how)).toEqual(["tcp"]);
    const controller = new AbortController();
    const asking = failure(resolver(server.address).query("s.example", "srv", { signal: controller.signal }));
    await vi.waitFor(() => expect(server.asked).toHaveLength(2));
    controller.abort();
    await asking;
    expect(server.asked.map(({ how }) => how)).toEqual(["tcp", "udp"]);
  });

  it("asks the next resolver when one fails, and begins with the one that answered", async () => {
    const sick = await fakeDns(({ octets }) => response(octets, { rcode: 2 }));
    const well = await fakeDns(zone(records));
    const dead = `127.0.0.1:${await closedPort()}`;
    const dns = resolver([dead, sick.address, well.address]);
    expect((await dns.query("s.example", "srv")).records).toHaveLength(1);
    await dns.query("other.example", "srv");
    expect([sick.asked.length, well.asked.length]).toEqual([1, 2]);
  });

  it.each([undefined, 0])(
    "asks a server from before EDNS without it (RFC 6891 section 7; questions: %s)",
    async (questions) => {
      const server = await fakeDns((asked, how) => {
        // The number of additional records: the OPT record alone.
        const hasEdns = asked.octets[11] === 1;
        const question = questions === 0 ? new Uint8Array() : undefined;
        return hasEdns ? response(asked.octets, { rcode: 1, questions, question }) : zone(records)(asked, how);
      });
      expect((await resolver(server.address).query("s.example", "srv")).records).toHaveLength(1);
      expect(server.asked).toHaveLength(2);
      const never = await fakeDns(({ octets }) => response(octets, { rcode: 1 }));
      const error = await failure(resolver(never.address).query("s.example", "srv"));
      expect(error.attempts?.map(({ reason }) => reason)).toEqual(["it answers FORMERR", "it answers FORMERR"]);
      expect(never.asked).toHaveLength(4);
    },
  );

  it("tells every attempt, and does not ask the same again for five seconds", async () => {
    let nowMs = 0;
    const server = await fakeDns(({ octets }) => response(octets, { rcode: 5 }));
    const dns = resolver(server.address, { now: () => nowMs });
    for (const asked of [2, 2]) {
      const error = await failure(dns.query("s.example", "srv"));
      expect(error).toMatchObject({
        code: "DNS",
        attempts: [1, 2].map(() => ({ endpoint: `dns://${server.address}`, reason: "it answers REFUSED" })),
      });
      expect(server.asked).toHaveLength(asked);
    }
    nowMs = 5000;
    await failure(dns.query("s.example", "srv"));
    expect(server.asked).toHaveLength(4);
  });

  it("ends when its signal does, and leaves nothing behind", async () => {
    const before = await resourcesAtRest();
    const server = await fakeDns(() => undefined);
    const controller = new AbortController();
    const asking = failure(resolver(server.address).query("s.example", "srv", { signal: controller.signal }));
    await vi.waitFor(() => expect(server.asked).toHaveLength(1));
    controller.abort();
    expect((await asking).code).toBe("ABORTED");
    await expectNothingMoreThan({ ...before, UDPWrap: (before.UDPWrap ?? 0) + 1, TCPSERVERWRAP: 9, TCPServerWrap: 9 });
  });

  it("N15: asks nobody for a name that DNS cannot have", async () => {
    const server = await fakeDns(zone(records));
    expect((await resolver(server.address).query(`_kerberos._udp.BAD REALM`, "srv")).records).toEqual([]);
    expect(server.asked).toHaveLength(0);
  });

  it("follows an alias that the response leaves open, a few times", async () => {
    const say: Say = ({ octets, name: wanted }) => {
      const next = /^a(\d)\.example$/.exec(wanted)?.[1];
      if (wanted === "a9.example") return response(octets, { answers: [rr(wanted, "a", Uint8Array.of(192, 0, 2, 9))] });
      return response(octets, { answers: [rr(wanted, "cname", name(`a${Number(next) + 1}.example`))] });
    };
    const server = await fakeDns(say);
    const dns = resolver(server.address);
    expect(await dns.query("a6.example", "a")).toMatchObject({
      canonicalName: "a9.example",
      records: [{ data: "192.0.2.9" }],
    });
    expect((await dns.query("a1.example", "a")).records).toEqual([]);
    expect(server.asked.filter(({ name: asked }) => asked <= "a5.example")).toHaveLength(5);
  });
});

describe("what a response says", () => {
  const read = (answers: Parameters<typeof response>[1], wanted = "www.example") => {
    const query = { name: wanted, type: "a", id: 1 } as const;
    return readAnswer(decodeResponse(response(encodeQuery(query) as Uint8Array, answers), query), wanted, "a");
  };
  const address = (owner: string, ttl = 60) => rr(owner, "a", Uint8Array.of(192, 0, 2, 1), ttl);

  it("N8: records of other names count for nothing", () => {
    expect(read({ answers: [address("evil.example"), address("example")] }).records).toEqual([]);
  });

  it("N9: aliases lead to the records of the last one, for the shortest lifetime", () => {
    const answers = [
      rr("www.example", "cname", name("b.example"), 7),
      rr("b.example", "cname", name("c.example")),
      address("c.example", 9),
    ];
    expect(read({ answers })).toMatchObject({
      canonicalName: "c.example",
      ttlSeconds: 7,
      records: [{ name: "c.example" }],
    });
  });

  it("N9: aliases in a circle, or too many of them, lead nowhere", () => {
    const circle = [rr("www.example", "cname", name("b.example")), rr("b.example", "cname", name("www.example"))];
    expect(read({ answers: circle })).toMatchObject({ records: [], alias: undefined });
    const chain = (length: number) => [
      rr("www.example", "cname", name("n1.example")),
      ...Array.from({ length: length - 1 }, (_, i) => rr(`n${i + 1}.example`, "cname", name(`n${i + 2}.example`))),
      address(`n${length}.example`),
    ];
    expect(read({ answers: chain(8) }).records).toHaveLength(1);
    expect(read({ answers: chain(9) })).toMatchObject({ records: [], alias: undefined });
  });

  it("compression leads an alias to its records", () => {
    const alias = { owner: pointer(12), type: 5, data: name("b.example") };
    expect(read({ answers: [alias, address("b.example")] }).records).toHaveLength(1);
  });
});

describe("DNS over HTTPS", () => {
  const url = "https://resolver.example/dns-query";
  const answering =
    (say: Say, calls: Parameters<Fetch>[] = []): Fetch =>
    async (...call) => {
      calls.push(call);
      const octets = call[1].body;
      const { readQuestion } = await import("../../support/dns-messages.ts");
      return new Response(say(readQuestion(octets), "tcp") as Uint8Array<ArrayBuffer>, {
        headers: { "content-type": "application/dns-message" },
      });
    };

  it("asks by POST with id 0, from the same code", async () => {
    const calls: Parameters<Fetch>[] = [];
    const dns = resolver(`${url}{?dns}`, { fetch: answering(zone(records), calls) });
    expect((await dns.query("s.example", "srv")).records).toHaveLength(1);
    expect(calls).toHaveLength(1);
    expect(calls[0]?.[0]).toBe(url);
    expect(calls[0]?.[1]).toMatchObject({
      method: "POST",
      redirect: "manual",
      headers: { "content-type": "application/dns-message", accept: "application/dns-message" },
    });
    expect([...(calls[0]?.[1].body.subarray(0, 2) ?? [])]).toEqual([0, 0]);
  });

  it.each<[string, () => Response, string]>([
    ["an error", () => new Response("no", { status: 503 }), "HTTP 503"],
    [
      "a redirection",
      () => new Response(null, { status: 307, headers: { location: "https://evil.example" } }),
      "HTTP 307",
    ],
    [
      "HTML",
      () => new Response("<html>", { headers: { "content-type": "text/html" } }),
      'what it sends is \\"text/html\\"',
    ],
    [
      "too much",
      () => new Response(endless(), { headers: { "content-type": "application/dns-message" } }),
      "longer than 65535",
    ],
    ["no DNS", () => new Response("\0\0", { headers: { "content-type": "application/dns-message" } }), "octets wanted"],
    ["nothing", () => new Response(null, { headers: { "content-type": "application/dns-message" } }), "octets wanted"],
  ])("N12: %s is refused", async (_, answer, reason) => {
    const error = await failure(resolver(url, { fetch: async () => answer() }).query("s.example", "srv"));
    expect(error.code).toBe("DNS");
    expect(JSON.stringify(error.attempts)).toContain(reason);
  });

  it("N2: an answer to another question is refused", async () => {
    const say: Say = ({ octets }) =>
      response(octets, { question: new Uint8Array([...name("x.example"), 0, 33, 0, 1]) });
    const error = await failure(resolver(url, { fetch: answering(say) }).query("s.example", "srv"));
    expect(error.attempts[0]?.reason).toContain("another question");
  });
});

describe("which resolvers", () => {
  it("the user may name", () => {
    const plain = (host: string, port = 53): DnsServer => ({ kind: "plain", host, port });
    expect(parseDnsOption(undefined)).toBeUndefined();
    expect(parseDnsOption("system")).toBeUndefined();
    expect(parseDnsOption(false)).toEqual([]);
    expect(parseDnsOption(["192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:5353"])).toEqual([
      plain("192.0.2.1"),
      plain("192.0.2.1", 5353),
      plain("2001:db8::1"),
      plain("2001:db8::1", 5353),
    ]);
    expect(parseDnsOption("https://r.example/q")).toEqual([{ kind: "https", url: "https://r.example/q" }]);
    for (const text of [
      "",
      "resolver.example",
      "http://r.example",
      "1.2.3.4:0",
      "1.2.3.4:70000",
      "https://u:p@r.example/",
    ]) {
      expect(() => parseDnsOption(text)).toThrow(TypeError);
    }
    expect(() => parseDnsOption([])).toThrow(TypeError);
  });

  it("the system has, by resolv.conf", async () => {
    const text =
      "# comment\nsearch example\nnameserver 192.0.2.1 # first\nnameserver junk\nnameserver fe80::1%eth0\nnameserver 192.0.2.3\nnameserver 192.0.2.4\noptions rotate timeout:99 attempts:0\n";
    expect(parseResolvConf(text)).toEqual({
      servers: ["192.0.2.1", "fe80::1%eth0", "192.0.2.3"].map((host) => ({ kind: "plain", host, port: 53 })),
      timeoutMs: 30_000,
      attempts: 1,
    });
    expect(parseResolvConf("").servers).toEqual([{ kind: "plain", host: "127.0.0.1", port: 53 }]);
    const server = await fakeDns(zone(records));
    const [, port] = server.address.split(":");
    const read = vi.fn(async () => new TextEncoder().encode("nameserver 192.0.2.53\n"));
    const asked: string[] = [];
    const system: Runtime = {
      ...runtime,
      files: () => ({ read }) as never,
      connectUdp: (host, asPort, options) => {
        asked.push(`${host}:${asPort}`);
        return runtime.connectUdp!("127.0.0.1", Number(port), options);
      },
    };
    const dns = resolver("system", { runtime: system });
    expect((await dns.query("s.example", "srv")).records).toHaveLength(1);
    await dns.query("t.example", "srv");
    expect(asked).toEqual(["192.0.2.53:53", "192.0.2.53:53"]);
    expect(read).toHaveBeenCalledExactlyOnceWith("/etc/resolv.conf", { maxBytes: 65_536 });
  });

  it("the host names itself, where it has no such file", async () => {
    const server = await fakeDns(zone(records));
    const host: Runtime = {
      ...runtime,
      files: () => ({ read: async () => undefined }) as never,
      nameServers: () => ["junk", server.address],
    };
    expect((await resolver("system", { runtime: host }).query("s.example", "srv")).records).toHaveLength(1);
    for (const address of runtime.nameServers?.() ?? []) expect(() => parseDnsOption(address)).not.toThrow();
  });

  it("a host without such a file, or that may not read it, is told what to do", async () => {
    const denied = { read: () => Promise.reject(new Error("denied")) } as never;
    for (const files of [{}, { files: () => denied }]) {
      const { files: _files, nameServers: _servers, ...bare } = runtime;
      const error = await failure(resolver("system", { runtime: { ...bare, ...files } }).query("s.example", "srv"));
      expect(error.code).toBe("UNSUPPORTED_BY_RUNTIME");
      expect(error.message).toContain("name one in the option `dns`");
    }
    const none: Runtime = { name: "web" };
    expect((await failure(resolver("192.0.2.1", { runtime: none }).query("s.example", "srv"))).message).toContain(
      "neither UDP nor TCP",
    );
    expect(
      (await failure(resolver("https://r.example/q", { runtime: none }).query("s.example", "srv"))).message,
    ).toContain("has no fetch");
  });

  it("a resolver that the user names is reached over the user's dial", async () => {
    const server = await fakeDns(zone(records));
    const [, port] = server.address.split(":");
    const dial = vi.fn(async () => {
      const { createConnection } = await import("node:net");
      const { Readable, Writable } = await import("node:stream");
      const socket = createConnection({ host: "127.0.0.1", port: Number(port) });
      return {
        readable: Readable.toWeb(socket) as ReadableStream<Uint8Array>,
        writable: Writable.toWeb(socket) as WritableStream<Uint8Array>,
      };
    });
    expect((await resolver("192.0.2.53", { dial }).query("s.example", "srv")).records).toHaveLength(1);
    expect(dial).toHaveBeenCalledExactlyOnceWith("192.0.2.53", 53, { signal: expect.any(AbortSignal) });
    expect(server.asked).toMatchObject([{ how: "tcp" }]);
  });
});

describe("kept answers", () => {
  it("N17: are 512 at most", () => {
    const cache = new ExpiringCache<number>();
    for (let i = 0; i < 600; i++) cache.set(String(i), i, 1000);
    expect([cache.get("0", 0), cache.get("87", 0), cache.get("88", 0), cache.get("599", 0)]).toEqual([
      undefined,
      undefined,
      88,
      599,
    ]);
    expect(cache.get("599", 1000)).toBeUndefined();
  });
});

/** A mebibyte. */
function endless(): ReadableStream<Uint8Array> {
  let left = 64;
  return new ReadableStream({
    pull: (controller) => (left-- > 0 ? controller.enqueue(new Uint8Array(16_384)) : controller.close()),
  });
}
