// Who gets a session's room in a pool, call by call.

import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { type Place, Places } from "../../../src/remctl/pool/places.ts";

interface Setup {
  readonly places: Places<string>;
  readonly closed: string[];
}

function setUp(limits: { readonly maxSessions: number; readonly maxSessionsPerHost: number }): Setup {
  const closed: string[] = [];
  const close = async (item: string): Promise<void> => void closed.push(item);
  return { places: new Places<string>({ ...limits, maxOpening: 4, maxWaiting: 10, close }), closed };
}

async function open(places: Places<string>, host: string): Promise<Place<string>> {
  const place = await places.take(host, { name: host, timeoutMs: 10_000 });
  places.fill(place, `session with ${host}`);
  return place;
}

describe("a pool's places", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
    onTestFinished(() => void vi.useRealTimers());
  });

  it("give nothing to a call whose signal has aborted, though there is room", async () => {
    const { places } = setUp({ maxSessions: 2, maxSessionsPerHost: 2 });
    const late = places.take("a", { name: "a", timeoutMs: 1000, signal: AbortSignal.abort() });
    await expect(late).rejects.toMatchObject({ code: "ABORTED" });
    expect([places.total, places.waiting, places.taken.size]).toEqual([0, 0, 0]);
  });

  it("keep a warm session for its own host where the one that waits for longer may have no more", async () => {
    const { places, closed } = setUp({ maxSessions: 2, maxSessionsPerHost: 1 });
    await open(places, "a");
    const warm = await open(places, "b");
    const first = places.take("a", { name: "a", timeoutMs: 10_000 });
    first.catch(() => {});
    await vi.advanceTimersByTimeAsync(500);
    const own = places.take("b", { name: "b", timeoutMs: 10_000 });
    places.release(warm);
    expect((await own).item).toBe("session with b");
    expect(closed).toEqual([]);
  });

  it("close a warm session for a host that waits markedly longer and may have one", async () => {
    const { places, closed } = setUp({ maxSessions: 2, maxSessionsPerHost: 2 });
    await open(places, "a");
    const warm = await open(places, "b");
    const first = places.take("a", { name: "a", timeoutMs: 10_000 });
    await vi.advanceTimersByTimeAsync(500);
    const own = places.take("b", { name: "b", timeoutMs: 10_000 });
    own.catch(() => {});
    places.release(warm);
    expect((await first).item).toBeUndefined();
    expect(closed).toEqual(["session with b"]);
  });

  it("close one session for one host that waits, and not a second while the first is being closed", async () => {
    const { places, closed } = setUp({ maxSessions: 3, maxSessionsPerHost: 3 });
    await open(places, "a");
    const warm = [await open(places, "b"), await open(places, "b")];
    const first = places.take("a", { name: "a", timeoutMs: 10_000 });
    await vi.advanceTimersByTimeAsync(500);
    const own = [1, 2].map(() => places.take("b", { name: "b", timeoutMs: 10_000 }));
    for (const place of warm) places.release(place);
    expect((await own[0])?.item).toBe("session with b");
    expect((await first).item).toBeUndefined();
    expect(closed).toEqual(["session with b"]);
    own[1]?.catch(() => {});
  });

  it("close as many as wait, not all that are idle", async () => {
    const { places, closed } = setUp({ maxSessions: 3, maxSessionsPerHost: 3 });
    for (const host of ["a", "b", "c"]) places.release(await open(places, host));
    const first = places.take("d", { name: "d", timeoutMs: 10_000 });
    expect((await first).item).toBeUndefined();
    expect(closed).toEqual(["session with a"]);
    expect([places.total, places.idle.size]).toEqual([3, 2]);
  });

  it("keep a warm session for its own host while there is room for the others, who only wait for their turn to open", async () => {
    const { places, closed } = setUp({ maxSessions: 9, maxSessionsPerHost: 1 });
    const warm = await open(places, "own");
    for (const host of ["a", "b", "c", "d"]) await places.take(host, { name: host, timeoutMs: 10_000 });
    // Four are being opened, which is all that may be at once.
    places.take("late", { name: "late", timeoutMs: 10_000 }).catch(() => {});
    await vi.advanceTimersByTimeAsync(500);
    const own = places.take("own", { name: "own", timeoutMs: 10_000 });
    places.release(warm);
    expect([(await own).item, closed]).toEqual(["session with own", []]);
  });

  it.each([
    [100, []],
    [101, ["session with b"]],
  ])("count a host as one that waits for longer by more than 100 ms: %s ms", async (ms, expected) => {
    const { places, closed } = setUp({ maxSessions: 2, maxSessionsPerHost: 2 });
    await open(places, "a");
    const warm = await open(places, "b");
    places.take("a", { name: "a", timeoutMs: 10_000 }).catch(() => {});
    await vi.advanceTimersByTimeAsync(ms);
    places.take("b", { name: "b", timeoutMs: 10_000 }).catch(() => {});
    places.release(warm);
    await vi.advanceTimersByTimeAsync(1);
    expect(closed).toEqual(expected);
  });
});
