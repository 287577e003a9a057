import { afterEach, describe, expect, it, vi } from "vitest";
import type { KerberosError } from "../../../src/errors.ts";
import { RemctlPool } from "../../../src/remctl/index.ts";
import { Farm, type FarmConnection, type FarmOptions } from "../../support/pool-harness.ts";
import { failureOf, settle } from "../../support/remctl-harness.ts";

const farmOf = (options: FarmOptions = {}): Farm => new Farm(options);

/** Time goes on only as the test says: what is idle for seconds is never so because the machine was busy. */
const stopClocks = (): void => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"] });
};
afterEach(() => {
  vi.useRealTimers();
});

const about = (error: KerberosError) => [error.code, error.commandState];

describe("RemctlPool", () => {
  describe("warm sessions", () => {
    it("a session serves one command after another", async () => {
      const farm = farmOf();
      await using pool = new RemctlPool(farm.connect);
      for (const word of ["a", "b", "c"]) expect((await pool.run("one", ["echo", word])).text()).toBe(`echo ${word}`);
      expect([farm.connects, farm.connections[0]?.commands]).toEqual([1, ["a", "b", "c"]]);
      expect(pool.counts).toEqual({ sessions: 1, idle: 1, opening: 0, waiting: 0 });
    });

    it("PO1: sessions are apart by host, port, service and principal", async () => {
      const farm = farmOf();
      await using pool = new RemctlPool(farm.connect);
      const targets = [
        "one",
        { host: "two" },
        { host: "one", port: 1 },
        { host: "one", service: "host/one@A" },
        { host: "one", service: "host/one@a" },
        { host: "one", principal: "alice@A" },
        { host: "one", principal: "bob@A" },
        { host: "one", service: 'host/one@A","alice@A"]' },
        { host: "one", service: "host/one@A,alice@A" },
        { host: "one", service: "host/one@A", principal: "alice@A" },
      ];
      for (const target of targets) await pool.run(target, ["echo", "x"]);
      expect(farm.connects).toBe(targets.length);
      for (const target of targets) await pool.run(target, ["echo", "x"]);
      await pool.run("ONE", ["echo", "x"]);
      expect(farm.connects).toBe(targets.length);
    });

    it("an exit status and a refusal leave it warm; a violation does not", async () => {
      const farm = farmOf({
        onCommand: async ({ server }, [name]) => {
          if (name === "refused") return server.error(6, "Access denied");
          if (name === "wrong") return server.message(2, 9);
          return server.status(7);
        },
      });
      await using pool = new RemctlPool(farm.connect);
      expect((await pool.run("one", ["seven"])).status).toBe(7);
      expect(about(await failureOf(pool.run("one", ["refused"])))).toEqual(["REMCTL_ACCESS_DENIED", "completed"]);
      expect(farm.connects).toBe(1);
      expect(about(await failureOf(pool.run("one", ["wrong"])))).toEqual(["REMCTL_PROTOCOL", "maybe-executed"]);
      expect(pool.counts.sessions).toBe(0);
      expect((await pool.run("one", ["seven"])).status).toBe(7);
      expect(farm.connects).toBe(2);
    });

    it("the one used last is used next, so that the others grow old", async () => {
      const farm = farmOf();
      await using pool = new RemctlPool(farm.connect);
      const both = [pool.run("one", ["hold", "a"]), pool.run("one", ["hold", "b"])];
      await settle();
      farm.release("a");
      await both[0];
      farm.release("b");
      await both[1];
      for (let index = 0; index < 3; index++) await pool.run("one", ["echo", "x"]);
      expect(farm.connections.map(({ commands }) => commands.length)).toEqual([1, 4]);
    });

    it("a mistake of the caller's costs no session", async () => {
      const farm = farmOf();
      await using pool = new RemctlPool(farm.connect);
      await pool.run("one", ["echo", "x"]);
      await expect(pool.run("one", [1 as never])).rejects.toThrow(TypeError);
      await expect(pool.run({ host: "one", port: 70_000 }, ["x"])).rejects.toThrow(RangeError);
      await expect(pool.run("", ["x"])).rejects.toThrow(TypeError);
      await expect(pool.run("one", ["x"], { waitTimeoutMs: 0 })).rejects.toThrow(RangeError);
      expect(pool.counts).toEqual({ sessions: 1, idle: 1, opening: 0, waiting: 0 });
      for (const options of [
        { maxSessions: 0 },
        { maxSessionsPerHost: 1.5 },
        { idleCloseMs: -1 },
        { maxWaiting: -1 },
      ]) {
        expect(() => new RemctlPool(farm.connect, options)).toThrow(RangeError);
      }
      expect(() => new RemctlPool(undefined as never)).toThrow(TypeError);
    });

    it("an aborted command ends its session, and no other", async () => {
      const farm = farmOf();
      await using pool = new RemctlPool(farm.connect);
      const abort = new AbortController();
      const held = failureOf<KerberosError>(pool.run("one", ["hold", "a"], { signal: abort.signal }));
      const other = pool.run("one", ["hold", "b"]);
      await settle();
      abort.abort();
      expect(about(await held)).toEqual(["ABORTED", "maybe-executed"]);
      farm.release("b");
      expect((await other).status).toBe(0);
      expect(pool.counts.sessions).toBe(1);
    });

    it("PO2: the signal of the call that opened a session is nothing to the calls after it", async () => {
      stopClocks();
      const farm = farmOf();
      await using pool = new RemctlPool(farm.connect);
      const abort = new AbortController();
      await pool.run("one", ["echo", "x"], { signal: abort.signal, totalTimeoutMs: 20_000 });
      abort.abort();
      await vi.advanceTimersByTimeAsync(30_000);
      expect([(await pool.run("one", ["echo", "y"])).text(), farm.connects]).toEqual(["echo y", 1]);
    });
  });

  describe("before a warm session is used again", () => {
    it("PO3: one that has been idle for long is asked for a sign of life, one that has not is not", async () => {
      stopClocks();
      const farm = farmOf();
      await using pool = new RemctlPool(farm.connect, { noopAfterMs: 20_000 });
      await pool.run("one", ["echo", "1"]);
      await pool.run("one", ["echo", "2"]);
      expect(farm.connections[0]?.noops).toBe(0);
      await vi.advanceTimersByTimeAsync(30_000);
      await pool.run("one", ["echo", "3"]);
      expect([farm.connects, farm.connections[0]?.noops]).toEqual([1, 1]);
    });

    const wrongNoops: Record<string, NonNullable<FarmOptions["onNoop"]>> = {
      "no answer": () => {},
      "a close": ({ server }) => server.close(),
      "a reset": ({ server }) => server.reset(),
      "a status": ({ server }) => server.status(0),
      "an output": ({ server }) => server.output(1, "stale"),
      "an error": ({ server }) => server.error(3, "Unknown message"),
      "VERSION of a server without NOOP": ({ server }) => server.message(2, 6, 2),
      "two answers": async ({ server }) => {
        await server.raw(server.sealed(3, 7), server.sealed(3, 7));
      },
      "an answer and the answer to a command": async ({ server }) => {
        await server.raw(server.sealed(3, 7), server.sealed(2, 4, 0));
      },
    };
    it.each(Object.entries(wrongNoops))(
      "PO4: %s to NOOP: another session is opened, and the command runs once",
      async (_, onNoop) => {
        const farm = farmOf({ onNoop });
        await using pool = new RemctlPool(farm.connect, { noopAfterMs: 0, noopTimeoutMs: 30 });
        await pool.run("one", ["echo", "1"]);
        expect((await pool.run("one", ["echo", "2"])).text()).toBe("echo 2");
        expect(farm.connections.map(({ commands }) => commands)).toEqual([["1"], ["2"]]);
        expect(pool.counts.sessions).toBe(1);
      },
    );

    const unfit: Record<string, (connection: FarmConnection) => unknown> = {
      "has been closed": ({ server }) => server.close(),
      "has been reset": ({ server }) => server.reset(),
      "has sent a status that nobody asked for": ({ server }) => server.status(0),
      "has sent one octet": ({ server }) => server.raw(0x44),
      "has sent octets that are no message": ({ server }) => server.raw(new Uint8Array(100)),
    };
    it.each(Object.entries(unfit))("PO5: one whose server %s is replaced before anything is sent", async (_, spoil) => {
      const farm = farmOf();
      await using pool = new RemctlPool(farm.connect);
      await pool.run("one", ["echo", "1"]);
      await spoil(farm.connections[0] as FarmConnection);
      await settle();
      expect((await pool.run("one", ["echo", "2"])).text()).toBe("echo 2");
      expect(farm.connections.map(({ commands }) => commands)).toEqual([["1"], ["2"]]);
    });

    it("PO5: one that is found dead only when the command is to be sent is replaced too", async () => {
      const farm = farmOf();
      let isLying = false;
      await using pool = new RemctlPool(async (target, options) => {
        const session = await farm.connect(target, options);
        const { isOpen } = Object.getOwnPropertyDescriptors(Object.getPrototypeOf(session));
        const run = session.run.bind(session);
        return Object.defineProperties(session, {
          isOpen: { get: () => isLying || isOpen?.get?.call(session) },
          run: {
            value: (...args: Parameters<typeof run>) => {
              isLying = false;
              return run(...args);
            },
          },
        });
      });
      await pool.run("one", ["echo", "1"]);
      await farm.connections[0]?.server.close();
      await settle();
      isLying = true;
      expect((await pool.run("one", ["echo", "2"])).text()).toBe("echo 2");
      expect(farm.connections.map(({ commands }) => commands)).toEqual([["1"], ["2"]]);
    });

    it("what arrives in the same moment as the command is found before it is sent", async () => {
      const farm = farmOf();
      await using pool = new RemctlPool(farm.connect);
      await pool.run("one", ["echo", "1"]);
      void farm.connections[0]?.server.status(99);
      expect((await pool.run("one", ["echo", "2"])).text()).toBe("echo 2");
      expect(farm.connections.map(({ commands }) => commands)).toEqual([["1"], ["2"]]);
    });

    it("PO6: a ticket that is about to end retires its session; a command that runs is left alone", async () => {
      let now = 1_000_000;
      const farm = farmOf({ expires: () => new Date(now + 10_000) });
      await using pool = new RemctlPool(farm.connect, { expiryMarginMs: 2_000, now: () => now });
      await pool.run("one", ["echo", "1"]);
      now += 7_999;
      const held = pool.run("one", ["hold", "2"]);
      await settle();
      now += 1;
      farm.release("2");
      expect((await held).status).toBe(0);
      expect([farm.connects, pool.counts.idle]).toEqual([1, 0]);
      await pool.run("one", ["echo", "3"]);
      now += 8_000;
      await pool.run("one", ["echo", "4"]);
      expect(farm.connections.map(({ commands, hasQuit }) => [commands, hasQuit])).toEqual([
        [["1", "2"], true],
        [["3"], true],
        [["4"], false],
      ]);
    });

    it("a ticket that ends at once still serves the command that it was fetched for", async () => {
      const farm = farmOf({ expires: () => new Date(Date.now() + 1_000) });
      await using pool = new RemctlPool(farm.connect);
      for (const word of ["1", "2"]) expect((await pool.run("one", ["echo", word])).text()).toBe(`echo ${word}`);
      expect([farm.connects, pool.counts.idle]).toEqual([2, 0]);
    });
  });

  describe("nothing is sent twice", () => {
    it("PO7: a warm session that dies when the command was sent: the error says so, and nothing is tried again", async () => {
      for (const ending of ["close", "reset"] as const) {
        let isLethal = false;
        const farm = farmOf({
          onCommand: async ({ server }) => (isLethal ? void server[ending]() : server.status(0)),
        });
        await using pool = new RemctlPool(farm.connect);
        await pool.run("one", ["echo", "1"]);
        isLethal = true;
        const error = await failureOf<KerberosError>(pool.run("one", ["echo", "2"]));
        expect(about(error)).toEqual(["CONNECTION_CLOSED", "maybe-executed"]);
        expect(farm.connections.map(({ commands }) => commands)).toEqual([["1", "2"]]);
      }
    });

    it("a write that fails on a warm session is not a session that was found dead", async () => {
      const farm = farmOf();
      await using pool = new RemctlPool(farm.connect);
      await pool.run("one", ["echo", "1"]);
      farm.connections[0]?.client.failWrites();
      expect(about(await failureOf(pool.run("one", ["echo", "2"])))).toEqual(["CONNECTION_CLOSED", "maybe-executed"]);
      expect(farm.connects).toBe(1);
    });

    it("what connecting throws is thrown, once, and the room is free again", async () => {
      const farm = farmOf({
        onConnect: (number) => {
          if (number === 0) throw new TypeError("not today");
        },
      });
      await using pool = new RemctlPool(farm.connect, { maxSessions: 1 });
      await expect(pool.run("one", ["echo", "1"])).rejects.toThrow("not today");
      expect(pool.counts).toEqual({ sessions: 0, idle: 0, opening: 0, waiting: 0 });
      expect((await pool.run("one", ["echo", "2"])).status).toBe(0);
    });
  });

  describe("limits", () => {
    const burst = async (pool: RemctlPool, farm: Farm, hosts: readonly string[]) => {
      let most = 0;
      const runs = hosts.map(async (host, index) => {
        const result = await pool.run(host, ["echo", `${index}`]);
        expect(result.text()).toBe(`echo ${index}`);
        most = Math.max(most, farm.open, pool.counts.sessions);
      });
      most = Math.max(most, pool.counts.sessions);
      await Promise.all(runs);
      return most;
    };

    it("PO8: no more sessions for a host than maxSessionsPerHost; the others wait", async () => {
      const farm = farmOf();
      await using pool = new RemctlPool(farm.connect, { maxSessionsPerHost: 3 });
      expect(await burst(pool, farm, Array(30).fill("one"))).toBe(3);
      expect(farm.connects).toBe(3);
    });

    it("PO9: no more sessions in all than maxSessions, and none is idle while another host waits", async () => {
      const farm = farmOf();
      await using pool = new RemctlPool(farm.connect, { maxSessions: 4 });
      const hosts = Array.from({ length: 60 }, (_, index) => `host${index % 12}`);
      expect(await burst(pool, farm, hosts)).toBeLessThanOrEqual(4);
      expect(pool.counts.sessions).toBeLessThanOrEqual(4);
    });

    it("an idle session of another host gives its room, and is closed before it does", async () => {
      const farm = farmOf();
      await using pool = new RemctlPool(farm.connect, { maxSessions: 1 });
      await pool.run("one", ["echo", "1"]);
      await pool.run("two", ["echo", "2"]);
      expect(farm.connections.map(({ hasQuit }) => hasQuit)).toEqual([true, false]);
      expect(farm.open).toBe(1);
    });

    it("PO10: no more are opened at once than maxOpening", async () => {
      let opening = 0;
      let most = 0;
      const farm = farmOf({
        onConnect: async () => {
          most = Math.max(most, ++opening);
          await settle(3);
          opening--;
        },
      });
      await using pool = new RemctlPool(farm.connect, { maxOpening: 2 });
      await burst(pool, farm, ["a", "b", "c", "d", "e", "f"]);
      expect([most, farm.connects]).toEqual([2, 6]);
    });

    it("who waits gets the next free session, in order", async () => {
      const farm = farmOf();
      await using pool = new RemctlPool(farm.connect, { maxSessionsPerHost: 1 });
      const order: string[] = [];
      const words = ["1", "2", "3", "4"];
      await Promise.all(words.map((word) => pool.run("one", ["echo", word]).then(() => order.push(word))));
      expect([order, farm.connections[0]?.commands]).toEqual([words, words]);
    });

    it("a host with many calls does not keep the others out", async () => {
      const farm = farmOf({
        onCommand: async ({ server }) => {
          await settle(10);
          await server.status(0);
        },
      });
      await using pool = new RemctlPool(farm.connect, { maxSessions: 1 });
      let left = 60;
      const busy = Array.from({ length: 3 }, async () => {
        while (left-- > 0) await pool.run("busy", ["x"]);
      });
      await settle(20);
      const before = left;
      await pool.run("quiet", ["x"]);
      // A share of 100 ms is some ten commands: it does not wait for all 60.
      expect(before - left).toBeLessThan(30);
      expect(left).toBeGreaterThan(0);
      left = 0;
      await Promise.all(busy);
    });

    it("PO11: a call waits no longer than it may, and nothing of it was sent", async () => {
      const farm = farmOf();
      await using pool = new RemctlPool(farm.connect, { maxSessionsPerHost: 1, waitTimeoutMs: 30 });
      const held = pool.run("one", ["hold", "a"]);
      await settle();
      const late = failureOf<KerberosError>(pool.run("one", ["echo", "late"]));
      const total = failureOf<KerberosError>(
        pool.run("one", ["echo", "late"], { waitTimeoutMs: 9_000, totalTimeoutMs: 20 }),
      );
      const abort = new AbortController();
      const aborted = failureOf<KerberosError>(pool.run("one", ["echo", "late"], { signal: abort.signal }));
      abort.abort();
      expect(about(await aborted)).toEqual(["ABORTED", "not-sent"]);
      expect(about(await late)).toEqual(["TIMEOUT", "not-sent"]);
      expect((await late).message).toContain("waiting for a session with one");
      expect((await late).message).toMatch(/ within \d+ ms /);
      expect(about(await total)).toEqual(["TIMEOUT", "not-sent"]);
      expect(pool.counts.waiting).toBe(0);
      farm.release("a");
      await held;
      expect(farm.connections[0]?.commands).toEqual(["a"]);
    });

    it("PO12: no more calls wait than maxWaiting", async () => {
      const farm = farmOf();
      await using pool = new RemctlPool(farm.connect, { maxSessionsPerHost: 1, maxWaiting: 1 });
      const held = pool.run("one", ["hold", "a"]);
      await settle();
      const waiting = pool.run("one", ["echo", "b"]);
      expect(about(await failureOf(pool.run("one", ["echo", "c"])))).toEqual(["REMCTL_POOL_FULL", "not-sent"]);
      farm.release("a");
      await Promise.all([held, waiting]);
      expect(farm.connections[0]?.commands).toEqual(["a", "b"]);
    });

    it("a call that is given up while its session opens leaves nothing open", async () => {
      let connecting = (): void => {};
      const farm = farmOf({
        onConnect: () =>
          new Promise<void>((resolve) => {
            connecting = resolve;
          }),
      });
      await using pool = new RemctlPool(farm.connect);
      const error = await failureOf<KerberosError>(pool.run("one", ["echo", "x"], { totalTimeoutMs: 20 }));
      expect(about(error)).toEqual(["TIMEOUT", "not-sent"]);
      connecting();
      await settle();
      expect([pool.counts.sessions, farm.open]).toEqual([0, 0]);
    });
  });

  describe("closing", () => {
    it("PO13: what is idle for long is closed, with QUIT", async () => {
      stopClocks();
      const farm = farmOf();
      await using pool = new RemctlPool(farm.connect, { idleCloseMs: 40_000 });
      await Promise.all([pool.run("one", ["echo", "1"]), pool.run("two", ["echo", "2"])]);
      await vi.advanceTimersByTimeAsync(15_000);
      await pool.run("one", ["echo", "3"]);
      await vi.advanceTimersByTimeAsync(35_000);
      expect(farm.connections.map(({ hasQuit }) => hasQuit)).toEqual([false, true]);
      await vi.advanceTimersByTimeAsync(30_000);
      expect(farm.connections.map(({ hasQuit }) => hasQuit)).toEqual([true, true]);
      expect(pool.counts.sessions).toBe(0);
    });

    it("an idle session is closed when its ticket is about to end", async () => {
      stopClocks();
      const end = new Date(Date.now() + 50_000);
      const farm = farmOf({ expires: () => end });
      await using pool = new RemctlPool(farm.connect, { expiryMarginMs: 10_000 });
      await pool.run("one", ["echo", "1"]);
      expect(pool.counts.idle).toBe(1);
      await vi.advanceTimersByTimeAsync(60_000);
      expect([pool.counts.idle, farm.connections[0]?.hasQuit]).toEqual([0, true]);
    });

    it("PO14: close lets commands end, refuses those that wait, and leaves nothing open", async () => {
      const farm = farmOf();
      const pool = new RemctlPool(farm.connect, { maxSessionsPerHost: 1 });
      const held = pool.run("one", ["hold", "a"]);
      await pool.run("two", ["echo", "idle"]);
      const waiting = failureOf<KerberosError>(pool.run("one", ["echo", "b"]));
      let isClosed = false;
      const closed = pool.close().then(() => {
        isClosed = true;
      });
      expect(about(await waiting)).toEqual(["REMCTL_POOL_CLOSED", "not-sent"]);
      expect(about(await failureOf(pool.run("two", ["echo", "c"])))).toEqual(["REMCTL_POOL_CLOSED", "not-sent"]);
      await settle();
      expect(isClosed).toBe(false);
      farm.release("a");
      expect((await held).status).toBe(0);
      await closed;
      await settle();
      expect([farm.open, pool.counts.sessions]).toEqual([0, 0]);
      await pool.close();
    });

    it("close ends what is being opened: nothing of it was sent", async () => {
      const farm = farmOf({ onConnect: () => new Promise<void>(() => {}) });
      const pool = new RemctlPool(farm.connect);
      const opening = failureOf<KerberosError>(pool.run("one", ["echo", "a"]));
      await settle();
      await pool.close();
      expect(about(await opening)).toEqual(["REMCTL_POOL_CLOSED", "not-sent"]);
    });

    it("close cuts off what runs longer than its grace", async () => {
      const farm = farmOf();
      const pool = new RemctlPool(farm.connect);
      const held = failureOf<KerberosError>(pool.run("one", ["hold", "a"]));
      await settle();
      const patient = pool.close();
      await pool.close({ graceMs: 20 });
      await patient;
      expect(about(await held)).toEqual(["REMCTL_SESSION_CLOSED", "maybe-executed"]);
      expect([pool.counts.sessions, farm.connections[0]?.client.isAborted]).toEqual([0, true]);
    });

    it("no timer is left", async () => {
      const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
      const before = timers();
      const farm = farmOf();
      const pool = new RemctlPool(farm.connect, { maxSessionsPerHost: 1 });
      await Promise.all(["1", "2", "3"].map((word) => pool.run("one", ["echo", word])));
      await pool.close({ graceMs: 5_000 });
      expect(timers()).toBe(before);
    });
  });

  describe("stream and withSession", () => {
    it("a stream gives its output as it comes, and its session back at its end", async () => {
      const farm = farmOf({
        onCommand: async ({ server }) => {
          await server.output(1, "a");
          await settle(10);
          await server.output(2, "b");
          await server.status(3);
        },
      });
      await using pool = new RemctlPool(farm.connect, { maxSessionsPerHost: 1 });
      const run = await pool.stream("one", ["x"]);
      const chunks: string[] = [];
      for await (const { stream, data } of run) {
        if (chunks.length === 0) expect(pool.counts.idle).toBe(0);
        chunks.push(`${stream}:${new TextDecoder().decode(data)}`);
      }
      expect([chunks, await run.status]).toEqual([["stdout:a", "stderr:b"], 3]);
      expect(pool.counts.idle).toBe(1);
      const again = await pool.stream("one", ["x"]);
      again.discard();
      expect([await again.status, farm.connects]).toEqual([3, 1]);
    });

    it("a stream on a session found dead gets another", async () => {
      const farm = farmOf();
      await using pool = new RemctlPool(farm.connect);
      await pool.run("one", ["echo", "1"]);
      await farm.connections[0]?.server.close();
      await settle();
      const run = await pool.stream("one", ["echo", "2"]);
      run.discard();
      expect([await run.status, farm.connects]).toEqual([0, 2]);
    });

    it("withSession lends one session for several commands", async () => {
      const farm = farmOf();
      await using pool = new RemctlPool(farm.connect, { maxSessionsPerHost: 1 });
      const words = await pool.withSession("one", async (session) => {
        const first = await session.run(["echo", "1"]);
        await session.noop();
        return [first.text(), (await session.run(["echo", "2"])).text()];
      });
      expect([words, farm.connects, pool.counts.idle]).toEqual([["echo 1", "echo 2"], 1, 1]);
      await expect(
        pool.withSession("one", () => {
          throw new Error("mine");
        }),
      ).rejects.toThrow("mine");
      expect(pool.counts.idle).toBe(1);
    });

    it("PO15: a session that is given back while a command runs is closed, not given to others", async () => {
      const farm = farmOf();
      await using pool = new RemctlPool(farm.connect);
      let forgotten: Promise<KerberosError> | undefined;
      await pool.withSession("one", (session) => {
        forgotten = failureOf(session.run(["hold", "a"]));
      });
      expect(about((await forgotten) as KerberosError)).toEqual(["REMCTL_SESSION_CLOSED", "maybe-executed"]);
      await pool.run("one", ["echo", "b"]);
      expect(farm.connects).toBe(2);
    });
  });
});
