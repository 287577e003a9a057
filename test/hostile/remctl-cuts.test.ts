// The connection ends at every octet of a short session, each way it can: closed, reset, stalled, dribbled. Every cut ends
// in a typed error, in time, and with the state of its command.

import { describe, expect, it } from "vitest";
import { concat } from "../../src/bytes/index.ts";
import type { Connection } from "../../src/host/index.ts";
import { openSession } from "../../src/remctl/index.ts";
import { FakeRemctlServer, outputMessage } from "../support/fake-remctl-server.ts";
import { createConnectionPair } from "../support/memory-connection.ts";
import { CONTEXT_KINDS, type ContextChoices, createContexts, text } from "../support/remctl-harness.ts";

type Cut = "closed" | "reset" | "stalled";

interface Outcome {
  readonly stage: "opening" | "first" | "second" | "noop" | "done";
  readonly error?: Error & { code?: string; commandState?: string; stdout?: Uint8Array };
  readonly milliseconds: number;
}

/** A server for one session: two commands with output, a NOOP. */
async function serve(connection: Connection, acceptor: FakeRemctlServer["context"]): Promise<void> {
  const server = new FakeRemctlServer(connection, acceptor);
  await server.accept();
  await server.readCommand();
  await server.raw(server.sealed(...outputMessage(1, "one")), server.sealed(2, 4, 1));
  await server.readCommand();
  await server.raw(server.sealed(...outputMessage(1, "two")), server.sealed(2, 4, 2));
  await server.readMessage();
  await server.message(3, 7);
  await server.readMessage();
  await server.close();
}

/** Passes `limit` octets from the server to the client, then cuts. */
function cutAfter(real: Connection, limit: number, cut: Cut, isDribbled: boolean): Connection {
  let left = limit;
  let pending: Uint8Array = new Uint8Array(0);
  const never = new Promise<never>(() => {});
  return {
    async read() {
      if (pending.length === 0) {
        if (left === 0) {
          if (cut === "reset") throw Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
          return cut === "closed" ? undefined : await never;
        }
        const octets = await real.read();
        if (octets === undefined) return undefined;
        pending = octets.subarray(0, left);
        left -= pending.length;
      }
      const chunk = isDribbled ? pending.subarray(0, 1) : pending;
      pending = pending.subarray(chunk.length);
      return chunk;
    },
    write: (octets) => real.write(octets),
    close: () => real.close(),
    abort: () => real.abort(),
  };
}

async function attempt(
  limit: number,
  cut: Cut,
  choices: ContextChoices,
  isDribbled = false,
): Promise<Outcome & { readonly received: number }> {
  const pair = createConnectionPair();
  const { initiator, acceptor } = createContexts(choices);
  serve(pair.server, acceptor).catch(() => {});
  const started = performance.now();
  let stage: Outcome["stage"] = "opening";
  let error: Outcome["error"];
  try {
    const session = await openSession(cutAfter(pair.client, limit, cut, isDribbled), initiator, { idleTimeoutMs: 40 });
    stage = "first";
    expect((await session.run(["a"])).text()).toBe("one");
    stage = "second";
    expect((await session.run(["b"])).text()).toBe("two");
    stage = "noop";
    await session.noop();
    stage = "done";
    await session.close();
  } catch (caught) {
    error = caught as NonNullable<Outcome["error"]>;
  }
  const received = pair.server.writtenBytes;
  return { stage, ...(error === undefined ? {} : { error }), milliseconds: performance.now() - started, received };
}

