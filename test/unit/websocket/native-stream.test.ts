// The host's own WebSocketStream, as Chrome has it: what it gives, how it ends.

import { describe, expect, it } from "vitest";
import type { ByteStream } from "../../../src/host/index.ts";
import { openNativeStream, type WebSocketStreamConstructor } from "../../../src/websocket/native-stream.ts";

interface End {
  readonly closeCode?: number;
  readonly reason?: string;
}

/** A class whose one socket the test holds. */
function host({ refuse, throws }: { refuse?: unknown; throws?: unknown } = {}) {
  const seen: { url?: string; protocols?: readonly string[]; signal?: AbortSignal } = {};
  const written: number[] = [];
  const closes: (number | undefined)[] = [];
  let source!: ReadableStreamDefaultController<unknown>;
  let settle!: { resolve(end: End): void; reject(end: unknown): void };
  let isClosed = false;
  class Stream {
    readonly opened =
      refuse === undefined
        ? Promise.resolve({
            readable: new ReadableStream<unknown>({
              start(controller) {
                source = controller;
              },
            }),
            writable: new WritableStream<unknown>({
              write(octets) {
                written.push((octets as Uint8Array).length);
              },
            }),
          })
        : Promise.reject(refuse);
    readonly closed = new Promise<End>((resolve, reject) => {
      settle = { resolve, reject };
    });
    constructor(url: string, { protocols, signal }: { protocols?: string[]; signal?: AbortSignal }) {
      Object.assign(seen, { url, protocols, signal });
      if (throws !== undefined) throw throws;
    }
    close({ closeCode }: End = {}): void {
      closes.push(closeCode);
      if (isClosed) throw new Error("it is closed");
      isClosed = true;
    }
  }
  const open = (signal?: AbortSignal): Promise<ByteStream> =>
    openNativeStream(
      Stream as WebSocketStreamConstructor,
      "wss://host/x?token=secret",
      "wss://host/x",
      ["binary"],
      signal,
    );
  return {
    seen,
    written,
    closes,
    open,
    give: (value: unknown) => source.enqueue(value),
    end: (end: End) => {
      settle.resolve(end);
      source.close();
    },
    cut: (end: unknown) => {
      settle.reject(end);
      source.error(new Error("the host's words"));
    },
  };
}

const refused = (detail: string) =>
  `the WebSocket wss://host/x cannot be opened${detail}; check the URL, its certificate, and that a proxy of TCP over WebSocket answers there`;

describe("the opening of a WebSocketStream", () => {
  it("offers the subprotocols for its whole URL", async () => {
    const { seen, open } = host();
    await open();
    expect(seen).toMatchObject({ url: "wss://host/x?token=secret", protocols: ["binary"] });
  });

  it.each([
    [new Error("the host's words"), ": the host's words"],
    ["a text", ""],
    [{ message: "no Error" }, ""],
  ])("that fails with %o is a CONNECT error without the query", async (why, detail) => {
    for (const how of [{ refuse: why }, { throws: why }]) {
      const error = await host(how)
        .open()
        .catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: "CONNECT", message: refused(detail), cause: why });
    }
  });

  it("ends with the signal's reason, and a signal that comes later ends nothing", async () => {
    const reason = new Error("enough");
    const controller = new AbortController();
    const { open, seen } = host({ refuse: new Error("aborted") });
    const opening = open(controller.signal);
    controller.abort(reason);
    await expect(opening).rejects.toBe(reason);
    expect(seen.signal?.reason).toBe(reason);
    const later = new AbortController();
    const good = host();
    await good.open(later.signal);
    later.abort(reason);
    expect(good.seen.signal?.aborted).toBe(false);
  });

  it("that fails is told as such, though a signal is there", async () => {
    const { open } = host({ refuse: new Error("why") });
    await expect(open(new AbortController().signal)).rejects.toMatchObject({ code: "CONNECT" });
  });
});

describe("what a WebSocketStream gives", () => {
  it("is octets in any form; an empty message is passed over", async () => {
    const { open, give } = host();
    const reader = (await open()).readable.getReader();
    give(new ArrayBuffer(0));
    give(Uint8Array.of(1, 2).buffer);
    give(Uint8Array.of(3));
    expect((await reader.read()).value).toEqual(Uint8Array.of(1, 2));
    expect((await reader.read()).value).toEqual(Uint8Array.of(3));
  });

  it("WS2: text ends it", async () => {
    const { open, give, closes } = host();
    const reader = (await open()).readable.getReader();
    give("text");
    await expect(reader.read()).rejects.toThrow(
      'the WebSocket proxy closed the connection (no code, "it sent text where octets are expected")',
    );
    expect(closes).toEqual([1000]);
  });

  it.each([{ closeCode: 1000 }, { closeCode: 1005, reason: "" }])("a close with %o is the end", async (end) => {
    const stream = host();
    const reader = (await stream.open()).readable.getReader();
    stream.end(end);
    expect(await reader.read()).toMatchObject({ done: true });
  });

  it.each([
    [{ closeCode: 1011, reason: "no" }, '(1011, "no"): can it reach the server behind it?'],
    [{}, "(1006): it was cut off"],
  ])("WS3: a close with %o is an error", async (end, words) => {
    for (const how of ["end", "cut"] as const) {
      const stream = host();
      const reader = (await stream.open()).readable.getReader();
      stream[how](end);
      await expect(reader.read()).rejects.toMatchObject({
        code: "CONNECTION_CLOSED",
        message: `the WebSocket proxy closed the connection ${words}`,
      });
    }
  });
});

describe("what is written to a WebSocketStream", () => {
  it.each([
    [0, []],
    [1, [1]],
    [65_536, [65_536]],
    [65_537, [65_536, 1]],
    [131_072, [65_536, 65_536]],
  ])("%s octets go in messages of 64 KiB at most", async (length, messages) => {
    const { open, written } = host();
    await (await open()).writable.getWriter().write(new Uint8Array(length));
    expect(written).toEqual(messages);
  });

  it.each([
    ["a close of the writer", (stream: ByteStream) => stream.writable.getWriter().close()],
    ["an abort of the writer", (stream: ByteStream) => stream.writable.abort()],
    ["a reader that wants no more", (stream: ByteStream) => stream.readable.cancel()],
    ["a close of the stream", async (stream: ByteStream) => stream.close?.()],
  ])("%s closes it with a code, and a second time does no harm", async (_, end) => {
    const { open, closes } = host();
    const stream = await open();
    await end(stream);
    stream.close?.();
    expect(closes).toEqual([1000, 1000]);
  });
});
