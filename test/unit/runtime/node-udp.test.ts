import dgram from "node:dgram";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { ConnectOptions, DatagramSocket } from "../../../src/host/index.ts";
import { detectRuntime } from "../../../src/runtime/index.ts";
import { closedPort, expectNothingMoreThan, resourcesAtRest, sleep, udpKdc, until } from "../../support/fake-kdc.ts";

const connectUdp = (host: string, port: number, options: ConnectOptions = {}): Promise<DatagramSocket> => {
  const connect = detectRuntime().connectUdp;
  if (connect === undefined) throw new Error("no UDP here");
  return connect(host, port, options);
};

const hello = Uint8Array.of(1, 2, 3);

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("connectUdp on Node", () => {
  it.each(["127.0.0.1", "localhost"])("exchanges datagrams with %s, each by itself", async (host) => {
    const server = await udpKdc((reply, request) => {
      reply(request);
      reply(Uint8Array.of(9));
    });
    const socket = await connectUdp(host, server.port);
    await socket.send(hello);
    expect(await socket.receive()).toEqual(hello);
    expect(await socket.receive()).toEqual(Uint8Array.of(9));
    socket.close();
  });

  it("TR4: hears nobody but the peer's address and port", async () => {
    const stranger = dgram.createSocket("udp4");
    const server = await udpKdc((reply, request, from) => {
      stranger.send(Uint8Array.of(66), from.port, from.address, () => setTimeout(() => reply(request), 30));
    });
    const socket = await connectUdp("127.0.0.1", server.port);
    await socket.send(hello);
    expect(await socket.receive()).toEqual(hello);
    await expect(Promise.race([socket.receive(), sleep(50)])).resolves.toBeUndefined();
    socket.close();
    stranger.close();
  });

  it("makes no error at an orderly close, and one for who comes afterwards", async () => {
    const server = await udpKdc((reply, request) => reply(request));
    const socket = await connectUdp("127.0.0.1", server.port);
    await socket.send(hello);
    await socket.receive();
    let made = 0;
    class Counted extends Error {
      constructor(message?: string) {
        super(message);
        made++;
      }
    }
    vi.stubGlobal("Error", Counted);
    socket.close();
    // The socket's own event comes later.
    await sleep(20);
    expect(made).toBe(0);
    const late = await socket.receive().catch((error: unknown) => error);
    expect(late).toMatchObject({ message: "the datagram socket was closed here" });
    expect(await socket.send(hello).catch((error: unknown) => error)).toBe(late);
  });

  it("reports that the peer refuses", async () => {
    const socket = await connectUdp("127.0.0.1", await closedPort());
    await socket.send(hello);
    await expect(socket.receive()).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await expect(socket.send(hello)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    socket.close();
  });

  it("reports a name that is not known", async () => {
    await expect(connectUdp("kdc.invalid", 88)).rejects.toMatchObject({ code: expect.stringMatching(/ENOTFOUND|EAI/) });
  });

  it("binds the local address", async () => {
    const sources: string[] = [];
    const server = await udpKdc((reply, request, from) => {
      sources.push(from.address);
      reply(request);
    });
    const socket = await connectUdp("localhost", server.port, { localAddress: "127.0.0.2" });
    await socket.send(hello);
    await socket.receive();
    expect(sources).toEqual(["127.0.0.2"]);
    socket.close();
    const impossible = await connectUdp("127.0.0.1", server.port, { localAddress: "192.0.2.1" });
    await expect(impossible.send(hello)).rejects.toMatchObject({ code: "EADDRNOTAVAIL" });
  });

  it("rejects a pending receive, and a send, when it is closed; and closes at any moment", async () => {
    const server = await udpKdc(() => {});
    const before = await resourcesAtRest();
    const socket = await connectUdp("127.0.0.1", server.port);
    await socket.send(hello);
    const received = socket.receive();
    socket.close();
    socket.close();
    await expect(received).rejects.toThrow(/closed here/);
    await expect(socket.send(hello)).rejects.toThrow(/closed here/);
    const early = await connectUdp("127.0.0.1", server.port);
    early.close();
    const connecting = await connectUdp("127.0.0.1", server.port, { localAddress: "127.0.0.1" });
    const sending = connecting.send(hello);
    connecting.close();
    await expect(sending).rejects.toThrow(/closed here/);
    await expectNothingMoreThan(before);
  });

  it("keeps at most 16 datagrams that nobody reads", async () => {
    const server = await udpKdc((reply) => {
      for (let i = 0; i < 40; i++) reply(Uint8Array.of(i));
    });
    const socket = await connectUdp("127.0.0.1", server.port);
    await socket.send(hello);
    await until(() => server.requests.length === 1, "the server is asked");
    // Turns of the event loop, in which datagrams are read: a busy machine may do none in 100 ms.
    for (let turn = 0; turn < 20; turn++) await sleep(5);
    for (let i = 0; i < 16; i++) expect(await socket.receive()).toEqual(Uint8Array.of(i));
    await expect(Promise.race([socket.receive(), sleep(50)])).resolves.toBeUndefined();
    socket.close();
  });
});
