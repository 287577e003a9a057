// What a pool refuses before it opens a session, and what it does not try again.

import { describe, expect, it, onTestFinished, vi } from "vitest";
import { RemctlPool } from "../../../src/remctl/index.ts";
import { Farm } from "../../support/pool-harness.ts";

describe("a pool", () => {
  it("refuses a wrong argument before it opens anything", async () => {
    const farm = new Farm({});
    await using pool = new RemctlPool(farm.connect);
    for (const call of [pool.run.bind(pool), pool.stream.bind(pool)]) {
      await expect(call("one", ["account", 5 as never])).rejects.toThrow(
        "argument 1 is neither a string nor a Uint8Array nor a stream",
      );
      await expect(call("one", [])).rejects.toThrow(TypeError);
    }
    expect(farm.connects).toBe(0);
  });

  it("gives back what a session refuses, and keeps the session", async () => {
    const farm = new Farm({ maxCommandBytes: 100 });
    await using pool = new RemctlPool(farm.connect);
    for (const call of [pool.run.bind(pool), pool.stream.bind(pool)]) {
      await expect(call("one", ["echo", "x".repeat(200)])).rejects.toThrow(RangeError);
    }
    expect((await pool.run("one", ["echo", "a"])).text()).toBe("echo a");
    expect(farm.connects).toBe(1);
  });

  it.each([2 ** 31, Number.POSITIVE_INFINITY])("that keeps idle sessions for %s ms sets no timer", async (ms) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const farm = new Farm({});
    const pool = new RemctlPool(farm.connect, { idleCloseMs: ms });
    await pool.run("one", ["echo", "a"]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(pool.counts.idle).toBe(1);
    vi.useRealTimers();
    await pool.close();
    expect(pool.counts.sessions).toBe(0);
  });
});
