// A stream over a WebSocket: each limit at its edge and one beyond, each end, and what may still happen after it.

import { describe, expect, it, onTestFinished, vi } from "vitest";
import { webSocketDial, webSocketStream } from "../../../src/websocket/index.ts";
import { FakeSocket, PausingSocket } from "./fake-socket.ts";

const PAUSE_AT = 128 * 1024;
const words = (error: unknown): string => (error as Error).message;
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("what a caller gives", () => {
  it.each([
    [{}, {}, /socket/],
    [new FakeSocket(), { maxUnreadBytes: 0 }, /maxUnreadBytes/],
    [new FakeSocket(), { maxUnsentBytes: 0 }, /maxUnsentBytes/],
    [new FakeSocket(), { maxUnread: 5 }, /maxUnread/],
  ])("%o with %o is refused before anything is called", (socket, options, named) => {
    expect(() => webSocketStream(socket as FakeSocket, options as object)).toThrow(named);
    if (socket instanceof FakeSocket) expect(socket.binaryType).toBe("blob");
  });

  it.each([2, 3])("a socket in state %s is refused", (state) => {
    expect(() => webSocketStream(new FakeSocket(state))).toThrow("the WebSocket is closed already");
  });
});

describe("what comes", () => {
  it("an empty message is passed over", async () => {
    const socket = new FakeSocket();
    const reader = webSocketStream(socket).readable.getReader();
    socket.give(0);
    socket.give(3);
    expect((await reader.read()).value).toHaveLength(3);
  });

  it.each([
    ["text", "text"],
    [new Blob(["x"]), "a Blob"],
  ])("%o ends the connection: %s is no octets", async (data, what) => {
    const socket = new PausingSocket();
    const reader = webSocketStream(socket).readable.getReader();
    socket.happen("message", { data });
    await expect(reader.read()).rejects.toThrow(
      `the WebSocket gave ${what} where octets are expected: is it a proxy of TCP, with subprotocol "binary"?`,
    );
    expect(socket.calls).toEqual(["terminate"]);
  });

  it("unread octets may be as many as the limit, and not one more", async () => {
    const socket = new FakeSocket();
    const stream = webSocketStream(socket, { maxUnreadBytes: 1000 });
    socket.give(400);
    socket.give(600);
    expect(socket.calls).toEqual([]);
    socket.give(1);
    expect(socket.calls).toEqual(["close 1000"]);
    await expect(stream.readable.getReader().read()).rejects.toThrow(
      "more than 1000 octets came by WebSocket and were not read (maxUnreadBytes)",
    );
  });

  it("the peer is made to wait at 128 KiB that are not read, once, until they are read", async () => {
    const socket = new PausingSocket();
    const reader = webSocketStream(socket).readable.getReader();
    await settled();
    socket.give(PAUSE_AT - 256);
    expect(socket.calls).toEqual([]);
    socket.give(256);
    expect(socket.calls).toEqual(["pause"]);
    socket.give(1);
    expect(socket.calls).toEqual(["pause"]);
    for (let i = 0; i < 3; i++) await reader.read();
    await settled();
    expect(socket.calls).toEqual(["pause", "resume"]);
    socket.give(PAUSE_AT);
    expect(socket.calls).toEqual(["pause", "resume", "pause"]);
  });

  it("a host that cannot make its peer wait is not asked to", async () => {
    const socket = new FakeSocket();
    const reader = webSocketStream(socket).readable.getReader();
    socket.give(PAUSE_AT);
    socket.give(1);
    expect((await reader.read()).value).toHaveLength(PAUSE_AT);
    expect((await reader.read()).value).toHaveLength(1);
    expect(socket.calls).toEqual([]);
  });

  it("a socket that waits goes on when it is closed, so that it sees the end", async () => {
    const socket = new PausingSocket();
    const stream = webSocketStream(socket);
    socket.give(PAUSE_AT);
    stream.close?.();
    expect(socket.calls).toEqual(["pause", "resume", "close 1000"]);
  });
});

describe("what is written", () => {
  it.each([
    [0, []],
    [1, ["send 1"]],
    [65_536, ["send 65536"]],
    [65_537, ["send 65536", "send 1"]],
    [131_072, ["send 65536", "send 65536"]],
  ])("%s octets go in messages of 64 KiB at most", async (length, calls) => {
    const socket = new FakeSocket();
    await webSocketStream(socket).writable.getWriter().write(new Uint8Array(length));
    expect(socket.calls).toEqual(calls);
  });

  it("waits while more than the limit is unsent, and not for the limit", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    for (const [unsent, waits] of [
      [10, false],
      [11, true],
    ] as const) {
      const socket = new FakeSocket();
      socket.bufferedAmount = unsent;
      let isWritten = false;
      const writing = webSocketStream(socket, { maxUnsentBytes: 10 }).writable.getWriter().write(new Uint8Array(1));
      const done = writing.then(() => {
        isWritten = true;
      });
      await settled();
      expect(isWritten).toBe(!waits);
      socket.bufferedAmount = 0;
      await vi.advanceTimersByTimeAsync(50);
      await done;
    }
  });

  it("waits for the opening, and is refused where there was none", async () => {
    const socket = new FakeSocket(0);
    const writing = webSocketStream(socket).writable.getWriter().write(new Uint8Array(5));
    await settled();
    expect(socket.calls).toEqual([]);
    socket.happen("open");
    await writing;
    expect(socket.calls).toEqual(["send 5"]);
    const never = new FakeSocket(0);
    const refused = webSocketStream(never).writable.getWriter().write(new Uint8Array(5));
    never.happen("close", { code: 1006 });
    await expect(refused).rejects.toMatchObject({ code: "CONNECT" });
    expect(never.calls).toEqual([]);
  });

  it("is not sent once the connection has ended within it", async () => {
    const socket = new FakeSocket();
    const send = socket.send.bind(socket);
    socket.send = (octets) => {
      send(octets);
      socket.happen("close", { code: 1000 });
    };
    const writer = webSocketStream(socket).writable.getWriter();
    writer.closed.catch(() => {});
    await expect(writer.write(new Uint8Array(65_537))).rejects.toThrow("the WebSocket is closed");
    expect(socket.calls).toEqual(["send 65536"]);
  });
});

