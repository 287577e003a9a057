// Connections to a KDC that are opened beside the first one: as many as follow, each used once, and none is left.

import { describe, expect, it } from "vitest";
import type { Dial } from "../../../src/host/index.ts";
import { detectRuntime } from "../../../src/runtime/index.ts";
import { createKdcTransport, SpareConnections } from "../../../src/transport/index.ts";
import { asRep, asReq, framed, tcpKdc, until } from "../../support/fake-kdc.ts";

const runtime = detectRuntime();

describe("spare connections", () => {
  it("are opened beside the first, used, and ended with the operation", async () => {
    const kdc = await tcpKdc((socket) => void socket.end(framed(asRep())));
    const transport = createKdcTransport({ runtime, kdcs: () => [`tcp://127.0.0.1:${kdc.port}`] });
    const spares = new SpareConnections();
    spares.following = 3;
    await transport.exchange("A", asReq(), { spares });
    await until(() => kdc.accepted === 4, "the spares are open");
    spares.following = 2;
    await transport.exchange("A", asReq(), { spares });
    expect(kdc.accepted).toBe(4);
    spares.close();
    await until(() => kdc.open.size === 0, "nothing is left");
    expect(kdc.requests.length).toBe(2);
  });

  it("that the KDC closed meanwhile cost one more, with the same octets", async () => {
    const kdc = await tcpKdc(
      (socket) => void socket.end(framed(asRep())),
      (socket) => {
        if (kdc.accepted === 2) socket.destroy();
      },
    );
    const transport = createKdcTransport({ runtime, kdcs: () => [`tcp://127.0.0.1:${kdc.port}`] });
    const spares = new SpareConnections();
    spares.following = 1;
    await transport.exchange("A", asReq(), { spares });
    await until(() => kdc.open.size === 0, "the spare is closed");
    spares.following = 0;
    expect(await transport.exchange("A", asReq(), { spares })).toEqual(asRep());
    expect([kdc.accepted, kdc.requests.length]).toEqual([3, 2]);
    spares.close();
  });

  it("are not asked of a caller's `dial`", async () => {
    const kdc = await tcpKdc((socket) => void socket.end(framed(asRep())));
    const dial: Dial = async () =>
      (await (runtime.connectTcp as NonNullable<typeof runtime.connectTcp>)("127.0.0.1", kdc.port, {})) as never;
    const transport = createKdcTransport({ runtime, dial, kdcs: () => [`tcp://127.0.0.1:${kdc.port}`] });
    const spares = new SpareConnections();
    spares.following = 2;
    await transport.exchange("A", asReq(), { spares });
    await until(() => kdc.open.size === 0, "nothing is left");
    expect(kdc.accepted).toBe(1);
    spares.close();
  });

  it("RT9: give their place up where it is wanted, and one that somebody took does not", async () => {
    const spares = new SpareConnections();
    spares.following = 3;
    const wanted: (() => boolean)[] = [];
    let ended = 0;
    const connection = {
      read: async () => undefined,
      write: async () => {},
      close: async () => {},
      abort: () => ended++,
    };
    // The last has no place from the first.
    spares.open("a", async (signal, onWanted) => {
      wanted.push(onWanted);
      if (wanted.length === 3) onWanted();
      signal.throwIfAborted();
      return connection;
    });
    expect(await spares.take("a")).toBe(connection);
    expect(wanted.map((give) => give())).toEqual([false, true, false]);
    await until(() => ended === 1, "its connection is ended");
    expect(await spares.take("a")).toBeUndefined();
    spares.close();
  });

  it("that are being opened when the exchange is given up are given up with it", async () => {
    const spares = new SpareConnections();
    spares.following = 1;
    let opening: AbortSignal | undefined;
    let opened = 0;
    const kdc = await tcpKdc((socket) => void socket.end(framed(asRep())));
    const connectTcp: typeof runtime.connectTcp = async (host, port, options) => {
      opened += 1;
      if (opened === 1)
        return await (runtime.connectTcp as NonNullable<typeof runtime.connectTcp>)(host, port, options);
      // A KDC that went silent: its host answers nothing, for as long as the kernel tries.
      opening ??= options.signal;
      return await new Promise((_, reject) =>
        options.signal?.addEventListener("abort", () => reject(new Error("end"))),
      );
    };
    const transport = createKdcTransport({
      runtime: { ...runtime, connectTcp },
      timeoutMs: 500,
      kdcs: () => [`tcp://127.0.0.1:${kdc.port}`],
    });
    await transport.exchange("A", asReq(), { spares });
    expect(opening?.aborted).toBe(false);
    await expect(transport.exchange("A", asReq(), { spares })).rejects.toMatchObject({ code: "KDC_UNREACHABLE" });
    expect(opening?.aborted).toBe(true);
    spares.close();
  });
});
