import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { TransportError } from "../../../src/errors.ts";
import { Deadline } from "../../../src/remctl/session/deadline.ts";
import { failureOf } from "../../support/remctl-harness.ts";

const never = new Promise<void>(() => {});

describe("a deadline", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("ends a wait without progress, and tells once", async () => {
    const onExpire = vi.fn();
    const deadline = new Deadline({ idleTimeoutMs: 100, what: "the answer", onExpire });
    const failure = failureOf(deadline.wait(never));
    await vi.advanceTimersByTimeAsync(99);
    expect(onExpire).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(2);
    const error = await failure;
    expect([error.code, error.message]).toEqual([
      "TIMEOUT",
      "the answer: nothing came for 100 ms: raise the limit, or look at the peer",
    ]);
    expect(onExpire.mock.calls).toEqual([[error]]);
    expect(await failureOf(deadline.wait(Promise.resolve()))).toBe(error);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("counts each wait anew, with one timer for all", async () => {
    const made = vi.spyOn(globalThis, "setTimeout");
    const deadline = new Deadline({ idleTimeoutMs: 100, what: "the answer" });
    for (let index = 0; index < 50; index++) await deadline.wait(Promise.resolve(index));
    expect(made).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(90);
    const failure = failureOf(deadline.wait(never));
    await vi.advanceTimersByTimeAsync(95);
    expect(deadline.error).toBeUndefined();
    await vi.advanceTimersByTimeAsync(6);
    expect((await failure).code).toBe("TIMEOUT");
    made.mockRestore();
  });

  it("hold() counts no idle time", async () => {
    const deadline = new Deadline({ idleTimeoutMs: 100, what: "the answer" });
    await deadline.wait(Promise.resolve());
    void deadline.hold(never);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(deadline.error).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("bounds the whole, whether or not anyone waits", async () => {
    const onExpire = vi.fn();
    const deadline = new Deadline({ totalTimeoutMs: 100, what: "the answer", onExpire });
    await vi.advanceTimersByTimeAsync(100);
    expect(deadline.error?.message).toBe("the answer: not done within the total of 100 ms; raise the timeout");
    expect(onExpire).toHaveBeenCalledTimes(1);
  });

  it("expireSoon() ends it with the given error, also where the idle time is up first, and not once it has ended", async () => {
    const reason = new TransportError("CONNECTION_CLOSED", "writing failed");
    for (const idleTimeoutMs of [10, 1000]) {
      const deadline = new Deadline({ idleTimeoutMs, what: "the answer" });
      const failure = failureOf(deadline.wait(never));
      deadline.expireSoon(reason, 100);
      await vi.advanceTimersByTimeAsync(101);
      expect(await failure).toBe(reason);
      expect(vi.getTimerCount()).toBe(0);
    }
    const ended = new Deadline({ what: "the answer" });
    ended.end();
    ended.expireSoon(reason, 100);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("expireSoon() twice ends it with the first reason, at the first time, and leaves no timer", async () => {
    const first = new TransportError("CONNECTION_CLOSED", "writing failed");
    const deadline = new Deadline({ what: "the answer" });
    const failure = failureOf(deadline.wait(never));
    deadline.expireSoon(first, 100);
    deadline.expireSoon(new TransportError("ABORTED", "another"), 50);
    await vi.advanceTimersByTimeAsync(60);
    expect(deadline.error).toBeUndefined();
    await vi.advanceTimersByTimeAsync(50);
    expect(await failure).toBe(first);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("leaves neither timer nor listener behind", async () => {
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, "addEventListener");
    const removed = vi.spyOn(signal, "removeEventListener");
    const deadline = new Deadline({ idleTimeoutMs: 10, totalTimeoutMs: 10, signal, what: "x" });
    await deadline.wait(Promise.resolve());
    deadline.end();
    expect(vi.getTimerCount()).toBe(0);
    expect([added.mock.calls.length, removed.mock.calls.length]).toEqual([1, 1]);
  });

  it("takes no limit, Infinity and more than a timer can hold as no limit", () => {
    for (const timeoutMs of [undefined, Number.POSITIVE_INFINITY, 2 ** 31]) {
      void new Deadline({ idleTimeoutMs: timeoutMs, totalTimeoutMs: timeoutMs, what: "x" }).wait(never);
    }
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is over from the start under a signal that is aborted", async () => {
    const deadline = new Deadline({ totalTimeoutMs: 10, signal: AbortSignal.abort("why"), what: "x" });
    expect(() => deadline.throwIfExpired()).toThrow(/aborted by the caller/);
    expect(deadline.error?.cause).toBe("why");
    expect(vi.getTimerCount()).toBe(0);
    deadline.end();
  });
});