for (const kind of CONTEXT_KINDS) {
  describe(`a connection cut at every octet that the server sends (${kind})`, () => {
    const choices: ContextChoices = { kind };

    for (const cut of ["closed", "reset", "stalled"] as const) {
      it(cut, async () => {
        const { received: total } = await attempt(Number.POSITIVE_INFINITY, cut, choices);
        const stages = new Set<string>();
        // A stall costs its timeout: many at once, but not so many that each waits for the others longer than for its peer.
        const outcomes: Outcome[] = [];
        for (let first = 0; first < total; first += 64) {
          const limits = Array.from({ length: Math.min(64, total - first) }, (_, index) => first + index);
          outcomes.push(...(await Promise.all(limits.map((limit) => attempt(limit, cut, choices)))));
        }
        for (const [limit, { stage, error, milliseconds }] of outcomes.entries()) {
          const place = `${cut} after ${limit} of ${total} octets: ${stage}, ${error?.message}`;
          stages.add(stage);
          expect(error, place).toBeDefined();
          expect(milliseconds, place).toBeLessThan(3_000);
          // An idle session that the server leaves is found closed by its next call.
          const isBetween = error?.code === "REMCTL_SESSION_CLOSED";
          if (!isBetween) expect(error?.code, place).toBe(cut === "stalled" ? "TIMEOUT" : "CONNECTION_CLOSED");
          const isRunning = (stage === "first" || stage === "second") && !isBetween;
          expect(error?.commandState, place).toBe(isRunning ? "maybe-executed" : "not-sent");
          if (isRunning) expect(["", stage === "first" ? "one" : "two"], place).toContain(text(error?.stdout));
        }
        expect([...stages]).toEqual(["opening", "first", "second", "noop"]);
      }, 60_000);
    }

    it("dribbled, an octet at a time, it is a session like any other", async () => {
      const { stage, error } = await attempt(Number.POSITIVE_INFINITY, "closed", choices, true);
      expect([stage, error]).toEqual(["done", undefined]);
    });
  });

  describe(`a connection that takes a part of what the client sends (${kind})`, () => {
    const choices: ContextChoices = { kind };
    const long = new Uint8Array(150_000);

    /** Takes `limit` octets, then fails, stalls, or closes its reading side too. */
    async function send(limit: number, how: "fails" | "stalls" | "closes", args: (string | Uint8Array)[]) {
      const pair = createConnectionPair();
      const { initiator, acceptor } = createContexts(choices);
      const server = new FakeRemctlServer(pair.server, acceptor);
      server.accept().catch(() => {});
      let left = Number.POSITIVE_INFINITY;
      let gone = (): void => {};
      const end = new Promise<undefined>((resolve) => {
        gone = () => resolve(undefined);
      });
      const connection: Connection = {
        read: () => Promise.race([pair.client.read(), end]),
        async write(octets) {
          const taken = octets.subarray(0, Math.min(left, octets.length));
          left -= taken.length;
          await pair.client.write(taken);
          if (taken.length === octets.length) return;
          if (how === "closes") gone();
          if (how !== "fails") await new Promise(() => {});
          throw Object.assign(new Error("write EPIPE"), { code: "EPIPE" });
        },
        close: () => pair.client.close(),
        abort: () => pair.client.abort(),
      };
      const session = await openSession(connection, initiator, { idleTimeoutMs: 40 });
      left = limit;
      const started = performance.now();
      const error = await session.run(args).catch((caught) => caught);
      expect(performance.now() - started).toBeLessThan(1_500);
      expect(session.isOpen).toBe(false);
      return error as NonNullable<Outcome["error"]>;
    }

    for (const how of ["fails", "stalls", "closes"] as const) {
      it(`${how} in the only message of a command: maybe-executed`, async () => {
        for (const limit of [0, 1, 4, 5, 6, 30]) {
          const error = await send(limit, how, ["x", "0123456789"]);
          expect(["CONNECTION_CLOSED", "TIMEOUT"]).toContain(error.code);
          if (how !== "stalls") expect(error.code).toBe("CONNECTION_CLOSED");
          expect(error.commandState).toBe("maybe-executed");
        }
      });

      it(`${how} before the last message of a command: not-sent, since a part of a command is never run`, async () => {
        for (const limit of [0, 5, 40_000, 65_536 + 5, 120_000]) {
          const error = await send(limit, how, ["x", long]);
          expect(["CONNECTION_CLOSED", "TIMEOUT"]).toContain(error.code);
          expect(error.commandState, `${limit}`).toBe("not-sent");
        }
      });

      it(`${how} in the last message of a command: maybe-executed`, async () => {
        const error = await send(140_000, how, ["x", long]);
        expect(error.commandState).toBe("maybe-executed");
      });
    }

    it("a failed write does not hide the answer that explains it", async () => {
      const pair = createConnectionPair();
      const { initiator, acceptor } = createContexts(choices);
      const server = new FakeRemctlServer(pair.server, acceptor);
      const script = (async () => {
        await server.accept();
        await server.readMessage();
        await server.error(8, "Too much data");
        pair.client.failWrites();
      })();
      const session = await openSession(pair.client, initiator, { idleTimeoutMs: 1_000 });
      const error = await session.run(["x", concat(long, long)]).catch((caught) => caught);
      await script;
      expect([error.code, error.remoteCode, error.commandState]).toEqual(["REMCTL_SERVER", 8, "completed"]);
    });
  });
}

describe("nothing is left behind", () => {
  it("no timer and no socket of sessions that ended in any way", async () => {
    const before = process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    for (const cut of ["closed", "reset", "stalled"] as const) await attempt(300, cut, { kind: "fake" });
    await attempt(Number.POSITIVE_INFINITY, "closed", { kind: "fake" });
    expect(process.getActiveResourcesInfo().filter((name) => name === "Timeout").length).toBeLessThanOrEqual(before);
  });
});
