// A WebSocket whose every event and count a test decides. What a listener throws comes out of the event.

import type { WebSocketLike } from "../../../src/websocket/index.ts";

export class FakeSocket implements WebSocketLike {
  readyState: number;
  bufferedAmount = 0;
  binaryType = "blob";
  /** What was called, in order: `send 5`, `close 1000`, `pause`. */
  readonly calls: string[] = [];
  readonly #listeners: { readonly type: string; readonly listener: (event: object) => void }[] = [];

  constructor(readyState = 1) {
    this.readyState = readyState;
  }
  send(octets: Uint8Array): void {
    this.calls.push(`send ${octets.length}`);
  }
  close(code?: number): void {
    this.calls.push(`close ${code}`);
  }
  addEventListener(type: string, listener: (event: object) => void): void {
    this.#listeners.push({ type, listener });
  }
  happen(type: "open" | "message" | "error" | "close", event: object = {}): void {
    for (const one of this.#listeners) if (one.type === type) one.listener(event);
  }
  /** A binary message of so many octets. */
  give(length: number): void {
    this.happen("message", { data: new Uint8Array(length).fill(7).buffer });
  }
}

/** One that can make its peer wait, and end at once: that of the package ws. */
export class PausingSocket extends FakeSocket {
  pause(): void {
    this.calls.push("pause");
  }
  resume(): void {
    this.calls.push("resume");
  }
  terminate(): void {
    this.calls.push("terminate");
  }
}
