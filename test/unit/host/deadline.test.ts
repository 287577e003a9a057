import { describe, expect, it, vi } from "vitest";
import { TransportError } from "../../../src/errors.ts";
import { onAbort, withDeadline } from "../../../src/host/index.ts";
import { expectNothingMoreThan, resourcesAtRest, sleep } from "../../support/fake-kdc.ts";

const never = (): Promise<never> => new Promise(() => {});

describe("withDeadline", () => {
  it("gives what the operation gives, and leaves no timer", async () => {
    const before = await resourcesAtRest();
    expect(await withDeadline(async () => 7, { timeoutMs: 60_000, what: "test" })).toBe(7);
    await expectNothingMoreThan(before);
  });

  it("passes on what the operation throws, also before its first await", async () => {
    const failure = new Error("mine");
    await expect(withDeadline(() => Promise.reject(failure), { what: "test" })).rejects.toBe(failure);
    const run = (): never => {
      throw failure;
    };
    await expect(withDeadline(run, { timeoutMs: 1000, what: "test" })).rejects.toBe(failure);
  });

  it("ends with TIMEOUT when the time is up, and aborts the operation's signal", async () => {
    let inner: AbortSignal | undefined;
    const started = performance.now();
    const error = await withDeadline(
      (signal) => {
        inner = signal;
        return never();
      },
      { timeoutMs: 50, what: "asking" },
    ).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(TransportError);
    expect(error).toMatchObject({
      code: "TIMEOUT",
      message: "asking: nothing within 50 ms; raise the timeout",
    });
    expect(performance.now() - started).toBeLessThan(1000);
    expect(inner?.aborted).toBe(true);
  });

  it("ends with ABORTED when the caller's signal aborts, with its reason as the cause", async () => {
    const controller = new AbortController();
    const before = await resourcesAtRest();
    const result = withDeadline(never, { timeoutMs: 60_000, signal: controller.signal, what: "asking" });
    controller.abort("enough");
    await expect(result).rejects.toMatchObject({ code: "ABORTED", cause: "enough" });
    await expectNothingMoreThan(before);
  });

  it("does not start under a signal that is aborted already", async () => {
    const run = vi.fn(never);
    const options = { signal: AbortSignal.abort(), what: "asking" };
    await expect(withDeadline(run, options)).rejects.toMatchObject({ code: "ABORTED" });
    expect(run).not.toHaveBeenCalled();
  });

  it("hands what comes too late to discard, and swallows a late failure", async () => {
    const discard = vi.fn(() => {
      throw new Error("not heard");
    });
    const late = withDeadline(() => sleep(40).then(() => "late"), { timeoutMs: 10, what: "asking", discard });
    await expect(late).rejects.toMatchObject({ code: "TIMEOUT" });
    const failing = withDeadline(
      async () => {
        await sleep(40);
        throw new Error("late failure");
      },
      { timeoutMs: 10, what: "asking" },
    );
    await expect(failing).rejects.toMatchObject({ code: "TIMEOUT" });
    await sleep(60);
    expect(discard).toHaveBeenCalledExactlyOnceWith("late");
  });

  it("takes Infinity and times beyond a timer's range as no limit", async () => {
    const started = (): Promise<string> => sleep(20).then(() => "done");
    expect(await withDeadline(started, { timeoutMs: Number.POSITIVE_INFINITY, what: "test" })).toBe("done");
    expect(await withDeadline(started, { timeoutMs: 2 ** 31, what: "test" })).toBe("done");
  });

  it.each([0, -1, Number.NaN])("refuses a time of %s", async (timeoutMs) => {
    await expect(withDeadline(never, { timeoutMs, what: "test" })).rejects.toBeInstanceOf(RangeError);
  });
});

describe("onAbort", () => {
  it("puts one listener on a signal however many operations share it, and takes it away with the last", () => {
    const { signal } = new AbortController();
    const add = vi.spyOn(signal, "addEventListener");
    const remove = vi.spyOn(signal, "removeEventListener");
    const forgets = Array.from({ length: 100 }, () => onAbort(signal, () => {}));
    expect(add).toHaveBeenCalledTimes(1);
    for (const forget of forgets.slice(1)) forget();
    expect(remove).not.toHaveBeenCalled();
    forgets[0]?.();
    forgets[0]?.();
    expect(remove).toHaveBeenCalledTimes(1);
    onAbort(signal, () => {})();
    expect(add).toHaveBeenCalledTimes(2);
  });

  it("calls those that are there, once, and not those that were taken back", () => {
    const controller = new AbortController();
    const calls: string[] = [];
    onAbort(controller.signal, () => calls.push("a"));
    onAbort(controller.signal, () => calls.push("b"))();
    onAbort(controller.signal, () => calls.push("c"));
    controller.abort();
    controller.abort();
    onAbort(controller.signal, () => calls.push("late"));
    expect(calls).toEqual(["a", "c", "late"]);
    onAbort(undefined, () => calls.push("none"))();
    expect(calls).toHaveLength(3);
  });

  it("needs no `this`: workerd before August 2025 calls a listener without", () => {
    const { signal } = new AbortController();
    let added: (() => void) | undefined;
    vi.spyOn(signal, "addEventListener").mockImplementation((_, listener) => {
      added = listener as () => void;
    });
    const calls: string[] = [];
    onAbort(signal, () => calls.push("a"));
    added?.call(undefined);
    expect(calls).toEqual(["a"]);
  });
});
