import { expect, it, vi } from "vitest";
import { RemctlPool } from "../../../src/remctl/index.ts";
import { Farm } from "../../support/pool-harness.ts";

it("RT8: a session of before a freeze is asked for a sign of life, though the monotonic clock stood still", async () => {
  const farm = new Farm({});
  await using pool = new RemctlPool(farm.connect);
  vi.useFakeTimers({ toFake: ["Date"] });
  try {
    await pool.run("one", ["echo", "a"]);
    await pool.run("one", ["echo", "b"]);
    expect(farm.connections[0]?.noops).toBe(0);
    vi.setSystemTime(Date.now() + 600_000);
    await pool.run("one", ["echo", "c"]);
    expect([farm.connections[0]?.noops, farm.connects]).toEqual([1, 1]);
  } finally {
    vi.useRealTimers();
  }
});
