import { EventEmitter } from "node:events";
import { afterEach, expect, it, vi } from "vitest";
import { NodeConnection, type NodeSocket } from "../../../src/runtime/node-connection.ts";

afterEach(() => vi.unstubAllGlobals());

/** A socket that does what it is told, without a kernel that could be late. */
function socket(): NodeSocket & EventEmitter {
  const events = new EventEmitter();
  const rest = {
    write(_: Uint8Array, done: (error?: Error | null) => void) {
      done();
      return true;
    },
    end: () => events.emit("finish"),
    destroy: () => events.emit("close"),
    pause() {},
    resume() {},
    unref() {},
  };
  return Object.assign(events, rest) as unknown as NodeSocket & EventEmitter;
}

/** How many errors are made while something is done: each one keeps a stack. */
function countErrors(): () => number {
  let made = 0;
  class Counted extends Error {
    constructor(message?: string) {
      super(message);
      made++;
    }
  }
  vi.stubGlobal("Error", Counted);
  return () => made;
}

it("an orderly close and an abort with nothing pending make no error", async () => {
  const made = countErrors();
  const first = socket();
  const closed = new NodeConnection(first);
  await closed.write(Uint8Array.of(1));
  await closed.close();
  first.emit("close");
  new NodeConnection(socket()).abort();
  expect(made()).toBe(0);
});

it("who reads or writes afterwards gets one all the same", async () => {
  const ended = socket();
  const closed = new NodeConnection(ended);
  ended.emit("close");
  await expect(closed.read()).rejects.toThrow("the connection is closed");
  await expect(closed.write(Uint8Array.of(1))).rejects.toThrow("the connection is closed");
  const aborted = new NodeConnection(socket());
  const read = aborted.read();
  aborted.abort();
  await expect(read).rejects.toThrow("the connection was aborted here");
  expect(await aborted.read().catch((error: unknown) => error)).toBe(await read.catch((error: unknown) => error));
});
