// What a stranger announces takes no memory before it comes, and what comes in single octets costs what its octets cost.

import { describe, expect, it } from "vitest";
import { equal } from "../../../src/bytes/index.ts";
import { withKcm } from "../../../src/credentials/ccache/kcm-protocol.ts";
import { askByHttps } from "../../../src/discovery/dns/ask-https.ts";
import { askByStream } from "../../../src/discovery/dns/ask-stream.ts";
import { encodeQuery } from "../../../src/discovery/dns/message.ts";
import { type Connection, type Fetch, readBody } from "../../../src/host/index.ts";
import { detectRuntime } from "../../../src/runtime/index.ts";
import { FrameReader, frame } from "../../../src/transport/framing.ts";
import { classifyReplyTo, parseEndpoint } from "../../../src/transport/index.ts";
import { kkdcp } from "../../../src/transport/kkdcp.ts";
import { startCpuClock } from "../../support/cpu-clock.ts";
import { der, uint32 } from "../../support/fake-kdc.ts";

const runtime = detectRuntime();
const { signal } = new AbortController();

/** A connection whose peer sends these octets one at a time, and says nothing more. */
function dripping(octets: Uint8Array): Connection {
  let at = 0;
  return {
    read: async () => (at < octets.length ? octets.subarray(at, ++at) : undefined),
    write: async () => {},
    close: async () => {},
    abort: () => {},
  };
}

/** A `fetch` whose answer comes one octet at a time. */
const drippingFetch =
  (octets: Uint8Array, headers: Record<string, string>): Fetch =>
  async () => {
    let at = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (at < octets.length) controller.enqueue(octets.subarray(at, ++at));
        else controller.close();
      },
    });
    return { status: 200, headers: new Headers(headers), body, arrayBuffer: () => Promise.reject(new Error("body")) };
  };

async function costMs(work: () => Promise<unknown>): Promise<number> {
  const elapsed = startCpuClock();
  await work();
  return elapsed();
}

describe("a length that was only announced", () => {
  it("KDC by TCP: 200 replies of 1 MiB, of which one octet came, take at most 16 KiB each", () => {
    const readers = Array.from({ length: 200 }, () => new FrameReader());
    const before = process.memoryUsage().arrayBuffers;
    for (const reader of readers) expect(reader.push(Uint8Array.of(0, 0x10, 0, 0, 0x6b))).toBeUndefined();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200 * 16_384);
  });

  it("HTTP: a content-length above the limit is refused unread", async () => {
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({
      cancel() {
        cancelled = true;
      },
    });
    const response = { status: 200, headers: new Headers({ "content-length": "1000001" }), body };
    const whole = await readBody({ ...response, arrayBuffer: () => Promise.reject(new Error("read")) }, 1_000_000);
    expect(whole).toBeUndefined();
    expect(cancelled).toBe(true);
  });
});

describe("single octets", () => {
  it("KDC by TCP: a reply of 1 MiB", async () => {
    const octets = frame(new Uint8Array(2 ** 20 - 4).fill(0x6b));
    const reader = new FrameReader();
    let reply: Uint8Array | undefined;
    const cost = await costMs(async () => {
      for (let at = 0; at < octets.length; at++) reply = reader.push(octets.subarray(at, at + 1));
    });
    expect(reply?.length).toBe(2 ** 20 - 4);
    expect(cost).toBeLessThan(2_000);
  });

  it("KDC behind a proxy: a reply of 300,000 octets is read whole", async () => {
    const message = new Uint8Array(300_000).fill(0x6b);
    const octets = der(0x30, der(0xa0, der(0x04, frame(message))));
    const fetch = drippingFetch(octets, { "content-type": "application/kerberos" });
    const endpoint = parseEndpoint("https://proxy.example.org/KdcProxy");
    const question = {
      endpoint,
      realm: "R",
      request: Uint8Array.of(0x6a),
      classify: classifyReplyTo(Uint8Array.of(0x6a)),
      signal,
    };
    let reply: Uint8Array | undefined;
    const cost = await costMs(async () => {
      reply = await kkdcp.ask({ ...question, host: { runtime, fetch } });
    });
    expect(equal(reply as Uint8Array, message)).toBe(true);
    expect(cost).toBeLessThan(6_000);
  });

  it("KCM: a reply of 400,000 octets", async () => {
    const size = 400_000;
    const octets = new Uint8Array(8 + size);
    octets.set(uint32(size));
    let remaining = 0;
    const cost = await costMs(async () => {
      await withKcm(
        "KCM:",
        { connectUnix: async () => dripping(octets), randomBytes: (n) => new Uint8Array(n) },
        {},
        async (call) => {
          remaining = (await call(20)).payload.remaining;
        },
      );
    });
    expect(remaining).toBe(size - 4);
    expect(cost).toBeLessThan(2_000);
  });

  it("DNS over TCP and HTTPS: an answer of 65,000 octets", async () => {
    const query = { name: "_kerberos._tcp.example.org", type: "srv", id: 1 } as const;
    const sent = encodeQuery(query) as Uint8Array;
    const answer = new Uint8Array(65_000);
    answer[1] = 2; // Another id: refused, once it is whole.
    const stream = Uint8Array.of(65_000 >> 8, 65_000 & 0xff, ...answer);
    const host = { runtime, dial: async () => dripping(stream) as never };
    const fetch = drippingFetch(answer, { "content-type": "application/dns-message" });
    const cost = await costMs(async () => {
      await expect(askByStream({ host: "h", port: 53 }, query, sent, host, signal)).rejects.toMatchObject({
        code: "DECODE",
      });
      const byHttps = askByHttps({ url: "https://dns.example.org/" }, query, sent, { runtime, fetch }, signal);
      await expect(byHttps).rejects.toMatchObject({ code: "DECODE" });
    });
    expect(cost).toBeLessThan(2_000);
  });
});
