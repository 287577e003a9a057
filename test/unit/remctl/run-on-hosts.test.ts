import { describe, expect, it } from "vitest";
import { TransportError } from "../../../src/errors.ts";
import {
  type HostOutcome,
  type HostsProgress,
  type RemctlHost,
  RemctlResult,
  type RunOnHost,
  runOnHosts,
} from "../../../src/remctl/index.ts";
import { settle } from "../../support/remctl-harness.ts";

const resultOf = (text: string, status = 0): RemctlResult =>
  new RemctlResult(status, new TextEncoder().encode(text), new Uint8Array(0));

/** Answers with host and arguments; `fail*` fails, `seven*` has status 7. */
const echo: RunOnHost = async ({ host }, args) => {
  await settle(Math.random() * 3);
  if (host.startsWith("fail")) throw new TransportError("CONNECT", `no ${host}`);
  return resultOf(`${host} ${args.join(" ")}`, host.startsWith("seven") ? 7 : 0);
};

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `host${index}`);

describe("runOnHosts", () => {
  it("gives every host's outcome in the order of the hosts, and counts them", async () => {
    const hosts = ["a", "fail", { host: "seven", port: 1 }, "b"];
    const summary = await runOnHosts(echo, hosts, ["x", "y"]);
    const { succeeded, nonZero, failed, done, isAborted, outcomes, failures } = summary;
    expect({ succeeded, nonZero, failed, done, isAborted }).toEqual({
      succeeded: 2,
      nonZero: 1,
      failed: 1,
      done: 4,
      isAborted: false,
    });
    expect(outcomes.map(({ host, index, result }) => [host, index, result?.text()])).toEqual([
      ["a", 0, "a x y"],
      ["fail", 1, undefined],
      ["seven", 2, "seven x y"],
      ["b", 3, "b x y"],
    ]);
    expect(failures.map(({ host, index, error }) => [host, index, error.message])).toEqual([["fail", 1, "no fail"]]);
    expect(outcomes[2]?.target).toEqual({ host: "seven", port: 1 });
    for (const { milliseconds } of outcomes) expect(milliseconds).toBeGreaterThanOrEqual(0);
  });

  it("PH1: runs on no more hosts at once than concurrency, and on as many", async () => {
    let running = 0;
    let most = 0;
    const run: RunOnHost = async (target) => {
      most = Math.max(most, ++running);
      await settle(2);
      running--;
      return resultOf(target.host);
    };
    for (const concurrency of [1, 7, 200, Number.POSITIVE_INFINITY]) {
      most = 0;
      await runOnHosts(run, names(50), ["x"], { concurrency });
      expect(most).toBe(Math.min(concurrency, 50));
    }
  });

  it("PH2: one that fails, hangs for a while or throws what is no error stops no other", async () => {
    const run: RunOnHost = (target, args, options) => {
      if (target.host === "host1") throw "a string";
      return target.host === "host2" ? Promise.reject(undefined) : echo(target, args, options);
    };
    const { outcomes, failed, succeeded } = await runOnHosts(run, names(20), ["x"], { concurrency: 2 });
    expect([failed, succeeded]).toEqual([2, 18]);
    for (const index of [1, 2]) {
      expect(outcomes[index]?.error).toMatchObject({ code: "REMCTL_TARGET", commandState: "maybe-executed" });
    }
  });

  it("an entry that is no host fails alone, before anything is sent to it", async () => {
    const asked: string[] = [];
    const run: RunOnHost = async ({ host }) => {
      asked.push(host);
      return resultOf(host);
    };
    const hosts = ["a", "", { host: "b", port: 0 }, 7, null, {}, { host: "c" }] as RemctlHost[];
    const { outcomes } = await runOnHosts(run, hosts, ["x"]);
    expect(asked).toEqual(["a", "c"]);
    const mistakes = [undefined, TypeError, RangeError, TypeError, TypeError, TypeError, undefined];
    for (const [index, { error }] of outcomes.entries()) {
      const mistake = mistakes[index];
      if (mistake === undefined) expect(error).toBeUndefined();
      else expect(error).toMatchObject({ code: "REMCTL_TARGET", commandState: "not-sent", cause: expect.any(mistake) });
    }
  });

  it("results come as they are there, and are not kept then", async () => {
    const delays: Record<string, number> = { slow: 40, quick: 1, middle: 15 };
    const run: RunOnHost = async ({ host }) => {
      await settle(delays[host]);
      return resultOf(host);
    };
    const order: string[] = [];
    const onResult = ({ host }: HostOutcome) => order.push(host);
    const { outcomes, succeeded } = await runOnHosts(run, ["slow", "quick", "middle"], ["x"], { onResult });
    expect([order, outcomes, succeeded]).toEqual([["quick", "middle", "slow"], [], 3]);
  });

  it("a slow onResult holds new hosts back", async () => {
    let begun = 0;
    const run: RunOnHost = async ({ host }) => {
      begun++;
      return resultOf(host);
    };
    let free = (): void => {};
    const onResult = () =>
      new Promise<void>((resolve) => {
        free = resolve;
      });
    const running = runOnHosts(run, names(10), ["x"], { concurrency: 1, onResult });
    await settle(20);
    expect(begun).toBe(1);
    const timer = setInterval(() => free(), 1);
    expect((await running).succeeded).toBe(10);
    clearInterval(timer);
  });

  it("progress adds up", async () => {
    const seen: HostsProgress[] = [];
    const hosts = ["fail1", "seven1", ...names(8)];
    await runOnHosts(echo, hosts, ["x"], { concurrency: 3, onProgress: (progress) => seen.push(progress) });
    expect(seen.length).toBe(20);
    for (const { total, running, done, succeeded, nonZero, failed } of seen) {
      expect([total, succeeded + nonZero + failed]).toEqual([10, done]);
      expect(running).toBeLessThanOrEqual(3);
      expect(done + running).toBeLessThanOrEqual(10);
    }
    expect(seen.at(-1)).toEqual({ total: 10, running: 0, done: 10, succeeded: 8, nonZero: 1, failed: 1 });
  });

  it("a command may be made for each host", async () => {
    const { outcomes } = await runOnHosts(echo, ["a", "b"], ({ host }) => ["for", host]);
    expect(outcomes.map(({ result }) => result?.text())).toEqual(["a for a", "b for b"]);
    const broken = await runOnHosts(echo, ["a", "b"], ({ host }) => {
      if (host === "a") throw new TypeError("mine");
      return [host];
    });
    expect([broken.failed, broken.succeeded]).toEqual([1, 1]);
  });

  it("takes sets, generators and async iterators, the last with no question before the answer to the one before", async () => {
    const asSet = await runOnHosts(echo, new Set(["a", "b"]), ["x"]);
    expect(asSet.succeeded).toBe(2);
    const generated = await runOnHosts(
      echo,
      (function* () {
        yield* names(40);
      })(),
      ["x"],
      { concurrency: 5 },
    );
    expect(generated.outcomes.map(({ host }) => host)).toEqual(names(40));
    let asked = 0;
    let given = 0;
    const totals = new Set<number | undefined>();
    const slow: AsyncIterable<string> = {
      [Symbol.asyncIterator]: () => ({
        async next() {
          expect(asked).toBe(given);
          asked++;
          await settle(1);
          given++;
          return given > 20 ? { done: true, value: undefined } : { done: false, value: `h${given}` };
        },
      }),
    };
    const { succeeded } = await runOnHosts(echo, slow, ["x"], { onProgress: ({ total }) => totals.add(total) });
    expect([succeeded, asked, [...totals]]).toEqual([20, 21, [undefined]]);
  });

  it("hosts that end with an error: what runs ends, then the error is thrown", async () => {
    let ended = 0;
    const run: RunOnHost = async ({ host }) => {
      await settle(10);
      ended++;
      return resultOf(host);
    };
    const source = (async function* () {
      yield "a";
      yield "b";
      throw new Error("the list broke");
    })();
    await expect(runOnHosts(run, source, ["x"], { concurrency: 5 })).rejects.toThrow("the list broke");
    expect(ended).toBe(2);
  });

  it("a signal ends what runs, and every host still has one outcome", async () => {
    const abort = new AbortController();
    const run: RunOnHost = ({ host }, _, { signal }) =>
      new Promise((resolve, reject) => {
        if (host === "host0") setTimeout(() => resolve(resultOf(host)), 5);
        signal?.addEventListener("abort", () => reject(new TransportError("ABORTED", "aborted here")), { once: true });
      });
    setTimeout(() => abort.abort(), 30);
    const outcomes: HostOutcome[] = [];
    const summary = await runOnHosts(run, names(10), ["x"], {
      concurrency: 3,
      signal: abort.signal,
      onResult: (outcome) => outcomes.push(outcome),
    });
    expect([summary.isAborted, summary.succeeded, summary.failed]).toEqual([true, 1, 9]);
    expect(outcomes.map(({ index }) => index).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const notBegun = outcomes.filter(({ index }) => index > 3);
    expect(notBegun.map(({ error }) => error)).toEqual(
      notBegun.map(() => expect.objectContaining({ code: "ABORTED", commandState: "not-sent" })),
    );
  });

  it("a signal ends the wait for hosts that never come", async () => {
    let isReturned = false;
    const never: AsyncIterable<string> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return: async () => {
          isReturned = true;
          return { done: true, value: undefined };
        },
      }),
    };
    const summary = await runOnHosts(echo, never, ["x"], { signal: AbortSignal.timeout(20) });
    expect([summary.isAborted, summary.done, isReturned]).toEqual([true, 0, true]);
    const before = await runOnHosts(echo, names(3), ["x"], { signal: AbortSignal.abort() });
    expect([before.isAborted, before.failed]).toEqual([true, 3]);
  });

  it("what onResult throws ends the run: no host is begun after it, what runs is not cut off", async () => {
    let begun = 0;
    let ended = 0;
    const run: RunOnHost = async ({ host }) => {
      begun++;
      await settle(host === "host0" ? 1 : 20);
      ended++;
      return resultOf(host);
    };
    const seen: string[] = [];
    const onResult = ({ host }: HostOutcome) => {
      seen.push(host);
      throw new Error(`the disk is full at ${host}`);
    };
    const running = runOnHosts(run, names(100), ["x"], { concurrency: 4, onResult });
    await expect(running).rejects.toThrow("the disk is full at host0");
    expect([begun, ended, seen.length]).toEqual([4, 4, 4]);
    const onProgress = () => {
      throw new Error("no progress");
    };
    await expect(runOnHosts(echo, names(5), ["x"], { onProgress })).rejects.toThrow("no progress");
  });

  it("a caller's mistake is thrown before anything is sent", async () => {
    let begun = 0;
    const run: RunOnHost = async ({ host }) => {
      begun++;
      return resultOf(host);
    };
    for (const command of ["ls", [1], ["\ud800"]]) {
      await expect(runOnHosts(run, ["a"], command as never)).rejects.toThrow(TypeError);
    }
    for (const hosts of ["a", 7, undefined, {}]) {
      await expect(runOnHosts(run, hosts as never, ["x"])).rejects.toThrow(TypeError);
    }
    await expect(runOnHosts(run, ["a"], Array(5000).fill("x"))).rejects.toThrow(RangeError);
    for (const concurrency of [0, 1.5, -1]) {
      await expect(runOnHosts(run, ["a"], ["x"], { concurrency })).rejects.toThrow(RangeError);
    }
    await expect(runOnHosts(run, ["a"], ["x"], { onResult: 1 as never })).rejects.toThrow(TypeError);
    expect(begun).toBe(0);
  });
});
