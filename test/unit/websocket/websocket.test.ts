// The adapter over the WebSocket of `ws` (which can pause its peer), that of undici (as Node 22 has it), and a fake.

import type { AddressInfo } from "node:net";
import { createServer, type Server, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type WebSocketLike, webSocketDial, webSocketStream } from "../../../src/entry/websocket.ts";
import { connectionOf } from "../../../src/host/index.ts";
import { undiciWebSocket, WebSocket, WebSocketServer } from "../../../tools/pack/index.mjs";

/** A proxy of TCP over WebSocket that misbehaves as its path says. */
let proxy: InstanceType<typeof WebSocketServer>;
let echo: Server;
let url: string;
const accepted: { protocol: string; socket: InstanceType<typeof WebSocket>; path: string }[] = [];

beforeAll(async () => {
  echo = createServer((socket: Socket) => void socket.pipe(socket));
  await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
  proxy = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  proxy.on("connection", (socket: InstanceType<typeof WebSocket>, request: { readonly url?: string }) => {
    accepted.push({ protocol: socket.protocol, socket, path: request.url ?? "" });
    switch (new URL(request.url ?? "/", "http://x").pathname) {
      case "/text":
        return socket.send("hello");
      case "/refused":
        return socket.close(1011, "Failed to connect to downstream server");
      case "/cut":
        return socket.terminate();
      case "/end":
        socket.send(Uint8Array.of(1, 2, 3));
        return socket.close(1000, "Target closed");
      case "/flood": {
        const chunk = new Uint8Array(65_536);
        for (let i = 0; i < 64; i++) socket.send(chunk);
        return;
      }
      case "/pieces":
        for (let i = 0; i < 200; i++) socket.send(Uint8Array.of(i));
        return;
      default:
        socket.on("message", (data: Uint8Array) => socket.send(data));
    }
  });
  await new Promise<void>((resolve) => proxy.on("listening", resolve));
  url = `ws://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
});
afterAll(() => {
  for (const { socket } of accepted) socket.terminate();
  proxy.close();
  echo.close();
});

const makers = [
  ["ws", WebSocket],
  ["undici, as in Node 22", undiciWebSocket],
] as const;

describe.each(makers)("WebSocket adapter over the WebSocket of %s", (_, maker) => {
  const connect = async (path: string, more = {}) =>
    connectionOf(await webSocketDial(`${url}${path}`, { WebSocket: maker, ...more })("server", 4373, {}));

  it("carries octets both ways, whatever the sizes of writes and messages", async () => {
    const connection = await connect("/");
    const sent = Uint8Array.from({ length: 300_001 }, (_value, index) => index % 251);
    const writing = (async () => {
      await connection.write(sent.subarray(0, 1));
      await connection.write(new Uint8Array(0));
      await connection.write(sent.subarray(1));
    })();
    const received = new Uint8Array(sent.length);
    for (let at = 0; at < sent.length; ) {
      const octets = await connection.read();
      if (octets === undefined) throw new Error("ended");
      received.set(octets, at);
      at += octets.length;
    }
    await writing;
    expect(Buffer.compare(received, sent)).toBe(0);
    await connection.close();
  });

  it("loses no message that comes with the opening", async () => {
    const connection = await connect("/pieces");
    const got: number[] = [];
    while (got.length < 200) got.push(...((await connection.read()) ?? []));
    expect(got).toEqual(Array.from({ length: 200 }, (_value, index) => index));
    await connection.close();
  });

  it('offers the subprotocol "binary", or those given, or none', async () => {
    for (const [options, wanted] of [
      [{}, "binary"],
      [{ protocols: ["tcp"] }, "tcp"],
      [{ protocols: [] }, ""],
    ] as const) {
      const connection = await connect(`/protocol-${wanted}`, options);
      expect(accepted.filter(({ path }) => path === `/protocol-${wanted}`).at(-1)?.protocol).toBe(wanted);
      await connection.close();
    }
  });

  it("sends no message longer than 64 KiB", async () => {
    const connection = await connect("/sizes");
    const sizes: number[] = [];
    accepted
      .filter(({ path }) => path === "/sizes")
      .at(-1)
      ?.socket.on("message", (data: Uint8Array) => sizes.push(data.length));
    await connection.write(new Uint8Array(200_000));
    while (sizes.reduce((sum, size) => sum + size, 0) < 200_000) await connection.read();
    expect(Math.max(...sizes)).toBe(65_536);
    await connection.close();
  });

  it("a clean close by the proxy is the end of the stream, after what came before it; a write then rejects", async () => {
    const connection = await connect("/end");
    expect(await connection.read()).toEqual(Uint8Array.of(1, 2, 3));
    expect(await connection.read()).toBeUndefined();
    await expect(connection.write(Uint8Array.of(1))).rejects.toThrow("the WebSocket is closed");
  });

  it("WS3: any other close is an error that says what the proxy said", async () => {
    const connection = await connect("/refused");
    await expect(connection.read()).rejects.toMatchObject({
      code: "CONNECTION_CLOSED",
      message:
        'the WebSocket proxy closed the connection (1011, "Failed to connect to downstream server"): can it reach the server behind it?',
    });
    await expect(connection.write(Uint8Array.of(1))).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
  });

  it("a connection that is cut is an error, not an end", async () => {
    const connection = await connect("/cut");
    await expect(connection.read()).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
  });

  it("WS2: text is refused", async () => {
    const connection = await connect("/text");
    await expect(connection.read()).rejects.toThrow("gave text where octets are expected");
  });

  it("WS1: more unread octets than allowed end the connection, unless the host can make the peer wait", async () => {
    const connection = await connect("/flood", { maxUnreadBytes: 2 ** 20 });
    const socket = accepted.at(-1)?.socket as InstanceType<typeof WebSocket>;
    let total = 0;
    const drain = async (): Promise<string> => {
      // A reader that does not come for a while.
      await new Promise((resolve) => setTimeout(resolve, 200));
      while (total < 64 * 65_536) total += (await connection.read())?.length ?? Number.NaN;
      return "all";
    };
    const end = await drain().catch((error: Error) => error.message);
    if (maker === WebSocket) expect(end).toBe("all");
    else expect(end).toContain("more than 1048576 octets came by WebSocket and were not read (maxUnreadBytes)");
    socket.terminate();
  });

  it("WS5: a place where no WebSocket proxy answers is a CONNECT error that shows no query", async () => {
    const { port } = echo.address() as AddressInfo;
    for (const bad of [`http://127.0.0.1:${port}/x?token=secret`, `ws://127.0.0.1:1/x?token=secret`]) {
      const dial = webSocketDial(bad, { WebSocket: maker });
      const error = await Promise.resolve(dial("server", 1, { signal: AbortSignal.timeout(2000) })).then(
        () => undefined,
        (reason: Error & { code?: unknown }) => reason,
      );
      if (error?.name === "TimeoutError") continue; // The echo answers a request with itself: some hosts wait for more.
      expect(error).toMatchObject({ code: "CONNECT" });
      expect(error?.message).toContain(
        `the WebSocket ${bad.replace("http", "ws").replace("?token=secret", "")} cannot`,
      );
    }
  });

  it("an abort ends the attempt with its reason, and an abort after the opening ends nothing", async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as AddressInfo;
    const controller = new AbortController();
    const reason = new Error("enough");
    const dialled = webSocketDial(`ws://127.0.0.1:${port}`, { WebSocket: maker })("server", 1, {
      signal: controller.signal,
    });
    setTimeout(() => controller.abort(reason), 20);
    await expect(dialled).rejects.toBe(reason);
    silent.close();
    const aborted = webSocketDial(url, { WebSocket: maker })("server", 1, { signal: controller.signal });
    await expect(aborted).rejects.toBe(reason);
    const later = new AbortController();
    const dial = webSocketDial(url, { WebSocket: maker });
    const connection = connectionOf(await dial("server", 1, { signal: later.signal }));
    later.abort();
    await connection.write(Uint8Array.of(7));
    expect(await connection.read()).toEqual(Uint8Array.of(7));
    connection.abort();
    await expect(connection.read()).rejects.toThrow();
  });

  it("takes a function of host and port, and a socket that the caller opened", async () => {
    const dial = webSocketDial(async (host, port) => `${url}/to?${host}:${port}`, { WebSocket: maker });
    await connectionOf(await dial("kdc.example.org", 88, {})).close();
    expect(accepted.some(({ path }) => path === "/to?kdc.example.org:88")).toBe(true);
    const socket = new maker(url, "binary");
    const connection = connectionOf(await webSocketDial(() => socket)("server", 1, {}));
    await connection.write(Uint8Array.of(9));
    expect(await connection.read()).toEqual(Uint8Array.of(9));
    await connection.close();
  });

  it("a stream over a socket that is still opening waits with what is written", async () => {
    const connection = connectionOf(webSocketStream(new maker(url, "binary")));
    await connection.write(Uint8Array.of(9));
    expect(await connection.read()).toEqual(Uint8Array.of(9));
    await connection.close();
  });
});

