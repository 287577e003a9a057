import { describe, expect, it } from "vitest";
import { interleave, race } from "../../../src/discovery/race.ts";
import { sleep } from "../../support/fake-kdc.ts";

interface Try {
  readonly address: string;
  readonly atMs: number;
  readonly signal: AbortSignal;
}

/** A race in which each address answers as the table says: after so many milliseconds, never, or with an error. */
function run(table: Record<string, number | "never" | Error>, signal?: AbortSignal) {
  const tries: Try[] = [];
  const discarded: string[] = [];
  const startedMs = performance.now();
  const result = race(
    Object.keys(table),
    async (address, inner) => {
      tries.push({ address, atMs: performance.now() - startedMs, signal: inner });
      const what = table[address] as number | "never" | Error;
      if (what instanceof Error) throw what;
      if (what === "never") await new Promise(() => {});
      else await sleep(what);
      return address;
    },
    (late) => discarded.push(late),
    { signal, what: "cannot connect to h" },
  );
  return { result, tries, discarded };
}

describe("the addresses of a name", () => {
  it("take turns by family, beginning with that of the first", () => {
    expect(interleave(["::1", "::2", "::3", "1"])).toEqual(["::1", "1", "::2", "::3"]);
    expect(interleave(["1", "2", "::1"])).toEqual(["1", "::1", "2"]);
    expect(interleave([])).toEqual([]);
    expect(interleave([...Array(50).fill("::1"), ...Array(50).fill("1")])).toHaveLength(16);
  });

  it("are tried 250 ms apart, the first that answers wins, and one that is late is discarded", async () => {
    const { result, tries, discarded } = run({ a: "never", b: 600, c: 20 });
    expect(await result).toBe("c");
    expect(tries.map(({ address }) => address)).toEqual(["a", "b", "c"]);
    expect(tries[1]?.atMs).toBeGreaterThan(240);
    expect(tries[2]?.atMs).toBeGreaterThan(490);
    expect(tries[0]?.signal.aborted).toBe(true);
    await sleep(400);
    expect(discarded).toEqual(["b"]);
  });

  it("are tried at once where one fails; when all do, every reason is told", async () => {
    const { result, tries } = run({ a: new Error("refused"), b: 5 });
    expect(await result).toBe("b");
    expect(tries[1]?.atMs).toBeLessThan(240);
    const noRoute = Object.assign(new Error("no route"), { code: "EHOSTUNREACH" });
    const error = await run({ a: noRoute, b: new Error("refused") }).result.catch((caught) => caught);
    expect(error).toMatchObject({ code: "EHOSTUNREACH", message: "cannot connect to h: a: no route; b: refused" });
  });

  it("are given up with the signal", async () => {
    const controller = new AbortController();
    const { result, tries } = run({ a: "never", b: 1 }, controller.signal);
    controller.abort(new Error("enough"));
    await expect(result).rejects.toThrow("enough");
    await sleep(300);
    expect(tries).toHaveLength(1);
    const already = run({ a: 1 }, controller.signal);
    await expect(already.result).rejects.toThrow("enough");
    expect(already.tries).toHaveLength(0);
  });
});
