// What of the Worker's adapter needs no Worker: how many connections are open at once, and whose they are.

import { afterEach, describe, expect, it, vi } from "vitest";
import { connectionOf, type Dial } from "../../../src/host/index.ts";
import { createStreamPair } from "../../../src/host/memory-stream.ts";
import { ConnectionGate } from "../../../src/runtime/connection-gate.ts";
import { workerdRuntime } from "../../../src/runtime/index.ts";
import { PerInvocation } from "../../../src/runtime/invocation.ts";

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

afterEach(() => vi.unstubAllGlobals());

describe("ConnectionGate", () => {
  it("RT4: lets in as many as there are places, and the next when one is free, in their order", async () => {
    const gate = new ConnectionGate(2);
    const order: number[] = [];
    const leave: (() => void)[] = [];
    for (let index = 0; index < 5; index++) {
      void gate.enter().then((done) => {
        order.push(index);
        leave.push(done);
      });
    }
    await settled();
    expect(order).toEqual([0, 1]);
    leave[1]?.();
    await settled();
    expect(order).toEqual([0, 1, 2]);
    // Twice is once.
    leave[1]?.();
    await settled();
    expect(order).toEqual([0, 1, 2]);
    for (const index of [0, 2, 3, 4]) {
      leave[index]?.();
      await settled();
    }
    expect([order, gate.isIdle]).toEqual([[0, 1, 2, 3, 4], true]);
  });

  it("who gives up leaves the queue", async () => {
    const gate = new ConnectionGate(1);
    const leave = await gate.enter();
    const controller = new AbortController();
    const waiting = gate.enter(controller.signal);
    controller.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    leave();
    expect(gate.isIdle).toBe(true);
    await expect(gate.enter(AbortSignal.abort(new Error("before")))).rejects.toThrow("before");
  });

  it("RT9: a place of what can wait is given up for others, the newest first, and not while there are more", async () => {
    const gate = new ConnectionGate(3);
    const asked: string[] = [];
    const leave = await gate.enter();
    const early = async (name: string, isInUse = false): Promise<void> => {
      const done = await gate.enter(undefined, () => {
        asked.push(name);
        if (!isInUse) done();
        return !isInUse;
      });
    };
    await early("first");
    await early("second");
    expect(asked).toEqual([]);
    const third = await gate.enter();
    expect(asked).toEqual(["second"]);
    third();
    await early("in use", true);
    await gate.enter();
    expect(asked).toEqual(["second", "in use", "first"]);
    // Nobody has a place to give: it waits, as ever.
    let isIn = false;
    void gate.enter().then(() => {
      isIn = true;
    });
    await settled();
    expect([asked, isIn]).toEqual([["second", "in use", "first", "in use"], false]);
    leave();
    await settled();
    expect(isIn).toBe(true);
  });

  it("RT9: what can wait is told at once that there is no place, and leaves the queue", async () => {
    const gate = new ConnectionGate(1);
    const leave = await gate.enter();
    const controller = new AbortController();
    const refused = gate.enter(controller.signal, () => {
      controller.abort(new Error("no place"));
      return true;
    });
    await expect(refused).rejects.toThrow("no place");
    leave();
    expect(gate.isIdle).toBe(true);
  });

  it("RT6: a place that nobody gave back for a minute is free", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      const gate = new ConnectionGate(1);
      await gate.enter();
      vi.setSystemTime(Date.now() + 61_000);
      let isIn = false;
      void gate.enter().then(() => {
        isIn = true;
      });
      await settled();
      expect(isIn).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });
});

/** A host whose objects throw when another invocation looks at them. */
function invocations(): (name: string) => void {
  let current = "";
  class WebSocketPair {
    readonly 0: { readonly readyState: number };
    constructor() {
      const owner = current;
      this[0] = {
        get readyState() {
          if (owner !== current) throw new Error("Cannot perform I/O on behalf of a different request.");
          return 1;
        },
      };
    }
  }
  vi.stubGlobal("WebSocketPair", WebSocketPair);
  return (name) => {
    current = name;
  };
}

describe("PerInvocation", () => {
  it("RT5: each invocation has its own value, for as long as it is in use", () => {
    const enter = invocations();
    let count = 0;
    const done = new Set<number>();
    const values = new PerInvocation(
      () => ++count,
      (value) => done.has(value),
    );
    enter("a");
    expect([values.get(), values.get()]).toEqual([1, 1]);
    enter("b");
    expect(values.get()).toBe(2);
    enter("a");
    expect(values.get()).toBe(1);
    done.add(1);
    enter("c");
    expect(values.get()).toBe(3);
    enter("a");
    expect(values.get()).toBe(4);
  });

  it("invocations that were cut off take no memory for ever", () => {
    const enter = invocations();
    let count = 0;
    const values = new PerInvocation(
      () => ++count,
      () => false,
    );
    for (let index = 0; index < 1_000; index++) {
      enter(`${index}`);
      values.get();
    }
    enter("0");
    expect(values.get()).toBe(1_001);
  });
});

describe("limitDial", () => {
  it("at most four connections of an invocation are open, whatever way they end; others have their own four", async () => {
    const enter = invocations();
    let open = 0;
    const dial = workerdRuntime().limitDial?.(() => {
      open++;
      return { ...createStreamPair()[0], close: () => void open-- };
    }) as Dial;
    const connect = async () => connectionOf(await dial("host", 1, {}));
    enter("a");
    const waiting = Array.from({ length: 10 }, connect);
    await settled();
    expect(open).toBe(4);
    enter("b");
    const others = await Promise.all([connect(), connect()]);
    expect(open).toBe(6);
    for (const other of others) other.abort();
    enter("a");
    let most = 0;
    for (const [index, connection] of waiting.entries()) {
      const opened = await connection;
      most = Math.max(most, open);
      if (index % 2 === 0) opened.abort();
      else void opened.close();
      await settled();
    }
    expect([most, open]).toEqual([4, 0]);
  });

  it("a dial that fails gives its place back", async () => {
    invocations()("a");
    const failing = workerdRuntime().limitDial?.(async () => {
      throw new Error("refused");
    }) as Dial;
    for (let count = 0; count < 10; count++) await expect(failing("host", 1, {})).rejects.toThrow("refused");
  });
});