describe("WebSocket adapter", () => {
  it("refuses what is no URL of a proxy, with no secret in the message", () => {
    expect(() => webSocketDial("server:4373")).toThrow(TypeError);
    expect(() => webSocketDial("ftp://server/")).toThrow("begins with ftp:");
    expect(() => webSocketDial("not a URL")).toThrow("is not a URL");
    expect(() => webSocketDial("wss://me:secret@server/")).toThrow(/^(?!.*secret).*user name or password/);
    expect(() => webSocketDial("wss://server/", { maxUnreadBytes: 0 })).toThrow(RangeError);
    expect(() => webSocketDial("wss://server/", { maxUnsentBytes: Number.NaN })).toThrow(RangeError);
  });

  it("says so where the host has no WebSocket", async () => {
    const saved = Object.getOwnPropertyDescriptor(globalThis, "WebSocket");
    Object.defineProperty(globalThis, "WebSocket", { value: undefined, configurable: true });
    try {
      await expect(webSocketDial("wss://server/")("server", 1, {})).rejects.toMatchObject({
        code: "UNSUPPORTED_BY_RUNTIME",
        message: expect.stringContaining("give the option `WebSocket`"),
      });
    } finally {
      if (saved === undefined) Reflect.deleteProperty(globalThis, "WebSocket");
      else Object.defineProperty(globalThis, "WebSocket", saved);
    }
  });

  /** A socket whose every event and count the test decides. */
  class FakeSocket extends EventTarget implements WebSocketLike {
    readyState = 1;
    bufferedAmount = 0;
    binaryType = "blob";
    readonly sent: number[] = [];
    readonly closes: (number | undefined)[] = [];
    send(octets: Uint8Array): void {
      this.sent.push(octets.length);
      this.bufferedAmount += octets.length;
    }
    close(code?: number): void {
      this.closes.push(code);
    }
    give(data: unknown): void {
      this.dispatchEvent(new MessageEvent("message", { data }));
    }
  }

  it("WS1: messages of one octet count for the memory that each takes", async () => {
    const socket = new FakeSocket();
    const connection = connectionOf(webSocketStream(socket, { maxUnreadBytes: 1_000_000 }));
    let given = 0;
    while (socket.closes.length === 0 && given < 100_000) {
      socket.give(Uint8Array.of(1).buffer);
      given += 1;
    }
    expect(given).toBeLessThan(5_000);
    const drain = async (): Promise<void> => {
      while ((await connection.read()) !== undefined);
    };
    await expect(drain()).rejects.toThrow("(maxUnreadBytes)");
  });

  it("a write waits while the host has too much unsent", async () => {
    const socket = new FakeSocket();
    const connection = connectionOf(webSocketStream(socket, { maxUnsentBytes: 100_000 }));
    let isWritten = false;
    const writing = connection.write(new Uint8Array(200_000)).then(() => {
      isWritten = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(socket.sent).toEqual([65_536, 65_536]);
    expect(isWritten).toBe(false);
    socket.bufferedAmount = 0;
    await writing;
    expect(socket.sent).toEqual([65_536, 65_536, 65_536, 3392]);
  });

  it("a write that waits ends when the connection does", async () => {
    const socket = new FakeSocket();
    const connection = connectionOf(webSocketStream(socket, { maxUnsentBytes: 1 }));
    const writing = connection.write(new Uint8Array(200_000));
    await new Promise((resolve) => setTimeout(resolve, 5));
    socket.dispatchEvent(Object.assign(new Event("close"), { code: 1006, reason: "" }));
    await expect(writing).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
    await expect(connection.read()).rejects.toThrow("(1006): it was cut off");
  });

  it("asks for octets and not Blobs, accepts a Worker's socket, and closes with a code", async () => {
    const order: string[] = [];
    const socket = new (class extends FakeSocket {
      accept(): void {
        order.push(`accept with ${this.binaryType}`);
        this.give(Uint8Array.of(5).buffer);
      }
    })();
    const connection = connectionOf(webSocketStream(socket));
    expect(order).toEqual(["accept with arraybuffer"]);
    expect(await connection.read()).toEqual(Uint8Array.of(5));
    await connection.close();
    expect(socket.closes).toEqual([1000]);
  });

  it("WS4: control characters of a proxy's reason do not reach a terminal", async () => {
    const socket = new FakeSocket();
    const connection = connectionOf(webSocketStream(socket));
    socket.dispatchEvent(Object.assign(new Event("close"), { code: 4000, reason: "\u001b[31mred" }));
    await expect(connection.read()).rejects.toThrow('(4000, "?[31mred")');
  });

  it("a socket that is closed already is the caller's mistake", () => {
    const socket = new FakeSocket();
    socket.readyState = 3;
    expect(() => webSocketStream(socket)).toThrow(TypeError);
  });
});