describe("the first end counts", () => {
  const ends: Readonly<Record<string, (socket: FakeSocket) => void>> = {
    "a clean close": (socket) => socket.happen("close", { code: 1000, reason: "" }),
    "a cut": (socket) => socket.happen("close", { code: 1006 }),
    "a failure": (socket) => socket.happen("error", { message: "words" }),
  };
  const said: Readonly<Record<string, string | undefined>> = {
    "a clean close": undefined,
    "a cut": "the WebSocket proxy closed the connection (1006): it was cut off",
    "a failure": "the WebSocket failed: words",
  };

  it.each(Object.keys(ends).flatMap((first) => Object.keys(ends).map((second) => [first, second] as const)))(
    "%s, and then %s",
    async (first, second) => {
      const socket = new FakeSocket();
      const stream = webSocketStream(socket);
      const reader = stream.readable.getReader();
      socket.give(3);
      ends[first]?.(socket);
      ends[second]?.(socket);
      socket.give(4);
      socket.happen("message", { data: "text" });
      await stream.closed;
      const words_ = said[first];
      if (words_ === undefined) {
        expect((await reader.read()).value).toHaveLength(3);
        expect(await reader.read()).toMatchObject({ done: true });
      } else await expect(reader.read()).rejects.toThrow(words_);
      await expect(stream.writable.getWriter().closed).rejects.toThrow(words_ ?? "the WebSocket is closed");
      expect(socket.calls).toEqual([]);
    },
  );

  it("a close here is one close, whatever follows", async () => {
    const socket = new FakeSocket();
    const stream = webSocketStream(socket);
    stream.close?.();
    stream.close?.();
    ends["a cut"]?.(socket);
    await stream.closed;
    expect(await stream.readable.getReader().read()).toMatchObject({ done: true });
    expect(socket.calls).toEqual(["close 1000"]);
  });

  it.each([
    ["ends at once where the host can", PausingSocket, "terminate"],
    ["closes where it cannot", FakeSocket, "close 1000"],
  ])("an abort %s", async (_, Socket, call) => {
    const socket = new Socket();
    const stream = webSocketStream(socket);
    const reader = stream.readable.getReader();
    await stream.writable.abort(new Error("enough"));
    await stream.closed;
    await expect(reader.read()).rejects.toThrow("the WebSocket is closed");
    expect(socket.calls).toEqual([call]);
  });

  it("a reader that does not want more closes it", async () => {
    const socket = new FakeSocket();
    const stream = webSocketStream(socket);
    await stream.readable.cancel();
    await stream.closed;
    expect(socket.calls).toEqual(["close 1000"]);
  });
});

describe("the opening", () => {
  const dialled = (socket: FakeSocket, signal?: AbortSignal) =>
    Promise.resolve(webSocketDial(() => socket)("server", 1, signal === undefined ? {} : { signal })).then(
      () => "open",
      (error: unknown) => words(error),
    );
  const refused = (detail: string) =>
    `the WebSocket that was given cannot be opened${detail}; check the URL, its certificate, and that a proxy of TCP over WebSocket answers there`;

  it.each([
    ["a clean close", "close", { code: 1000 }, refused("")],
    ["a close in other words", "close", { code: 1011, reason: "no" }, refused("")],
    ["an error with words", "error", { message: "certificate has expired" }, refused(": certificate has expired")],
    ["an error without words", "error", {}, refused("")],
  ] as const)("fails by %s", async (_, type, event, message) => {
    const socket = new FakeSocket(0);
    const opening = dialled(socket);
    await settled();
    socket.happen(type, event);
    expect(await opening).toBe(message);
  });

  it("of a Worker's socket is its acceptance", async () => {
    class Accepting extends FakeSocket {
      accept(): void {
        this.calls.push("accept");
      }
    }
    const socket = new Accepting(0);
    expect(await dialled(socket)).toBe("open");
    expect(socket.calls).toEqual(["accept"]);
  });

  it("of a socket that refuses to be accepted is the event", async () => {
    class Refusing extends FakeSocket {
      accept(): void {
        throw new TypeError("not of a response");
      }
    }
    const socket = new Refusing(0);
    let outcome = "";
    const opening = dialled(socket).then((how) => {
      outcome = how;
    });
    await settled();
    expect(outcome).toBe("");
    socket.happen("open");
    await opening;
    expect(outcome).toBe("open");
  });

  it("that is given up closes the socket, and ends with the signal's reason", async () => {
    const socket = new FakeSocket(0);
    const controller = new AbortController();
    const opening = dialled(socket, controller.signal);
    await settled();
    controller.abort(new Error("enough"));
    expect(await opening).toBe("enough");
    expect(socket.calls).toEqual(["close 1000"]);
  });

  it("that failed is told as such, though the signal is there", async () => {
    const socket = new FakeSocket(0);
    const opening = dialled(socket, new AbortController().signal);
    await settled();
    socket.happen("error", {});
    expect(await opening).toBe(refused(""));
  });
});
