import { describe, expect, it, vi } from "vitest";
import { ConfigError, TransportError } from "../../../src/errors.ts";
import { detectRuntime } from "../../../src/runtime/index.ts";
import { createKdcTransport } from "../../../src/transport/index.ts";
import { KdcHealth } from "../../../src/transport/kdc-health.ts";
import { asRep, asReq, closedPort, framed, sleep, tcpKdc } from "../../support/fake-kdc.ts";

const runtime = detectRuntime();

describe("createKdcTransport", () => {
  it("asks the KDCs of the realm that is named, also where they must be looked up", async () => {
    const kdcs = vi.fn(async (realm: string) => [`tcp://127.0.0.1:${realm === "A" ? a.port : b.port}`]);
    const a = await tcpKdc((socket) => void socket.end(framed(asRep(1))));
    const b = await tcpKdc((socket) => void socket.end(framed(asRep(2))));
    const transport = createKdcTransport({ runtime, kdcs });
    const replies = await Promise.all(["A", "B", "A"].map((realm) => transport.exchange(realm, asReq())));
    expect(replies).toEqual([asRep(1), asRep(2), asRep(1)]);
    expect(kdcs.mock.calls.map(([realm]) => realm)).toEqual(["A", "B", "A"]);
  });

  it("takes port 88 where none is named, for every KDC of the list", async () => {
    const dialled: string[] = [];
    const dial = (host: string, port: number): Promise<never> => {
      dialled.push(`${host}:${port}`);
      return Promise.reject(new Error("no"));
    };
    const transport = createKdcTransport({ runtime, dial, kdcs: () => ["tcp://a", "b", "tcp://c:89"] });
    await expect(transport.exchange("EXAMPLE.ORG", asReq())).rejects.toMatchObject({ code: "KDC_UNREACHABLE" });
    expect(dialled).toEqual(["a:88", "b:88", "c:89"]);
  });

  it("says that a realm has no KDC", async () => {
    const error = await createKdcTransport({ runtime, kdcs: () => [] })
      .exchange("EXAMPLE.ORG", asReq())
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ code: "NO_KDC_FOR_REALM", message: expect.stringContaining("EXAMPLE.ORG") });
  });

  it("refuses a KDC that it cannot read, before any traffic", async () => {
    const kdc = await tcpKdc(() => {});
    const transport = createKdcTransport({ runtime, kdcs: () => [`tcp://127.0.0.1:${kdc.port}`, "kdc:99999"] });
    await expect(transport.exchange("EXAMPLE.ORG", asReq())).rejects.toBeInstanceOf(TypeError);
    expect(kdc.accepted).toBe(0);
  });

  it("honours the signal while the KDCs are looked up, and hands it on", async () => {
    const controller = new AbortController();
    let search: AbortSignal | undefined;
    const kdcs = (_: string, { signal }: { signal: AbortSignal }): Promise<never> => {
      search = signal;
      return new Promise(() => {});
    };
    const asking = createKdcTransport({ runtime, kdcs }).exchange("EXAMPLE.ORG", asReq(), {
      signal: controller.signal,
    });
    await vi.waitFor(() => expect(search).toBeDefined());
    controller.abort();
    await expect(asking).rejects.toMatchObject({ code: "ABORTED" });
    expect(search?.aborted).toBe(true);
  });

  it("hands its limits, dial and signal to the exchange", async () => {
    const kdc = await tcpKdc(() => {});
    const kdcs = () => [`tcp://127.0.0.1:${kdc.port}`];
    const startedMs = performance.now();
    const error = await createKdcTransport({ runtime, kdcs, timeoutMs: 50 })
      .exchange("EXAMPLE.ORG", asReq())
      .catch((caught: unknown) => caught);
    expect(performance.now() - startedMs).toBeLessThan(1000);
    expect(error).toBeInstanceOf(TransportError);
    expect(error).toMatchObject({ attempts: [{ reason: "no answer within 50 ms" }] });
    const dial = vi.fn(() => Promise.reject(new Error("no tunnel")));
    await expect(createKdcTransport({ runtime, kdcs, dial }).exchange("EXAMPLE.ORG", asReq())).rejects.toThrow(
      "no tunnel",
    );
    expect(dial).toHaveBeenCalledExactlyOnceWith("127.0.0.1", kdc.port, { signal: expect.any(AbortSignal) });
  });
});

