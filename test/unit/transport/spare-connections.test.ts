// Connections to a KDC that are opened beside the first one: as many as follow, each used once, and none is left.

import { describe, expect, it } from "vitest";
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

  it("are not asked of a caller's `dial`, nor of a host that allows few", async () => {
    const kdc = await tcpKdc((socket) => void socket.end(framed(asRep())));
    const frugal = { ...runtime, maxConnections: 4 };
    const transport = createKdcTransport({ runtime: frugal, kdcs: () => [`tcp://127.0.0.1:${kdc.port}`] });
    const spares = new SpareConnections();
    spares.following = 2;
    await transport.exchange("A", asReq(), { spares });
    await until(() => kdc.open.size === 0, "nothing is left");
    expect(kdc.accepted).toBe(1);
    spares.close();
  });
});
