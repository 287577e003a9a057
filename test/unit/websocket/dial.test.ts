// Where a dial leads: the URL, the class that makes the socket, the function that gives a place.

import { afterEach, describe, expect, it, vi } from "vitest";
import { type WebSocketTarget, webSocketDial } from "../../../src/websocket/index.ts";
import { FakeSocket } from "./fake-socket.ts";

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A class of open sockets, and what each was made with. */
function recording() {
  const made: [url: string, protocols: unknown][] = [];
  class Recorded extends FakeSocket {
    constructor(url: string, protocols?: string | string[]) {
      super();
      made.push([url, protocols]);
    }
  }
  return { made, WebSocket: Recorded };
}

afterEach(() => void vi.unstubAllGlobals());

describe("the URL of a proxy", () => {
  it.each([
    ["ws://host/path?q=1#part", "ws://host/path?q=1"],
    ["wss://host/", "wss://host/"],
    ["http://host:81/x", "ws://host:81/x"],
    ["https://host/x", "wss://host/x"],
    [new URL("https://host/url"), "wss://host/url"],
  ])("%s leads to %s", async (target, url) => {
    const { made, WebSocket } = recording();
    await webSocketDial(target, { WebSocket })("server", 1, {});
    await webSocketDial(() => target, { WebSocket, protocols: [] })("server", 1, {});
    expect(made).toEqual([
      [url, ["binary"]],
      [url, []],
    ]);
  });

  it.each(["server:4373", "ftp://host/", "wss://me:secret@host/", "not a URL"])(
    "%s is refused, also from a function",
    async (place) => {
      const { made, WebSocket } = recording();
      expect(() => webSocketDial(place, { WebSocket })).toThrow(TypeError);
      await expect(webSocketDial(() => place, { WebSocket })("server", 1, {})).rejects.toBeInstanceOf(TypeError);
      expect(made).toEqual([]);
    },
  );

  it.each([undefined, 5, {}, true])("a function that gives %o gave no place", async (place) => {
    const dial = webSocketDial((() => place) as unknown as WebSocketTarget);
    await expect(dial("server", 1, {})).rejects.toThrow(/the WebSocket proxy|is not a URL/);
  });

  it("an option that is none is refused", () => {
    expect(() => webSocketDial("wss://host/", { protocol: "tcp" } as object)).toThrow(TypeError);
  });
});

describe("the class that makes the socket", () => {
  it("is the host's, where none is given, and is not asked where one is", async () => {
    const [own, given] = [recording(), recording()];
    vi.stubGlobal("WebSocket", own.WebSocket);
    vi.stubGlobal("WebSocketStream", undefined);
    await webSocketDial("wss://host/")("server", 1, {});
    await webSocketDial("wss://other/", { WebSocket: given.WebSocket })("server", 1, {});
    expect(own.made.map(([url]) => url)).toEqual(["wss://host/"]);
    expect(given.made.map(([url]) => url)).toEqual(["wss://other/"]);
  });

  it("is the host's WebSocketStream before its WebSocket, and the given one before both", async () => {
    const [own, given] = [recording(), recording()];
    const opened: string[] = [];
    vi.stubGlobal("WebSocket", own.WebSocket);
    vi.stubGlobal(
      "WebSocketStream",
      class {
        readonly opened = Promise.resolve({ readable: new ReadableStream(), writable: new WritableStream() });
        readonly closed = new Promise(() => {});
        constructor(url: string) {
          opened.push(url);
        }
        close(): void {}
      },
    );
    await webSocketDial("wss://host/")("server", 1, {});
    await webSocketDial("wss://other/", { WebSocket: given.WebSocket })("server", 1, {});
    expect(opened).toEqual(["wss://host/"]);
    expect(own.made).toEqual([]);
    expect(given.made.map(([url]) => url)).toEqual(["wss://other/"]);
  });

  it.each([
    [new SyntaxError("of its own words"), ": of its own words"],
    ["a text", ""],
  ])("that throws %o cannot open the place, and shows no query", async (thrown, detail) => {
    class Throwing extends FakeSocket {
      constructor() {
        super();
        throw thrown;
      }
    }
    const dialled = webSocketDial("wss://host/path?token=secret", { WebSocket: Throwing })("server", 1, {});
    const error = await Promise.resolve(dialled).catch((caught: Error) => caught);
    expect(error).toMatchObject({ code: "CONNECT", cause: thrown });
    expect((error as Error).message).toMatch(`the WebSocket wss://host/path cannot be opened${detail};`);
  });
});

describe("a function that gives a place", () => {
  it("is called with host, port, and the signal where there is one", async () => {
    const seen: unknown[] = [];
    const dial = webSocketDial((host, port, options) => {
      seen.push([host, port, options]);
      return new FakeSocket();
    });
    const { signal } = new AbortController();
    await dial("kdc", 88, {});
    await dial("server", 4373, { signal });
    expect(seen).toEqual([
      ["kdc", 88, {}],
      ["server", 4373, { signal }],
    ]);
    expect(seen[0]).not.toHaveProperty("[2].signal");
  });

  it("that throws, or rejects, is the dial's rejection", async () => {
    const why = new Error("why");
    const throwing = webSocketDial(() => {
      throw why;
    });
    await expect(throwing("server", 1, {})).rejects.toBe(why);
    await expect(webSocketDial(() => Promise.reject(why))("server", 1, {})).rejects.toBe(why);
  });

  it.each([
    ["a socket", () => new FakeSocket(), ["close 1000"]],
    ["a URL", () => new URL("wss://host/"), undefined],
    ["a text", () => "wss://host/", undefined],
  ])(
    "and is given up meanwhile: the reason is told at once, and %s that comes late is taken back",
    async (_, make, calls) => {
      const place = make();
      let give: (late: typeof place) => void = () => {};
      const dial = webSocketDial(
        () =>
          new Promise<typeof place>((resolve) => {
            give = resolve;
          }),
      );
      const controller = new AbortController();
      const dialled = dial("server", 1, { signal: controller.signal });
      const reason = new Error("enough");
      controller.abort(reason);
      await expect(dialled).rejects.toBe(reason);
      give(place);
      await settled();
      if (place instanceof FakeSocket) expect(place.calls).toEqual(calls);
    },
  );

  it("and is given up meanwhile: what it throws late is nobody's", async () => {
    let fail: (why: Error) => void = () => {};
    const dial = webSocketDial(
      () =>
        new Promise<never>((_, reject) => {
          fail = reject;
        }),
    );
    const controller = new AbortController();
    const dialled = dial("server", 1, { signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(dialled).rejects.toThrow("enough");
    fail(new Error("late"));
    await settled();
  });

  it("is not called where the signal was aborted before", async () => {
    const target = vi.fn(() => new FakeSocket());
    const reason = new Error("enough");
    await expect(webSocketDial(target)("server", 1, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(target).not.toHaveBeenCalled();
  });
});