describe("the fetch for a realm's proxies", () => {
  it("is asked for where the realm has a proxy, unless there is one for all", async () => {
    const asked: string[] = [];
    const refusing = (name: string) => async (): Promise<never> => {
      throw new Error(`refused by ${name}`);
    };
    const fetchOf = async (realm: string) => {
      asked.push(realm);
      return refusing(realm);
    };
    const kdcs = (realm: string) => [realm === "B" ? "tcp://127.0.0.1:1" : "https://proxy.example.org/KdcProxy"];
    const ask = (realm: string, options = {}) =>
      createKdcTransport({ runtime, kdcs, fetchOf, ...options }).exchange(realm, asReq());
    await expect(ask("A")).rejects.toThrow("refused by A");
    await expect(ask("B")).rejects.toThrow("KDC");
    await expect(ask("C", { fetch: refusing("all") })).rejects.toThrow("refused by all");
    expect(asked).toEqual(["A"]);
  });
});

describe("a KDC that failed", () => {
  it("is asked after the others for a while, then in its turn again", async () => {
    const dead = await closedPort();
    const alive = await tcpKdc((socket) => void socket.end(framed(asRep())));
    const kdcs = () => [`tcp://127.0.0.1:${dead}`, `tcp://127.0.0.1:${alive.port}`];
    const asked: string[] = [];
    const trace = (event: { type: string; endpoint?: string }): void => {
      if (event.type === "kdc-request") asked.push(event.endpoint === kdcs()[0] ? "dead" : "alive");
    };
    const transport = createKdcTransport({ runtime, kdcs, trace, failedKdcRestMs: 200 });
    await transport.exchange("EXAMPLE.ORG", asReq());
    expect(asked.splice(0)).toEqual(["dead", "alive"]);
    await transport.exchange("EXAMPLE.ORG", asReq());
    expect(asked.splice(0)).toEqual(["alive"]);
    await sleep(250);
    await transport.exchange("EXAMPLE.ORG", asReq());
    expect(asked.splice(0)).toEqual(["dead", "alive"]);
  });

  it("has also failed by silence, when another was asked beside it and answered", async () => {
    const silent = await tcpKdc(() => {});
    const alive = await tcpKdc((socket) => void socket.end(framed(asRep())));
    const kdcs = () => [`tcp://127.0.0.1:${silent.port}`, `tcp://127.0.0.1:${alive.port}`];
    const transport = createKdcTransport({ runtime, kdcs, hedgeDelayMs: 2_000 });
    await transport.exchange("EXAMPLE.ORG", asReq());
    expect(silent.accepted).toBe(1);
    const startedMs = performance.now();
    await transport.exchange("EXAMPLE.ORG", asReq());
    expect(performance.now() - startedMs).toBeLessThan(1_900);
    expect(silent.accepted).toBe(1);
  });

  it("is asked all the same where there is no other, and has recovered when it answers", async () => {
    let isSick = true;
    const kdc = await tcpKdc((socket) => void (isSick ? socket.end() : socket.end(framed(asRep()))));
    const other = await tcpKdc((socket) => void socket.end(framed(asRep())));
    let list = [`tcp://127.0.0.1:${kdc.port}`];
    const transport = createKdcTransport({ runtime, kdcs: () => list });
    await expect(transport.exchange("EXAMPLE.ORG", asReq())).rejects.toMatchObject({ code: "KDC_UNREACHABLE" });
    isSick = false;
    await transport.exchange("EXAMPLE.ORG", asReq());
    expect(kdc.accepted).toBe(2);
    list = [...list, `tcp://127.0.0.1:${other.port}`];
    await transport.exchange("EXAMPLE.ORG", asReq());
    expect([kdc.accepted, other.accepted]).toEqual([3, 0]);
  });

  it("is one of 256 at most that are remembered", () => {
    const health = new KdcHealth(1000, () => 0);
    for (let i = 0; i < 300; i++) health.failed(`tcp://kdc${i}:88`);
    const names = (list: readonly { name: string }[]) => list.map(({ name }) => name);
    const [first, last, none] = ["tcp://kdc0:88", "tcp://kdc299:88", "tcp://other:88"].map((name) => ({ name }));
    expect(names(health.order([last!, first!, none!]))).toEqual([first!.name, none!.name, last!.name]);
  });
});
