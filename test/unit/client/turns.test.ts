// Hosts where nobody may wait for another's promise: one works, the others look whether the value is there.

import { getEventListeners } from "node:events";
import { describe, expect, it, vi } from "vitest";
import { SingleFlight } from "../../../src/client/tickets/single-flight.ts";

const never = (): Promise<never> => new Promise(() => {});
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("turns", () => {
  it("RT3: one works, and the others take the value that it left; nobody waits for its promise", async () => {
    const turns = new SingleFlight<string>(false);
    let kept: string | undefined;
    const work = vi.fn(async () => {
      await pause(30);
      kept = "ticket";
      return kept;
    });
    const all = Array.from({ length: 100 }, () => turns.run("login", undefined, work, () => kept));
    expect(new Set(await Promise.all(all))).toEqual(new Set(["ticket"]));
    expect(work).toHaveBeenCalledTimes(1);
  });

  it("work for another key does not wait", async () => {
    const turns = new SingleFlight<string>(false);
    void turns.run("login", undefined, never);
    expect(await turns.run("ticket", undefined, async () => "ticket")).toBe("ticket");
  });

  it("a failure is the failure of all who waited, and the next begins anew", async () => {
    const turns = new SingleFlight<string>(false);
    const work = vi.fn(async () => {
      await pause(20);
      throw new Error("no KDC");
    });
    const all = await Promise.allSettled(Array.from({ length: 10 }, () => turns.run("login", undefined, work)));
    expect(all.map((one) => one.status)).toEqual(Array(10).fill("rejected"));
    expect(work).toHaveBeenCalledTimes(1);
    expect(await turns.run("login", undefined, async () => "ticket")).toBe("ticket");
  });

  it("P11: where others wait, work goes on though the one who began it gives up: begun anew it could be a second proof", async () => {
    for (const failure of [undefined, new Error("wrong")]) {
      const turns = new SingleFlight<string>(false);
      const controller = new AbortController();
      let kept: string | undefined;
      const work = vi.fn(async (signal: AbortSignal) => {
        await pause(100);
        signal.throwIfAborted();
        if (failure !== undefined) throw failure;
        kept = "ticket";
        return kept;
      });
      const first = turns.run("login", controller.signal, work, () => kept);
      const second = turns.run("login", undefined, work, () => kept);
      await pause(20);
      controller.abort(new Error("gone"));
      await expect(first).rejects.toMatchObject({ code: "ABORTED", cause: { message: "gone" } });
      if (failure === undefined) expect(await second).toBe("ticket");
      else await expect(second).rejects.toBe(failure);
      expect(work).toHaveBeenCalledTimes(1);
    }
  });

  it("who gives up alone ends the work, and has not failed for those who come after", async () => {
    const turns = new SingleFlight<string>(false);
    const controller = new AbortController();
    const first = turns.run(
      "login",
      controller.signal,
      (signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    );
    await pause(20);
    controller.abort(new Error("gone"));
    // It comes before the work has ended.
    const second = turns.run("login", undefined, async () => "ticket");
    await expect(first).rejects.toThrow("gone");
    expect(await second).toBe("ticket");
  });

  it("RT3: work that was cut off, and that nobody ends, holds the others up to its deadline and no longer", async () => {
    const turns = new SingleFlight<string>(false, 600);
    // A request that was cancelled has no timers, and runs nothing any more.
    const timers = vi.spyOn(globalThis, "setTimeout").mockReturnValue(0 as never);
    void turns.run("login", undefined, never);
    timers.mockRestore();
    const started = performance.now();
    expect(await turns.run("login", undefined, async () => "ticket")).toBe("ticket");
    expect(performance.now() - started).toBeGreaterThan(500);
    expect(performance.now() - started).toBeLessThan(3_000);
  }, 6_000);

  it("RT3: work that is slow, and gives no sign of life, is not begun twice before its deadline", async () => {
    const turns = new SingleFlight<string>(false);
    let kept: string | undefined;
    const intervals = vi.spyOn(globalThis, "setInterval").mockReturnValue(0 as never);
    const work = vi.fn(async () => {
      await pause(2_800);
      kept = "ticket";
      return kept;
    });
    const all = Array.from({ length: 20 }, () => turns.run("login", undefined, work, () => kept));
    intervals.mockRestore();
    expect(new Set(await Promise.all(all))).toEqual(new Set(["ticket"]));
    expect(work).toHaveBeenCalledTimes(1);
  }, 8_000);

  it("RT3: work ends at its deadline, so that two are never at work at once", async () => {
    const turns = new SingleFlight<string>(false, 200);
    let atWork = 0;
    const work = async (signal: AbortSignal): Promise<string> => {
      atWork += 1;
      if (atWork > 1) return "two at once";
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      atWork -= 1;
      throw signal.reason;
    };
    const first = turns.run("login", undefined, work);
    await expect(first).rejects.toMatchObject({ code: "TIMEOUT", message: expect.stringContaining("200 ms") });
    const second = turns.run("login", undefined, async () => (atWork === 0 ? "ticket" : "two at once"));
    expect(await second).toBe("ticket");
  });

  it("who gave up before does no work, and waits for none (promises shared or not)", async () => {
    for (const isShared of [true, false]) {
      const turns = new SingleFlight<string>(isShared);
      const work = vi.fn(async () => "ticket");
      await expect(turns.run("login", AbortSignal.abort(new Error("gone")), work)).rejects.toMatchObject({
        code: "ABORTED",
        cause: { message: "gone" },
      });
      expect(work).not.toHaveBeenCalled();
      expect(await turns.run("login", undefined, work)).toBe("ticket");
    }
  });

  it("a turn that has ended late takes nothing from the one that began after its deadline", async () => {
    const turns = new SingleFlight<string>(false, 60);
    let end: (value: string) => void = () => {};
    // Work that heeds no signal.
    const first = turns.run(
      "login",
      undefined,
      () =>
        new Promise<string>((resolve) => {
          end = resolve;
        }),
    );
    await pause(80);
    let release: (value: string) => void = () => {};
    const second = turns.run(
      "login",
      undefined,
      () =>
        new Promise<string>((resolve) => {
          release = resolve;
        }),
    );
    end("late");
    expect(await first).toBe("late");
    const third = vi.fn(async () => "third");
    const waiting = turns.run("login", undefined, third);
    await pause(10);
    expect(third).not.toHaveBeenCalled();
    release("second");
    await second;
    await waiting;
  });

  it("waiting ends with its signal", async () => {
    const turns = new SingleFlight<string>(false);
    void turns.run("login", undefined, never);
    const controller = new AbortController();
    const waiting = turns.run("login", controller.signal, async () => "ticket");
    controller.abort(new Error("enough"));
    await expect(waiting).rejects.toMatchObject({ code: "ABORTED", cause: { message: "enough" } });
  });

  it.each([true, false])(
    "a hundred that wait under one signal are one listener of it (promises shared: %s)",
    async (isShared) => {
      const turns = new SingleFlight<string>(isShared);
      const { signal } = new AbortController();
      let kept: string | undefined;
      const work = async (): Promise<string> => {
        await pause(60);
        kept = "ticket";
        return kept;
      };
      const all = Array.from({ length: 100 }, () => turns.run("login", signal, work, () => kept));
      await pause(1);
      expect(getEventListeners(signal, "abort").length).toBe(1);
      expect(new Set(await Promise.all(all))).toEqual(new Set(["ticket"]));
      expect(getEventListeners(signal, "abort")).toEqual([]);
    },
  );
});
